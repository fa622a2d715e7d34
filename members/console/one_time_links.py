"""Mailed links that open something: the first GET takes the secret out of the address, and with it out of logs,
histories and Referer headers.

The secret waits in a cookie of this browser while its reader signs in, elsewhere perhaps: a session of its own
would end there. Each link has its own cookie, named like the address that the reader is sent on to, so that a form
of one link never acts for another that was opened beside it.
"""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.crypto import constant_time_compare

from members.sealing import hash_of

WAITS_FOR = 3600
PREFIX = "__Host-link-" if settings.IS_HTTPS else "link-"


def name_of(secret: str) -> str:
    """The stand-in for the secret in the address."""
    return hash_of(secret)[:20]


def take(secret: str, page: str) -> HttpResponse:
    """A redirect to the page, which finds the secret with `held`. Only for good secrets: nobody fills a browser."""
    name = name_of(secret)
    response = redirect(page, name)
    response.set_cookie(
        PREFIX + name, secret, max_age=WAITS_FOR, secure=settings.IS_HTTPS, httponly=True, samesite="Lax"
    )
    return response


def held(request: HttpRequest, name: str) -> str:
    """The secret, or "" where this browser has not opened the link lately."""
    secret = request.COOKIES.get(PREFIX + name, "")
    return secret if secret and constant_time_compare(name_of(secret), name) else ""


def let_go(response: HttpResponseBase, *names: str) -> None:
    for name in names:
        response.delete_cookie(PREFIX + name, samesite="Lax")


def let_all_go(request: HttpRequest, response: HttpResponseBase) -> None:
    """Delete all cookies of links, so that the next person at this browser holds none."""
    let_go(response, *(name.removeprefix(PREFIX) for name in request.COOKIES if name.startswith(PREFIX)))
