"""Clients as they work: recorded requests, call by call, and a conformance suite that is not ours."""

import json
import re
from collections import Counter
from pathlib import Path
from typing import Any

import httpx2
import pytest
from django.conf import settings
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_tester import Status, check_server

from members.models import Organization
from tests.cast import scim_token
from tests.cast.rows import rows_of
from tests.scim import CORE, Idp, contains, is_scim_error
from tests.scim.model import GROUP

PERSON: dict[str, Any] = {
    "schemas": [CORE], "externalId": "5f0f", "userName": "nao@aozora.example", "displayName": "Nao Ito", "active": True,
    "name": {"formatted": "Nao Ito", "familyName": "Ito", "givenName": "Nao"}, "locale": "en-US",
    "emails": [{"value": "nao@aozora.example", "type": "other", "primary": True}],
}  # fmt: skip


def differences(sent: dict[str, Any], answered: dict[str, Any]) -> list[str]:
    """What a client that compares before it writes would send again."""
    return [name for name, value in sent.items() if answered.get(name) != value]


def test_authentik_finds_nothing_to_send_at_its_second_full_sync(idp: Idp) -> None:
    assert idp.get("/ServiceProviderConfig")["patch"]["supported"] is True
    assert idp.find('userName eq "nao@aozora.example"')["totalResults"] == 0
    made = idp.post(PERSON)

    assert made.status == 201
    assert differences(PERSON, made.body) == []
    first = idp.call("PUT", f"/Users/{made['id']}", PERSON | {"id": made["id"]})
    assert (first.status, first.body) == (200, made.body)
    assert differences(PERSON, idp.find('userName eq "nao@aozora.example"')["Resources"][0]) == []


def test_keycloaks_plugin_takes_no_role_away_by_sending_an_empty_list(idp: Idp) -> None:
    made = idp.post(PERSON | {"roles": [{"value": "USER"}]})

    kept = idp.call("PUT", f"/Users/{made['id']}", PERSON | {"roles": [], "groups": []})

    assert (kept.status, kept["roles"]) == (200, made["roles"])


OKTA = {
    "Accept": "application/scim+json", "Accept-Charset": "utf-8", "User-Agent": "OKTA SCIM Integration",
}  # fmt: skip


def test_an_endpoint_answers_oktas_test_of_it(idp: Idp) -> None:
    listed = idp.get("/Users?count=1&startIndex=1", headers=OKTA)
    assert (listed.status, listed["startIndex"], len(listed["Resources"])) == (200, 1, 1)
    assert all(isinstance(listed[name], int) for name in ("itemsPerPage", "startIndex", "totalResults"))
    # The founder, of whom no identity provider has sent anything.
    first = listed["Resources"][0]
    assert all((first["id"], first["userName"], first["active"], first["emails"][0]["value"]))
    assert all((first["name"]["familyName"], first["name"]["givenName"]))
    assert idp.find(f'userName eq "{first["userName"]}"')["Resources"][0]["id"] == first["id"]
    assert idp.get(f"/Users/{first['id']}", headers=OKTA).body == first
    assert idp.find('userName eq "nobody@aozora.example"')["totalResults"] == 0
    assert is_scim_error(idp.get("/Users/010101001010101011001010101011", headers=OKTA), 404)
    made = idp.post(PERSON, content_type="application/scim+json; charset=utf-8", headers=OKTA)
    assert (made.status, made["active"], differences(PERSON, made.body)) == (201, True, [])
    assert idp.read(made["id"]).body == made.body
    assert is_scim_error(idp.post(PERSON), 409)


def test_okta_assigns_renames_and_unassigns_somebody(idp: Idp) -> None:
    assert idp.find('userName eq "nao@aozora.example"', startIndex=1, count=100)["totalResults"] == 0
    made = idp.post(PERSON | {"groups": [], "password": "Kv7J2LEa", "title": "Chief"})
    path = f"/Users/{made['id']}"

    def status() -> tuple[int, bool]:
        found = idp.find('userName eq "nao@aozora.example"', startIndex=1, count=100)
        return found["totalResults"], found["Resources"][0]["active"]

    assert (made.status, status()) == (201, (1, True))
    whole = idp.get(path).body
    whole["name"]["givenName"] = "Naomi"
    assert idp.call("PUT", path, whole)["name"] == {"formatted": "Nao Ito", "familyName": "Ito", "givenName": "Naomi"}
    for active in (False, True, False):
        switched = idp.patch(made["id"], {"op": "replace", "value": {"active": active}})
        assert (switched.status, status()) == (200, (1, active))
    assert idp.call("PUT", path, whole | {"active": True})["active"] is True
    assert idp.read(made["id"])["name"]["givenName"] == "Naomi"


