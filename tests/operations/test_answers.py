"""Answers of the machines' doors have the headers that Django would give them."""

from typing import Any

import pytest
from django.http import BadHeaderError, HttpRequest, HttpResponse
from django.middleware.security import SecurityMiddleware
from django.test import RequestFactory

from operations.answers import Answer, Secured


def served(request: HttpRequest) -> HttpResponse:
    return Answer(b"{}", 200, {"Content-Type": "application/json"})


@pytest.mark.parametrize("is_https", [True, False])
@pytest.mark.parametrize("is_redirected", [True, False])
@pytest.mark.parametrize("hsts", [0, 60])
def test_the_headers_are_those_of_the_middleware(settings: Any, is_https: bool, is_redirected: bool, hsts: int) -> None:
    settings.SECURE_HSTS_SECONDS, settings.SECURE_SSL_REDIRECT = hsts, is_redirected
    settings.SECURE_HSTS_INCLUDE_SUBDOMAINS = True
    request = RequestFactory().get("/x?y", secure=is_https)
    secured = Secured(served)

    for _ in range(2):
        ours = secured(request)
        djangos: Any = SecurityMiddleware(lambda request: HttpResponse(served(request).content))(request)
        djangos["Content-Type"] = ours["Content-Type"]
        assert ours.status_code == djangos.status_code == (301 if is_redirected and not is_https else 200)
        assert list(ours.items()) == list(djangos.items())


def test_it_is_made_of_what_djangos_is_made_of() -> None:
    answer, djangos = served(HttpRequest()), HttpResponse(b"{}", "application/json", 200)

    assert vars(answer) == {**vars(djangos), "headers": answer.headers}
    assert answer.headers == djangos.headers


def test_a_header_that_is_not_plain_goes_the_way_of_django() -> None:
    answer, djangos = served(HttpRequest()), HttpResponse()
    for odd in ("é", "あ", b"x", 7, "a\tb"):
        answer["X"] = djangos["X"] = odd
        assert answer["x"] == djangos["x"]
    for broken in ("a\nb: c", "a\rb"):
        with pytest.raises(BadHeaderError):
            answer["X"] = broken
        with pytest.raises(BadHeaderError):
            Answer(b"", 200, {"X": broken})
    assert Answer(b"", 200, {"X": "あ"})["x"] == HttpResponse(headers={"X": "あ"})["x"]
    del answer["X"]
    assert list(answer.items()) == [("Content-Type", "application/json")]
    assert "content-type" in answer.headers
