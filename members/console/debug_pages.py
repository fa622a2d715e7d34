"""Under DEBUG, too, a visitor meets the pages of members.console.error_pages; what a developer asks for is in the log.

The reporter is imported with the settings, before there are models.
"""

from collections.abc import Callable

from django.conf import settings
from django.core.exceptions import BadRequest, MiddlewareNotUsed, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import Resolver404, resolve
from django.utils.safestring import SafeString
from django.views.debug import ExceptionReporter


class PageNotFound:
    """The page of a 404, in place of Django's list of addresses."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        if not settings.DEBUG:
            raise MiddlewareNotUsed
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            resolve(request.path_info)
        except Resolver404 as missing:
            return _not_found(request, missing)
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        return _not_found(request, exception) if isinstance(exception, Http404) else None


class PageInPlaceOfTrace(ExceptionReporter):
    def get_traceback_html(self) -> SafeString:
        """The page that everybody gets."""
        from members.console import error_pages

        if not settings.DEBUG or self.request is None:
            return super().get_traceback_html()
        is_theirs = isinstance(self.exc_value, SuspiciousOperation | BadRequest)
        answer = error_pages.bad_request if is_theirs else error_pages.server_error
        page = answer(self.request)
        assert isinstance(page, HttpResponse)
        return SafeString(page.content.decode())


def _not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    from members.console import error_pages

    return error_pages.not_found(request, exception)
