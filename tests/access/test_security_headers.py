"""What files and errors of every kind tell the browser; of the pages test_authorization.py asks it."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client

from members.console.error_pages import unavailable
from tests.access.headers import weak_headers
from tests.access.visitors import Visitor
from tests.access.world import World

pytestmark = pytest.mark.django_db


def fail_with(monkeypatch: pytest.MonkeyPatch, error: Exception) -> None:
    """From now on the guides of the identity providers fail like this."""

    def raising(*args: Any) -> Any:
        raise error

    monkeypatch.setattr("provisioning.settings.guides.guide", raising)


ERRORS: dict[int, Callable[[Client, str], Any]] = {
    301: lambda client, guide: client.get("/", headers={"Host": "localhost"}),
    400: lambda client, guide: client.get("/signin", headers={"Host": "evil.example"}),
    404: lambda client, guide: client.get("/nowhere"),
    405: lambda client, guide: client.delete("/signin"),
    413: lambda client, guide: client.post("/signin", CONTENT_LENGTH=str(4 * 1024 * 1024)),
    500: lambda client, guide: client.get(guide),
}


@pytest.mark.parametrize("status", ERRORS)
def test_every_error_says_it_too(world: World, monkeypatch: pytest.MonkeyPatch, settings: Any, status: int) -> None:
    fail_with(monkeypatch, RuntimeError("not told"))
    settings.SECURE_SSL_REDIRECT = status == 301
    client = world.client(Visitor.ADMINISTRATOR, raise_request_exception=False)

    answer = ERRORS[status](client, world.path("guide"))

    assert answer.status_code == status
    assert weak_headers(answer) == []


def test_a_form_without_its_token_and_one_too_many_say_it_too(world: World) -> None:
    forged = world.client(Visitor.ADMINISTRATOR, enforce_csrf_checks=True).post("/signout")
    too_many = [Client().post("/signin/forgotten", {"email": "mia@aozora.example"}) for _ in range(40)][-1]

    assert (forged.status_code, too_many.status_code) == (403, 429)
    assert weak_headers(forged) == weak_headers(too_many) == []


def test_a_database_that_does_not_answer_does_not_open_the_page_either(rf: Any) -> None:
    answer = unavailable(rf.get("/"))

    assert answer.status_code == 503
    assert weak_headers(answer) == []


@pytest.mark.parametrize("path", ["/static/console.css", "/static/nothing.css", "/favicon.ico", "/robots.txt"])
def test_files_say_it_too(client: Client, path: str) -> None:
    answer = client.get(path)
    # To the end of the file, which closes it.
    assert answer.getvalue()

    assert weak_headers(answer) == []


def test_the_scim_endpoint_lets_nobody_guess_what_its_answers_are(client: Client) -> None:
    answer = client.get("/spaces/AAAAAAAAAA/scim/v2/Users")

    assert answer.status_code == 401
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Type"] == "application/scim+json"
