"""The way to the identity provider, in a browser that holds a form's redirects to the Content-Security-Policy."""

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest
from playwright.sync_api import expect

from members.models import Member
from saml.models import SamlSettings
from tests.cast.browser import Watched

pytestmark = pytest.mark.browser


class SomebodyElse(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        # Without an icon of its own it would be asked for one, which may be cut off by its end.
        page = b'<!doctype html><html lang=en><link rel=icon href="data:,"><title>The IdP</title>'
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.send_header("Content-Length", str(len(page)))
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002  # its name there
        pass


@pytest.fixture
def elsewhere() -> Iterator[str]:
    """Another site, which answers everything with its title."""
    with ThreadingHTTPServer(("localhost", 0), SomebodyElse) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield f"http://localhost:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.mark.parametrize("who", ["mia@aozora.example", "aozora"])
def test_the_form_on_the_sign_in_page_leads_there(watched: Watched, mia: Member, elsewhere: str, who: str) -> None:
    SamlSettings.objects.filter(organization=mia.organization).update(idp_sso_url=f"{elsewhere}/sso")
    page = watched.page
    page.goto("/")
    page.get_by_label("Email or organization ID").fill(who)
    page.get_by_role("button", name="Continue").click()

    expect(page).to_have_title("The IdP")
