"""Answers of the machines' doors: few headers in ASCII, which Django encodes, looks through and asks for one by one."""

from collections.abc import Callable, Collection
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import ResponseHeaders
from django.middleware.security import SecurityMiddleware


class _Headers(ResponseHeaders):
    """The headers of a response, as they are; anything that is not plain goes Django's way."""

    def __init__(self, found: ResponseHeaders) -> None:
        self._store = found._store

    def __setitem__(self, name: str, value: Any) -> None:
        if type(value) is str and value.isascii() and value.isprintable() and name.isascii():
            self._store[name.lower()] = name, value
        else:
            super().__setitem__(name, value)

    def items(self) -> Collection[tuple[str, str]]:  # type: ignore[override]  # a view, too
        return self._store.values()


class Answer(HttpResponse):
    def __init__(self, content: bytes, content_type: str, status: int) -> None:
        super().__init__(content, content_type=content_type, status=status)
        self.headers = _Headers(self.headers)


class Secured:
    """Django's SecurityMiddleware for a door whose answers have none of its headers themselves: what it adds to them is
    found out once.
    """

    def __init__(self, serve: Callable[[HttpRequest], HttpResponse]) -> None:
        self._serve = serve
        self._middleware = SecurityMiddleware(serve)
        self._added: dict[bool, list[tuple[str, str]]] = {}

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response: HttpResponse = self._middleware.process_request(request) or self._serve(request)
        for name, value in self._headers(request):
            response.headers[name] = value
        return response

    def _headers(self, request: HttpRequest) -> list[tuple[str, str]]:
        is_secure = request.is_secure()
        if is_secure not in self._added:
            bare = HttpResponse()
            without = set(bare.headers)
            added = self._middleware.process_response(request, bare).items()
            self._added[is_secure] = [(name, value) for name, value in added if name not in without]
        return self._added[is_secure]
