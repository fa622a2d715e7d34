"""The door of the SCIM endpoint, before all middleware of pages.

SCIM needs no session, CSRF token, message or CSP, which would cost as much as the work:
a call goes straight to its view. Every answer through here is SCIM's, also for
addresses that do not exist.
"""

import re
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, ResolverMatch, resolve

from members.refusals import Refusal
from operations.answers import Secured
from provisioning.scim.wire import refusals, short_way
from provisioning.scim.wire.authentication import authenticate
from provisioning.scim.wire.call import Call
from provisioning.scim.wire.masking import MAX_PARAMETERS as PARAMETERS_SHOWN
from provisioning.scim.wire.requests import MAX_BODY, MAX_PARAMETERS, has_many_parameters

_OURS = re.compile(r"(?<!/)/++spaces/++([^/]++)/++scim(/|$)")
HEARD_OUT = 32 * MAX_BODY


class ScimDoor:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        self.scim = Secured(_serve)

    def __call__(self, request: HttpRequest) -> HttpResponse:
        answer: Callable[..., Any] = self.scim if _OURS.match(request.path_info) else self.get_response
        response: HttpResponse = answer(request)
        return response


def _serve(request: Any) -> HttpResponse:
    call = request.scim_call = Call(request)
    try:
        return _answer(call, request)
    except Exception as error:
        return call.fail(error)
    finally:
        # Each names the other: a page of users would stay in memory until all of that is searched for garbage.
        del request.scim_call


def _answer(call: Call, request: Any) -> HttpResponse:
    try:
        if answer := short_way.answer(call, request):
            return answer
        match = _match_of(call, request)
        _take_body(call, request)
        _take_query(call, request)
        if match is None:
            return call.refuse(_to_a_caller(call, request, refusals.NoSuchAddress()))
        request.resolver_match = match
        call.scim_id = match.kwargs.get("uuid") or ""
        response: HttpResponse = match.func(request, *match.args, **match.kwargs)
        return response
    except Refusal as refusal:
        return call.refuse(refusal)


def _match_of(call: Call, request: HttpRequest) -> ResolverMatch | None:
    """The view of the address; what resource it is of is known even if the request is refused before it gets there."""
    try:
        match = resolve(request.path_info, settings.SCIM_URLCONF)
    except Resolver404:
        return None
    call.resource = getattr(match.func, "view_initkwargs", {}).get("resource")
    return match


def _take_body(call: Call, request: Any) -> None:
    """Read the body. Raises BodyTooLarge; of a good token after discarding up to HEARD_OUT bytes more, since a client
    that is still sending does not read the answer; to anybody else at once.
    """
    stream, length = request.META["wsgi.input"], request.META.get("CONTENT_LENGTH") or ""
    # Body in chunks: it has no length, and Django would take it for empty.
    is_chunked = not length and "HTTP_TRANSFER_ENCODING" in request.META and request.META.get("wsgi.input_terminated")
    if is_chunked:
        request._body = stream.read(MAX_BODY + 1)
    size = int(length) if length.isdecimal() else len(request._body) if is_chunked else 0
    if size <= MAX_BODY:
        return
    authenticate(call, request, _space_key_of(request))
    # Never more than there is: a WSGI server may wait for it.
    left = HEARD_OUT if is_chunked else min(size, HEARD_OUT)
    while left > 0 and (heard := stream.read(min(left, MAX_BODY))):
        left -= len(heard)
    raise refusals.BodyTooLarge(most=MAX_BODY)


def _take_query(call: Call, request: Any) -> None:
    """Raises TooManyParameters, before Django does in words of its own, and in whatever reads the query."""
    if not has_many_parameters(request):
        return
    query = request.META["QUERY_STRING"]
    # Beginning of the address, as much as the sync activity shows.
    request.META["QUERY_STRING"] = "&".join(query.split("&", PARAMETERS_SHOWN)[:PARAMETERS_SHOWN])
    authenticate(call, request, _space_key_of(request))
    raise refusals.TooManyParameters(most=MAX_PARAMETERS)


def _space_key_of(request: HttpRequest) -> str:
    ours = _OURS.match(request.path_info)
    assert ours
    return ours[1]


def _to_a_caller(call: Call, request: HttpRequest, refusal: Refusal) -> Refusal:
    """The answer to a refusal raised before any view ran. Authenticate first: a good token gets it and it is recorded;
    anybody else gets the usual 401.
    """
    try:
        authenticate(call, request, _space_key_of(request))
    except Refusal as closed:
        return closed
    return refusal
