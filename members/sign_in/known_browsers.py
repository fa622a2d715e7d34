"""Browsers in which somebody has signed in before: guesses elsewhere do not lock them out.

A cookie of the OWASP kind (“device cookie”): it opens nothing, it is only counted by itself.
"""

import secrets
from collections.abc import Callable

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse

from members.models import Account

COOKIE = "__Host-browser" if settings.IS_HTTPS else "browser"
# Longest life of a cookie in browsers.
GOOD_FOR = 400 * 24 * 3600
MAX_ACCOUNTS = 10
SALT = "members.known_browsers"


def known_browser(request: HttpRequest, account: Account | None) -> str:
    """The name by which the browser's attempts are counted, "" if this account has not signed in with it."""
    name, accounts = _content(request)
    return name if account and account.pk in accounts else ""


def remember_browser(request: HttpRequest, account: Account) -> None:
    """Set the cookie with the answer, whatever it will be."""
    request.known_from_now_on = account.pk  # type: ignore[attr-defined]


class KnownBrowserMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if account := getattr(request, "known_from_now_on", None):
            name, accounts = _content(request)
            kept = [account, *(other for other in accounts if other != account)][:MAX_ACCOUNTS]
            content = [name or secrets.token_hex(16), kept]
            response.set_cookie(
                COOKIE, signing.dumps(content, salt=SALT), max_age=GOOD_FOR,
                secure=settings.IS_HTTPS, httponly=True, samesite="Lax",
            )  # fmt: skip
        return response


def _content(request: HttpRequest) -> tuple[str, list[int]]:
    try:
        name, accounts = signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT, max_age=GOOD_FOR)
    except (signing.BadSignature, ValueError, TypeError):
        return "", []
    return name, accounts
