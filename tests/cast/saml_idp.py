"""An identity provider in its own process, for tests that sign in through a real one.

    saml_idp.register(client.get(saml.sp_entity_id).content)
    answer = saml_idp.answer(redirect["Location"], person="mia@aozora.example", signs="both")
    client.post(answer.action, answer.fields)

In a browser, `saml_idp.cookies(…)` says who sits there, and the pages do the rest.
"""

import http.client
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from html import unescape
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import pytest

from saml.models import SamlSettings
from tests.cast import OPERATOR
from tests.cast.saml_messages import KeyPair, key_pair
from tests.processes import free_port, interrupted_with_parent


@dataclass(frozen=True)
class Answer:
    """The form that the IdP's page sends on."""

    action: str
    fields: dict[str, str]


class IdpProcess:
    def __init__(self, keys: KeyPair, folder: Path) -> None:
        key_file = folder / "idp.pem"
        key_file.write_text(keys.key + keys.certificate)
        self.certificate, self.port = keys.certificate, free_port()
        self.url = f"http://localhost:{self.port}"
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.saml.idp_program", str(self.port), str(key_file)],
            preexec_fn=interrupted_with_parent,
        )

    def wait_until_ready(self) -> None:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                self.metadata()
            except OSError:
                time.sleep(0.1)
            else:
                return
        pytest.fail("The identity provider did not start.", pytrace=False)

    def metadata(self) -> str:
        return self._ask("GET", "/metadata")

    def register(self, sp_metadata: bytes) -> None:
        self._ask("POST", "/metadata", body=sp_metadata)

    def trusted_by(self, saml: SamlSettings) -> SamlSettings:
        """The settings, turned on for this identity provider."""
        saml.propose(entity_id=f"{self.url}/metadata", sso_url=f"{self.url}/sso", by=OPERATOR)
        saml.add_certificate(self.certificate, by=OPERATOR)
        saml.record_test_result(passed=True, by=OPERATOR)
        saml.enable(by=OPERATOR)
        return saml

    def answer(self, redirected_to: str, *, person: str, **how: str) -> Answer:
        """To the site's redirect."""
        assert redirected_to.startswith(f"{self.url}/sso?"), redirected_to
        parts = urlsplit(redirected_to)
        return self._form(f"{parts.path}?{parts.query}", person, how)

    def begin(self, sp_entity_id: str, *, person: str, relay_state: str = "", **how: str) -> Answer:
        """Of the person's own accord."""
        return self._form(f"/start?{urlencode({'sp': sp_entity_id, 'RelayState': relay_state})}", person, how)

    def cookies(self, person: str, **how: str) -> list[dict[str, Any]]:
        """For Playwright: who sits at the browser."""
        return [{"name": name, "value": value, "url": self.url} for name, value in _chosen(person, how).items()]

    def _form(self, path: str, person: str, how: dict[str, str]) -> Answer:
        cookie = "; ".join(f"{name}={value}" for name, value in _chosen(person, how).items())
        page = self._ask("GET", path, headers={"Cookie": cookie})
        action = re.search(r'action="([^"]+)"', page)
        assert action, page
        fields = re.findall(r'name="([^"]+)" value="([^"]*)"', page)
        return Answer(unescape(action[1]), {name: unescape(value) for name, value in fields})

    def _ask(self, method: str, path: str, **more: Any) -> str:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            connection.request(method, path, **more)
            response = connection.getresponse()
            body = response.read().decode()
        finally:
            connection.close()
        assert response.status == 200, f"{method} {path}: {response.status} {body}"
        return body


def _chosen(person: str, how: dict[str, str]) -> dict[str, str]:
    return {"idp-person": quote(person)} | {f"idp-{name}": value for name, value in how.items()}


@pytest.fixture(scope="session")
def saml_idp(tmp_path_factory: pytest.TempPathFactory) -> Iterator[IdpProcess]:
    process = IdpProcess(key_pair("idp process"), tmp_path_factory.mktemp("idp"))
    try:
        process.wait_until_ready()
        yield process
    finally:
        process.process.terminate()
        process.process.wait(15)
