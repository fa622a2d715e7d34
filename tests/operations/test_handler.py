"""A request's connections are looked at when its answer has gone, whole or in pieces."""

from typing import Any
from unittest.mock import Mock, patch

import pytest
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.test import RequestFactory

from operations.handler import Handler, Request


@pytest.fixture
def looked_at() -> Any:
    with patch("operations.handler.close_old_connections") as looked_at:
        yield looked_at


def handed_over(answer: HttpResponseBase) -> Any:
    with patch.object(Handler, "get_response", return_value=answer):
        return Handler()(RequestFactory().get("/").environ, Mock())


def test_a_whole_answer_is_one_piece(looked_at: Mock) -> None:
    whole = HttpResponse(["a", "b"])

    assert handed_over(whole) == [b"ab"]
    assert whole.closed
    looked_at.assert_called_once()


def test_pieces_are_looked_after_at_their_end(looked_at: Mock) -> None:
    pieces = handed_over(StreamingHttpResponse(["a", "b"]))

    assert list(pieces) == [b"a", b"b"]
    looked_at.assert_not_called()
    pieces.close()
    looked_at.assert_called_once()


@pytest.mark.parametrize("charset", ["rot13", "utf-16", "nonsense", "latin-1"])
@pytest.mark.parametrize("kind", ["multipart/form-data; boundary=x", "application/x-www-form-urlencoded"])
def test_an_address_and_a_form_are_in_utf_8_whatever_the_request_says(kind: str, charset: str) -> None:
    multipart = 'x\r\nContent-Disposition: form-data; name="said"\r\n\r\nfünf\r\n--x--\r\n'
    body = f"--{multipart}".encode() if "boundary" in kind else b"said=f%C3%BCnf"
    environ = RequestFactory().generic("POST", "/?asked=f%C3%BCnf", body).environ

    request = Request(environ | {"CONTENT_TYPE": f"{kind}; charset={charset}"})

    assert request.GET["asked"] == request.POST["said"] == "fünf"


def test_the_handler_makes_such_requests() -> None:
    environ = RequestFactory().get("/?a=%41").environ | {"CONTENT_TYPE": "text/plain; charset=rot13"}

    with patch.object(Handler, "get_response", return_value=HttpResponse()) as answered:
        Handler()(environ, Mock())

    assert answered.call_args[0][0].GET["a"] == "A"
