"""Answers of the machines' doors: few headers in ASCII, which Django encodes, looks through and asks for one by one."""

from collections.abc import Callable, Collection, Mapping
from http.cookies import SimpleCookie
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import ResponseHeaders
from django.middleware.security import SecurityMiddleware


class _Headers(ResponseHeaders):
    """The headers of a response, as they are; anything that is not plain goes Django's way."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        values = "".join(headers.values())
        self._store: dict[str, tuple[str, str]] = {}
        if values.isascii() and values.isprintable():
            self._store = {name.lower(): (name, value) for name, value in headers.items()}
        else:
            super().__init__(headers)

    def __setitem__(self, name: str, value: Any) -> None:
        if type(value) is str and value.isascii() and value.isprintable() and name.isascii():
            self._store[name.lower()] = name, value
        else:
            super().__setitem__(name, value)

    def items(self) -> Collection[tuple[str, str]]:  # type: ignore[override]  # a view, too
        return self._store.values()


class Answer(HttpResponse):
    """A response that is there as a whole, at a fourth of what HttpResponse takes to make it."""

    def __init__(self, content: bytes, status: int, headers: Mapping[str, str]) -> None:
        """`headers` have plain names, Content-Type among them."""
        self.headers, self.status_code, self.cookies = _Headers(headers), status, SimpleCookie()
        self._container = [content]
        self._resource_closers: list[Callable[[], Any]] = []
        self._charset = self._reason_phrase = self._handler_class = None
        self.closed = False


class Secured:
    """Django's SecurityMiddleware for a door whose answers have none of its headers themselves: what it adds to them is
    found out once.
    """

    def __init__(self, serve: Callable[[HttpRequest], HttpResponse]) -> None:
        self._serve = serve
        self._middleware = SecurityMiddleware(serve)
        self._added: dict[bool, dict[str, tuple[str, str]]] = {}

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response: HttpResponse = self._middleware.process_request(request) or self._serve(request)
        response.headers._store.update(self._headers(request))
        return response

    def _headers(self, request: HttpRequest) -> dict[str, tuple[str, str]]:
        """The headers as a response keeps them."""
        is_secure = request.is_secure()
        if is_secure not in self._added:
            bare = HttpResponse()
            without = set(bare.headers)
            added = self._middleware.process_response(request, bare).items()
            self._added[is_secure] = {name.lower(): (name, value) for name, value in added if name not in without}
        return self._added[is_secure]