def test_scimgateway_sends_no_schemas_and_nulls_where_it_has_nothing(idp: Idp) -> None:
    wanted = "userName,active,name.givenName,name.familyName,name.formatted,title,emails,phoneNumbers,entitlements"
    assert idp.get(f"/Users?attributes={wanted}").status == 200
    assert (
        idp.get(f'/Users?filter=userName eq "nao@aozora.example"&attributes={wanted}'.replace(" ", "%20")).names == []
    )
    made = idp.post(
        {
            "userName": "nao@aozora.example", "active": True, "password": None, "title": "", "phoneNumbers": None,
            "name": {"givenName": "Nao", "familyName": None, "formatted": None}, "emails": None, "entitlements": None,
        }
    )  # fmt: skip
    assert (made.status, made["name"]) == (201, {"givenName": "Nao"})
    found = idp.find('userName eq "nao@aozora.example"', attributes=wanted)
    assert set(found["Resources"][0]) == {"schemas", "id", "userName", "active", "name", "emails"}
    assert idp.get(f"/Users/{made['id']}?attributes={wanted}").body == found["Resources"][0]
    change = {
        "active": False, "name": {"familyName": "Ito", "formatted": ""}, "title": "Chief",
        "emails": [{"type": "work", "value": "n@aozora.example"}], "phoneNumbers": [{"type": "work", "value": "1"}],
    }  # fmt: skip
    changed = idp.call("PATCH", f"/Users/{made['id']}", {"Operations": [{"op": "replace", "value": change}]})
    assert (changed.status, changed["active"], changed["emails"][0]["value"]) == (200, False, "n@aozora.example")
    assert changed["name"] == {"givenName": "Nao", "familyName": "Ito"}
    assert idp.delete(made["id"]).status == 204
    assert is_scim_error(idp.delete(made["id"]), 404)


# -- Requests as identity providers send them, a file each, replayed through the public URL


FOLDER = Path(__file__).parent / "payloads"
FILES = sorted(FOLDER.glob("*/*.json"))
PROVIDERS = {"entra", "okta", "onelogin", "jumpcloud", "authentik", "scimgateway", "pocket_id"}


def test_there_are_payloads_of_every_identity_provider() -> None:
    assert {path.parent.name for path in FILES} == PROVIDERS
    assert {
        path.parent.name for path in FILES if "/Groups" in json.loads(path.read_text())["request"]["path"]
    } == PROVIDERS


@pytest.mark.parametrize("path", FILES, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_recorded_request_is_answered_as_expected(path: Path, idp: Idp, next_door: Idp) -> None:
    """`{id}` is the id of the first resource that was there before, `{id2}` that of the second…"""
    payload: dict[str, Any] = json.loads(path.read_text())
    ids: list[str] = []
    for resource in payload.get("before", []):
        made = idp.post(filled(resource, ids), "/Groups" if GROUP in resource["schemas"] else "/Users")
        assert made.status == 201, made
        ids.append(made["id"])
    neighbour = rows_of(next_door.organization)
    payload = filled(payload, ids)
    request, expected = payload["request"], payload["expected"]

    answer = idp.call(request["method"], request["path"], request.get("body"))

    assert answer.status == expected["status"], answer
    assert contains(answer.body or {}, expected.get("body", {})), answer.body
    assert set(expected.get("ignored", [])) <= set(idp.last_activity().ignored)
    if request["method"] != "GET" and answer.status < 300 and "location" in answer.headers and answer.body:
        assert idp.get(answer.headers["location"].partition(idp.base)[2]).body == answer.body
    for address, stored in payload.get("afterwards", {}).items():
        there = idp.get(address)
        assert there.status == 404 if stored is None else contains(there.body, stored), there
    assert rows_of(next_door.organization) == neighbour


def filled(document: Any, ids: list[str]) -> Any:
    text = json.dumps(document)
    for place, scim_id in enumerate(ids, 1):
        text = text.replace("{id}" if place == 1 else f"{{id{place}}}", scim_id)
    return json.loads(text)


# -- scim2-tester, a conformance suite that is not ours, against the sandbox over HTTP


EXCEPTIONS = (Path(settings.BASE_DIR) / "docs" / "scim.md").read_text().split("## Exceptions")[1]


def documented_figures() -> dict[Status, int]:
    found = re.search(r"(\d+) successes, (\d+) skipped, (\d+) failures", EXCEPTIONS)
    assert found
    return dict(zip((Status.SUCCESS, Status.SKIPPED, Status.ERROR), map(int, found.groups()), strict=True))


def documented_failures() -> list[str]:
    return re.findall(r"^\* `(\w+)`: ", EXCEPTIONS, re.MULTILINE)


@pytest.mark.slow
def test_the_conformance_suite_finds_what_the_documentation_says(sandbox: Organization, live_server: Any) -> None:
    secret = scim_token(sandbox)[1]
    base = f"{live_server.url}/spaces/{sandbox.space_key}/scim/v2"

    with httpx2.Client(base_url=base, headers={"Authorization": f"Bearer {secret}"}) as http:
        results = check_server(SyncSCIMClient(http))

    failures = [result for result in results if result.status not in (Status.SUCCESS, Status.SKIPPED)]
    assert {failure.title for failure in failures} == {"check_remove_attribute"}, failures
    assert sorted(failure.data["urn"] for failure in failures if failure.data) == sorted(documented_failures())
    assert Counter(result.status for result in results) == Counter(documented_figures())
    assert documented_figures() == {Status.SUCCESS: 89, Status.SKIPPED: 0, Status.ERROR: 2}
