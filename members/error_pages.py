"""The pages of requests that came to nothing.

400, 413 and 500 are shown when nothing can be relied on, neither the session nor the database nor the
context processors: they take language and theme from what the browser sent.
"""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import translation

from members.models import Account
from members.pages import came_from


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return render(request, "403_csrf.html", {"back": came_from(request)}, status=403)


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _by_itself(request, "400.html", status=400)


def too_large(request: HttpRequest) -> HttpResponse:
    return _by_itself(request, "413.html", status=413)


def server_error(request: HttpRequest) -> HttpResponse:
    return _by_itself(request, "500.html", status=500)


def _by_itself(request: HttpRequest, template: str, *, status: int) -> HttpResponse:
    theme = request.COOKIES.get("theme")
    context = {
        "theme": theme if theme in Account.Theme.values else Account.Theme.LIGHT,
        "support_url": settings.SUPPORT_URL,
    }
    with translation.override(translation.get_language_from_request(request)):
        return HttpResponse(render_to_string(template, context), status=status)
