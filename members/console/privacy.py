"""Private pages leave nothing in the browser for the next person who uses it."""

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.cache import add_never_cache_headers

from members.console import one_time_links


class PrivatePagesMiddleware:
    """Forbids browsers and proxies to keep pages that were shown to somebody who has signed in."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        was_signed_in = request.user.is_authenticated
        response = self.get_response(request)
        if was_signed_in or request.user.is_authenticated:
            add_never_cache_headers(response)
        return response


def leave_nothing(request: HttpRequest, response: HttpResponseBase) -> None:
    """Clear the browser's storage with the answer that signs out. Not all cookies: the apps have theirs."""
    one_time_links.let_all_go(request, response)
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
