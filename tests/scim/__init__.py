"""An identity provider as the tests need one: JSON out, JSON in, through the public URL.

The same calls go to Django's test client or, with `url`, to a server that is running.
"""

import http.client
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

import pytest
from django.test import Client

from members.models import Member, Organization
from provisioning.models import SyncActivity
from tests.cast import scim_token
from tests.cast.replaying import replay

CORE = "urn:ietf:params:scim:schemas:core:2.0:User"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
NULAB = "urn:ietf:params:scim:schemas:extension:nulab:2.0:User"
PATCH_OP = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
SEARCH = "urn:ietf:params:scim:api:messages:2.0:SearchRequest"
LIST = "urn:ietf:params:scim:api:messages:2.0:ListResponse"
ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"

Body = dict[str, Any]


@dataclass(frozen=True)
class Answer:
    status: int
    content: bytes
    headers: dict[str, str] = field(repr=False)

    @property
    def body(self) -> Any:
        return json.loads(self.content) if self.content else None

    def __getitem__(self, name: str) -> Any:
        return self.body[name]

    @property
    def detail(self) -> str:
        return str(self.body["detail"])

    @property
    def etag(self) -> str:
        return self.headers["etag"]

    @property
    def names(self) -> list[str]:
        """The userNames of a list."""
        return [user["userName"] for user in self.body["Resources"]]


class Idp:
    """Calls the SCIM URL of one organization with a token of its own; `url` is a running server's address."""

    def __init__(self, organization: Organization, *, secret: str | None = None, url: str = "") -> None:
        self.organization = organization
        self.secret = scim_token(organization)[1] if secret is None else secret
        self.base = f"/spaces/{organization.space_key}/scim/v2"
        self.server = urlsplit(url).netloc
        self.client = Client(raise_request_exception=False)

    # -- the calls

    def get(self, path: str = "/Users", **more: Any) -> Answer:
        return self.call("GET", path, **more)

    def post(self, body: Any, path: str = "/Users", **more: Any) -> Answer:
        return self.call("POST", path, body, **more)

    def put(self, scim_id: str, body: Any, **more: Any) -> Answer:
        return self.call("PUT", f"/Users/{scim_id}", body, **more)

    def patch(self, scim_id: str, *operations: Any, **more: Any) -> Answer:
        return self.call("PATCH", f"/Users/{scim_id}", patch_body(*operations), **more)

    def delete(self, scim_id: str, **more: Any) -> Answer:
        return self.call("DELETE", f"/Users/{scim_id}", **more)

    def read(self, scim_id: str) -> Answer:
        return self.get(f"/Users/{scim_id}")

    def find(self, filter_text: str, **parameters: Any) -> Answer:
        return self.get("/Users?" + urlencode({"filter": filter_text, **parameters}, quote_via=quote))

    def search(self, **body: Any) -> Answer:
        return self.post({"schemas": [SEARCH], **body}, "/Users/.search")

    def create(self, handle: str, **fields: Any) -> Answer:
        """HANDLE@ORGANIZATION.example, as Entra would create it."""
        answer = self.post(user(f"{handle}@{self.organization.slug}.example", **fields))
        assert answer.status == 201, answer
        return answer

    def call(
        self, method: str, path: str, body: Any = None, *, headers: dict[str, str] | None = None, **more: Any
    ) -> Answer:
        content = body if isinstance(body, bytes | Iterator) else b"" if body is None else json.dumps(body).encode()
        content_type = more.pop("content_type", "application/scim+json" if content else "")
        sent = {"Authorization": f"Bearer {self.secret}", **(headers or {})}
        sent = {name: value for name, value in sent.items() if value}
        if self.server:
            return self._over_the_wire(method, self.base + path, content, sent | {"Content-Type": content_type})
        response = self.client.generic(
            method, self.base + path, content, content_type=content_type, headers=sent, **more
        )
        return Answer(response.status_code, response.content, {k.lower(): v for k, v in response.headers.items()})

    def _over_the_wire(self, method: str, target: str, content: Any, headers: dict[str, str]) -> Answer:
        connection = http.client.HTTPConnection(self.server, timeout=60)
        try:
            # An iterator is sent in chunks.
            connection.request(method, target, content or None, headers)
            response = connection.getresponse()
            answered = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, response.read(), answered)
        finally:
            connection.close()

    # -- what came of it

    def last_activity(self) -> SyncActivity:
        return self.organization.sync_activity.order_by("-pk")[0]

    def member(self, answer: Answer) -> Member:
        return self.organization.members.select_related("account").get(scim_id=answer["id"])


def user(user_name: str, **fields: Any) -> Body:
    return {"schemas": [CORE], "userName": user_name, "active": True, **fields}


def patch_body(*operations: Any) -> Body:
    return {"schemas": [PATCH_OP], "Operations": list(operations)}


def replace(path: str, value: Any) -> Body:
    return {"op": "replace", "path": path, "value": value}


def add(path: str, value: Any) -> Body:
    return {"op": "add", "path": path, "value": value}


def remove(path: str, **more: Any) -> Body:
    return {"op": "remove", "path": path, **more}


def work_email(address: str) -> list[Body]:
    return [{"value": address, "type": "work", "primary": True}]


def contains(whole: Any, part: Any) -> bool:
    """Every field of `part` is in `whole` with that value, lists entry by entry; None stands for absent."""
    if isinstance(part, dict):
        return isinstance(whole, dict) and all(contains(whole.get(key), value) for key, value in part.items())
    if isinstance(part, list):
        return isinstance(whole, list) and len(whole) == len(part) and all(map(contains, whole, part))
    return bool(whole == part)


def is_scim_error(answer: Answer, status: int) -> bool:
    """RFC 7644 §3.12: the status as a string, a detail for people; and the number to ask support with."""
    body = answer.body
    return (
        (answer.status, body["schemas"], body["status"]) == (status, [ERROR], str(status))
        and len(body["detail"]) > 20
        and answer.headers["content-type"] == "application/scim+json"
        and len(answer.headers["x-request-id"]) > 10
    )


# -- fixtures


def make_token() -> str:
    return scim_token(Organization.objects.get(slug="aozora"))[1]


@pytest.fixture
def idp(aozora: Organization) -> Idp:
    """Aozora's identity provider; the token stands in Aiko's name."""
    return Idp(aozora, secret=replay(make_token))


@pytest.fixture
def next_door(hakata: Organization) -> Idp:
    """Hakata's identity provider."""
    return Idp(hakata)


@pytest.fixture
def play_idp(sandbox: Organization) -> Idp:
    """An identity provider being tried out in the sandbox."""
    return Idp(sandbox)
