"""The pages of requests that came to nothing.

403 and 404 keep the frame of those who have signed in. 400, 413, 500 and 503 are shown when nothing can be
relied on, neither the session nor the database nor the context processors: they take language and theme from
what the browser sent.
"""

import re
import sys

from csp.middleware import CSPMiddleware
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.middleware.clickjacking import XFrameOptionsMiddleware
from django.middleware.security import SecurityMiddleware
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.decorators import decorator_from_middleware

from members.console.pages import came_from, enter
from members.console.preferences import THEME_COOKIE
from members.models import Account
from operations import context, faults

OF_ORGANIZATION = re.compile(r"/spaces/(?P<space_key>[^/]+)/")


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    _frame(request)
    return render(request, "404.html", status=404)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    _frame(request)
    return render(request, "403.html", {"exception": str(exception)}, status=403)


def _frame(request: HttpRequest) -> None:
    """The navigation of the organization under which the address stands, for its members."""
    found = OF_ORGANIZATION.match(request.path_info)
    user = getattr(request, "user", None)
    if found and user and user.is_authenticated and not hasattr(request, "member"):
        enter(request, found["space_key"])


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    context.bind(reason=reason)
    context.refused("csrf")
    _frame(request)
    return render(request, "403_csrf.html", {"back": came_from(request)}, status=403)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _by_itself(request, "400.html", status=400)


def too_large(request: HttpRequest) -> HttpResponse:
    return _by_itself(request, "413.html", status=413)


def server_error(request: HttpRequest) -> HttpResponseBase:
    if faults.note(request, sys.exception()):
        return unavailable(request)
    return _by_itself(request, "500.html", status=500)


# Shown outside of all middleware, it says by itself what the others have from there.
@decorator_from_middleware(SecurityMiddleware)
@decorator_from_middleware(XFrameOptionsMiddleware)
@decorator_from_middleware(CSPMiddleware)
def unavailable(request: HttpRequest) -> HttpResponse:
    """The database does not answer: a page, or a problem (RFC 9457) for a program."""
    if request.get_preferred_type(["text/html", "application/json"]) == "application/json":
        problem = {
            "type": "about:blank",
            "title": "Service Unavailable",
            "status": 503,
            "detail": "The site is temporarily unavailable. No change was applied in part: try again in a few seconds.",
            "request_id": context.request_id(),
        }
        return JsonResponse(problem, status=503, content_type="application/problem+json")
    return _by_itself(request, "503.html", status=503)


def _by_itself(request: HttpRequest, template: str, *, status: int) -> HttpResponse:
    theme = request.COOKIES.get(THEME_COOKIE)
    content = {
        "theme": theme if theme in Account.Theme.values else Account.Theme.SYSTEM,
        "support_url": settings.SUPPORT_URL,
        "request_id": context.request_id(),
    }
    with translation.override(translation.get_language_from_request(request)):
        return HttpResponse(render_to_string(template, content), status=status)
