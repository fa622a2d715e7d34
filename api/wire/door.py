"""The door of the API, before all middleware of pages: no session, no cookie, no CSRF token opens or closes it.

Every answer through here is JSON, also for addresses that do not exist and for mistakes of ours.
"""

import logging
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, resolve
from django.utils import timezone, translation

from api.wire import problems, refusals
from members.languages import language_of
from members.refusals import Refusal
from operations import context, faults
from operations.answers import Secured

logger = logging.getLogger(__name__)
_OURS = settings.DOORS["api"]
MAX_BODY = 64 * 1024
MAX_LANGUAGES = 500


class ApiDoor:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.api = Secured(_serve)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        answer = self.api if _OURS.match(request.path_info) else self.get_response
        return answer(request)


def _serve(request: HttpRequest) -> HttpResponse:
    sent = request.META.get("HTTP_ACCEPT_LANGUAGE", "")[:MAX_LANGUAGES]
    with translation.override(language_of(sent) or "en"), timezone.override("UTC"):
        try:
            return _answer(request)
        except Refusal as refusal:
            return problems.answer(request, refusal)
        except Exception as error:
            return _failed(request, error)


def _answer(request: HttpRequest) -> HttpResponse:
    try:
        match = resolve(request.path_info)
    except Resolver404:
        raise refusals.NoSuchRoute from None
    _require_readable(request)
    request.resolver_match = match
    response: Any = match.func(request, *match.args, **match.kwargs)
    return problems.say_what_it_is(response.render() if hasattr(response, "render") else response)


def _require_readable(request: HttpRequest) -> None:
    """Raises BodyTooLong before anything of it is read; LengthRequired for one in chunks: Django takes it for none."""
    length = request.META.get("CONTENT_LENGTH") or ""
    if not length and "HTTP_TRANSFER_ENCODING" in request.META:
        raise refusals.LengthRequired
    if length.isdecimal() and int(length) > MAX_BODY:
        raise refusals.BodyTooLong(most=MAX_BODY)


def _failed(request: HttpRequest, error: Exception) -> HttpResponse:
    """The answer to an unexpected exception. A fault of the database is for FrontDoor to repeat or to answer."""
    if faults.note(request, error):
        return problems.answer(request, refusals.DatabaseIsAway())
    logger.exception("API request failed")
    return problems.answer(request, refusals.ApiFailure(request=context.request_id()))
