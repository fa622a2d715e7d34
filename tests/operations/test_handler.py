"""A request's connections are looked at when its answer has gone, whole or in pieces."""

from typing import Any
from unittest.mock import Mock, patch

import pytest
from django.http import HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.test import RequestFactory

from operations.handler import Handler


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
