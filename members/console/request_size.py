"""The size that a request to a page may have; the SCIM endpoint has a limit of its own."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from members.console.error_pages import too_large


class RequestSizeMiddleware:
    """Answers 413 by the Content-Length, before anything of the body is read.

    A body without a length (sent in chunks) is empty to Django.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if length.isdecimal() and int(length) > settings.MAX_REQUEST_BYTES:
            return too_large(request)
        return self.get_response(request)
