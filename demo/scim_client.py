"""Sends a request to a SCIM endpoint and keeps what went over the wire, the token masked."""

import http.client
import json
import time
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from demo.entra import Request

MAX_ANSWER_BYTES = 1024 * 1024
SHOWN_OF_TOKEN = 12


@dataclass(frozen=True, slots=True)
class Endpoint:
    """The SCIM URL and its secret."""

    url: str
    token: str = field(repr=False)
    # PATCH dialect, by the flag in the Tenant URL.
    is_compliant: bool = False

    @classmethod
    def from_tenant_url(cls, tenant_url: str, token: str) -> "Endpoint":
        address, _, query = tenant_url.strip().partition("?")
        return cls(address.rstrip("/"), token.strip(), "aadoptscim062020" in query.lower())

    @property
    def masked_token(self) -> str:
        return f"{self.token[:SHOWN_OF_TOKEN]}…"


@dataclass(frozen=True, slots=True)
class Exchange:
    request: Request
    url: str
    masked_token: str
    # 0 when nobody answered.
    status: int
    answer: dict[str, Any]
    milliseconds: int

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300

    @property
    def sent(self) -> str:
        return _readable(self.request.body) if self.request.body else ""

    @property
    def received(self) -> str:
        return _readable(self.answer) if self.answer else ""

    @property
    def verdict(self) -> str:
        """The result as an IdP would write it into its provisioning log."""
        return str(self.status) if self.is_success else f"{self.status or 'No answer'}: {self.answer.get('detail', '')}"


def send(endpoint: Endpoint, request: Request) -> Exchange:
    begun = time.monotonic()
    try:
        status, answer = _over_the_wire(endpoint, request)
    except (OSError, http.client.HTTPException, ValueError) as problem:
        status, answer = 0, {"detail": str(problem) or type(problem).__name__}
    return Exchange(
        request=request,
        url=endpoint.url + request.path,
        masked_token=endpoint.masked_token,
        status=status,
        answer=answer,
        milliseconds=round(1000 * (time.monotonic() - begun)),
    )


def _over_the_wire(endpoint: Endpoint, request: Request) -> tuple[int, dict[str, Any]]:
    parts = urlsplit(endpoint.url)
    kind = http.client.HTTPSConnection if parts.scheme == "https" else http.client.HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=30)
    headers = {"Authorization": f"Bearer {endpoint.token}", "Accept": "application/scim+json"}
    headers["User-Agent"] = "Demo identity provider"
    body = None
    if request.body is not None:
        body = json.dumps(request.body).encode()
        headers["Content-Type"] = "application/scim+json; charset=utf-8"
    try:
        connection.request(request.method, parts.path + request.path, body=body, headers=headers)
        response = connection.getresponse()
        return response.status, _parsed(response.read(MAX_ANSWER_BYTES))
    finally:
        connection.close()


def _parsed(body: bytes) -> dict[str, Any]:
    if not body:
        return {}
    try:
        answer = json.loads(body)
    except ValueError:
        answer = None
    return answer if isinstance(answer, dict) else {"detail": body[:500].decode("utf-8", "replace")}


def _readable(body: Any) -> str:
    return json.dumps(body, indent=2, ensure_ascii=False)
