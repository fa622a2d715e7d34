"""The demo identity provider, and somebody at its pages."""

import http.client
from collections.abc import Iterator
from html import unescape
from threading import Thread
from typing import Any
from urllib.parse import urlencode

import pytest

from demo.server import DemoIdpServer
from members.models import Organization
from provisioning.models import ProvisioningSettings
from tests.cast import scim_token


class Visitor:
    """Somebody at the demo identity provider's page."""

    def __init__(self, server: DemoIdpServer) -> None:
        self.server = server
        self.port = server.server_port

    def ask(self, method: str, path: str, data: dict[str, str] | None = None, **headers: str) -> tuple[int, str]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        connection.request(method, path, urlencode(data or {}) if method == "POST" else None, headers)
        response = connection.getresponse()
        body = response.read().decode()
        connection.close()
        return response.status, body

    def page(self, path: str = "/") -> str:
        status, body = self.ask("GET", path)
        assert status == 200
        return unescape(body)

    def press(self, path: str, **data: str) -> str:
        """Sends a form and reads the page that it leads to."""
        assert self.ask("POST", path, data)[0] == 303
        return self.page()

    def connect(self, organization: Organization, query: str = "", domain: str = "aozora.example") -> str:
        secret = scim_token(organization)[1]
        url = ProvisioningSettings.of(organization).scim_url + query
        return self.press("/connection", scim_url=url, token=secret, domain=domain)

    def change(self, key: str, **fields: str) -> str:
        person = self.server.idp.people[key]
        as_it_is = {"display_name", "given_name", "family_name", "user_name", "email", "nickname", "language", "role"}
        return self.press(f"/people/{key}/change", **{name: getattr(person, name) for name in as_it_is} | fields)

    def last_body(self) -> dict[str, Any]:
        body = self.server.idp.exchanges[0].request.body
        assert body is not None
        return body


@pytest.fixture
def visitor() -> Iterator[Visitor]:
    server = DemoIdpServer(0)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield Visitor(server)
    server.shutdown()
    thread.join()
    server.server_close()
