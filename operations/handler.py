"""Django's handler of requests, as a server here calls it."""

from collections.abc import Callable
from typing import Any

from django.core.cache import close_caches
from django.core.handlers.base import reset_urlconf
from django.core.handlers.wsgi import WSGIHandler, WSGIRequest
from django.core.signals import request_finished, request_started
from django.db import close_old_connections, reset_queries
from django.http import HttpResponse


class Request(WSGIRequest):
    """Its address and its forms are in UTF-8, whatever charset its Content-Type names.

    Django would read them in any codec that Python has. Some are none of text, and fail before anything can answer.
    """

    @property
    def encoding(self) -> str:
        return "utf-8"

    @encoding.setter
    def encoding(self, named: str) -> None:
        pass


class Handler(WSGIHandler):
    """Hands over as one piece what is there as a whole: for pieces the server starts a task of its own."""

    request_class = Request

    def __call__(self, environ: dict[str, Any], start_response: Callable[..., Any]) -> Any:
        response: Any = super().__call__(environ, start_response)
        if not isinstance(response, HttpResponse):
            # Pieces, or a file.
            response._resource_closers.append(close_old_connections)
            return response
        content = response.content
        response.close()
        close_old_connections()
        return [content]


def spare_signals() -> None:
    """Disconnect what is done around each request for the sake of features that nothing here uses. Connections are
    looked at when a request ends, and so are as they should be when the next one begins; the handler does it without
    a signal, whose receivers are found anew each time.
    """
    request_started.disconnect(reset_queries)
    request_started.disconnect(close_old_connections)
    request_finished.disconnect(close_old_connections)
    request_finished.disconnect(close_caches)
    request_finished.disconnect(reset_urlconf)
