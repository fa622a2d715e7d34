"""Nothing of what somebody has seen stays in the browser for whoever uses it next."""

from collections.abc import Callable

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils.cache import add_never_cache_headers

from members.console import one_time_links


class PrivatePagesMiddleware:
    """What is shown to somebody who has signed in is kept by no browser and no proxy."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        was_signed_in = request.user.is_authenticated
        response = self.get_response(request)
        if was_signed_in or request.user.is_authenticated:
            add_never_cache_headers(response)
        return response


def leave_nothing(request: HttpRequest, response: HttpResponseBase) -> None:
    """With the answer after which nobody is signed in. Cookies are not cleared as a whole: the apps have theirs."""
    one_time_links.let_all_go(request, response)
    response.headers["Clear-Site-Data"] = '"cache", "storage"'
