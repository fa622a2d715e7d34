"""Problem details (RFC 9457): a refusal as the API answers it, with the code and sentence that it has everywhere."""

from http import HTTPStatus
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse
from django.utils import translation

from api.wire import refusals
from members.refusals import InvalidValue, NotEligible, Protected, Refusal, Taken, TryLater
from operations import context

CONTENT_TYPE = "application/problem+json"
# Names, not addresses: RFC 9457 §3.1.1 takes any URI, and this one promises no page.
TYPE = "tag:nulab.com,2026:problem/"
_STATUS: dict[type[Refusal], int] = {InvalidValue: 400, Taken: 409, Protected: 409, NotEligible: 409}


def status_of(refusal: Refusal) -> int:
    if isinstance(refusal, refusals.ApiRefusal | TryLater):
        return refusal.status
    return next((status for kind, status in _STATUS.items() if isinstance(refusal, kind)), 409)


def problem(refusal: Refusal) -> dict[str, Any]:
    """The document, in the language of this thread. `field` names what in the request is meant, if it is one thing."""
    status = status_of(refusal)
    document = {
        "type": TYPE + refusal.code,
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": str(refusal),
        "code": refusal.code,
        "request_id": context.request_id(),
    }
    return document | ({"field": field} if (field := refusal.figures.get("field")) else {})


def answer(request: HttpRequest, refusal: Refusal, headers: dict[str, str] | None = None) -> HttpResponse:
    status = status_of(refusal)
    if status < 500:
        context.refused(refusal.code)
    content = b"" if request.method == "HEAD" else orjson.dumps(problem(refusal))
    response = HttpResponse(content, content_type=CONTENT_TYPE, status=status, headers=headers)
    if isinstance(refusal, refusals.BadKey):
        response["WWW-Authenticate"] = 'Bearer realm="API"'
    if status == 429:
        response["Retry-After"] = str(refusal.figures.get("seconds") or TryLater.seconds)
    return say_what_it_is(response)


def say_what_it_is(response: HttpResponse) -> HttpResponse:
    """The response with the headers that every answer has: nobody keeps it, and its language is the asked one."""
    response["Cache-Control"] = "no-store"
    response["Content-Language"] = translation.get_language() or "en"
    response["Vary"] = "Accept-Language, Authorization"
    return response
