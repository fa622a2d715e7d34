"""The same answer of the IdP many times at one moment, against the server processes that production runs."""

import http.client
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from django.conf import settings as site
from django.test import Client

from members.models import Member, Organization
from saml.events import SamlEvent
from saml.models import SamlSettings
from saml.sso.session import BROWSER_COOKIE
from tests.cast.rows import events
from tests.cast.saml_messages import Message
from tests.cast.server import Server
from tests.cast.sso import answered, ask, callback, saml, why_refused

__all__ = ["saml"]
TIMES = 16


def _is_let_in(server: Server, saml: SamlSettings, response: str, browser: str = "") -> bool:
    """Whether a browser that posts this comes back with a session; if not, it has been refused in words."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    headers = {
        "Host": f"localhost:{server.port}",
        "Content-Type": "application/x-www-form-urlencoded",
        "Cookie": f"{BROWSER_COOKIE}={browser}",
    }
    connection.request("POST", callback(saml), urlencode({"SAMLResponse": response}), headers)
    answer = connection.getresponse()
    answer.read()
    connection.close()
    cookies = answer.headers.get_all("Set-Cookie") or []
    is_in = any(cookie.startswith(f"{site.SESSION_COOKIE_NAME}=") for cookie in cookies)
    assert answer.status == (302 if is_in else 403)
    return is_in


def _at_once(server: Server, saml: SamlSettings, posts: list[tuple[str, str]]) -> list[bool]:
    with ThreadPoolExecutor(len(posts)) as pool:
        return list(pool.map(lambda post: _is_let_in(server, saml, *post), posts))


@pytest.mark.parametrize("is_asked_for", [True, False])
def test_of_sixteen_at_once_one_is_let_in(
    server: Server, client: Client, saml: SamlSettings, mia: Member, settings: Any, is_asked_for: bool
) -> None:
    settings.BASE_URL = server.url
    request = ask(client, saml) if is_asked_for else None
    browser = client.cookies[BROWSER_COOKIE].value if is_asked_for else ""
    response = answered(Message.for_sp(saml, mia.account.email, in_response_to=request))

    assert _at_once(server, saml, [(response, browser)] * TIMES).count(True) == 1
    assert events(saml.organization).count(SamlEvent.SIGNED_IN) == 1


def test_of_two_browsers_at_once_each_is_let_in_by_its_own_answer(
    server: Server, saml: SamlSettings, mia: Member, kenji: Member, settings: Any
) -> None:
    settings.BASE_URL = server.url
    browsers = [Client(), Client()]
    requests = [ask(browser, saml) for browser in browsers]
    first, second = [
        answered(Message.for_sp(saml, member.account.email, in_response_to=request))
        for member, request in zip((mia, kenji), requests, strict=True)
    ]
    one, other = [browser.cookies[BROWSER_COOKIE].value for browser in browsers]

    assert _at_once(server, saml, [(first, other), (second, one)]) == [False, False]
    assert _at_once(server, saml, [(first, one), (second, other)]) == [True, True]


@pytest.fixture
def restarted(transactional_db: None, collected_static_files: None, tmp_path: Path) -> Iterator[list[Server]]:
    """The server processes of this test; they share a port, as one server before and after a restart."""
    processes: list[Server] = []
    yield processes
    for process in processes:
        process.stop()


@pytest.mark.slow
def test_a_restart_forgets_no_answer(
    restarted: list[Server], saml: SamlSettings, mia: Member, aozora: Organization, settings: Any, tmp_path: Path
) -> None:
    before = Server(tmp_path / "before", workers=1)
    restarted.append(before)
    before.wait_until_ready()
    settings.BASE_URL = before.url
    response = answered(Message.for_sp(saml, mia.account.email))
    assert _is_let_in(before, saml, response)

    before.stop()
    after = Server(tmp_path / "after", workers=1, port=before.port)
    restarted.append(after)
    after.wait_until_ready()

    assert not _is_let_in(after, saml, response)
    assert why_refused(aozora) == "saml_replayed"
