"""No spelling of an address opens without a token."""

import http.client

import pytest

from members.models import Member, Organization
from tests.rows import fresh
from tests.scim import SEARCH, Idp
from tests.server import Server


def spellings(space_key: str, scim_id: str) -> list[str]:
    base = f"/spaces/{space_key}/scim/v2"
    one = f"{base}/Users/{scim_id}"
    return [
        base, f"{base}/", f"{base}//", f"{base}/Users", f"{base}/Users/", f"{base}//Users", f"{base}/%55sers",
        f"{base}/Users%2f", f"{base}/%2fUsers", f"{base}/./Users", f"{base}/%2e/Users", f"{base}/x/../Users",
        f"{base}/x/%2e%2e/Users", f"{base}/Users;x", f"{base}/Users;/..", f"{base};x/Users", f"{base}/USERS",
        f"{base}/Users%00", f"{base}/Users%20", f"{base}/Users%0a", f"{base}/Users.json", f"{base}/Users?token=x",
        f"{base}/Users?access_token=x", f"{base}/Users#x", f"{base}\\Users", f"{base}%5cUsers",
        f"//spaces/{space_key}/scim/v2/Users", f"/spaces//{space_key}/scim/v2/Users",
        f"/spaces/{space_key}//scim/v2/Users", f"/spaces/{space_key}/scim//v2/Users",
        f"/%73paces/{space_key}/scim/v2/Users", f"/spaces/{space_key}/%73cim/v2/Users",
        f"/spaces/{space_key}/SCIM/v2/Users", f"/spaces/{space_key.lower()}/scim/v2/Users",
        f"/spaces/{space_key}%00/scim/v2/Users", f"/spaces/{space_key}/scim/v2%2fUsers",
        f"/./spaces/{space_key}/scim/v2/Users", f"/x/../spaces/{space_key}/scim/v2/Users",
        f"/static/../spaces/{space_key}/scim/v2/Users", f"/admin/..;/spaces/{space_key}/scim/v2/Users",
        f"{base}/Users/.search", f"{base}/.search", f"{base}/Me", f"{base}/Bulk", f"{base}/Groups",
        f"{base}/Schemas", f"{base}/ResourceTypes", f"{base}/ServiceProviderConfig", f"{base}/ServiceProviderConfig/",
        one, f"{one}/", f"{one}//", f"{one};x", f"{one}%00", f"{one}%2f", f"{one}/.", f"{base}/Users/%2e/{scim_id}",
        f"{base}/Users//{scim_id}", f"{base}/%55%73%65%72%73/{scim_id}", f"{base}/Users/{scim_id.upper()}",
    ]  # fmt: skip


METHODS = ["GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE"]


@pytest.mark.parametrize("method", METHODS)
def test_no_spelling_of_an_address_opens_without_a_token(idp: Idp, mia: Member, method: str) -> None:
    before = fresh(mia).modified_at
    everything = spellings(idp.organization.space_key, mia.scim_id)
    idp.base = ""

    for path in everything:
        answer = idp.call(method, path, {"schemas": [SEARCH]}, headers={"Authorization": ""})
        assert not 200 <= answer.status < 300, path
        assert answer.status < 500, path
        assert b"aozora.example" not in answer.content, path
        assert b"Resources" not in answer.content, path
    assert fresh(mia).modified_at == before
    assert not idp.organization.sync_activity.exists()


def test_nor_does_any_on_the_wire(server: Server, aozora: Organization, mia: Member) -> None:
    Idp(aozora, url=server.url)
    connection = http.client.HTTPConnection("localhost", server.port, timeout=60)

    for path in spellings(aozora.space_key, mia.scim_id):
        for method in ("GET", "DELETE"):
            connection.request(method, path)
            response = connection.getresponse()
            content = response.read()
            assert response.status >= 300, (method, path)
            assert response.status < 500, (method, path)
            assert b"aozora.example" not in content, (method, path)
    connection.close()
    assert fresh(mia).account.is_active


@pytest.mark.parametrize("path", ["/Users", "/Users/x", "/Schemas", "", "/Bulk"])
def test_without_a_token_it_is_a_scim_error(idp: Idp, path: str) -> None:
    answer = idp.get(path, headers={"Authorization": ""})

    assert answer.status == 401
    assert answer["status"] == "401"
    assert answer.headers["x-request-id"]
