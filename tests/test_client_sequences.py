"""Clients that are no big IdP, call by call as they work: authentik, Keycloak's plugin, scimgateway, Okta's tests."""

from typing import Any

from tests.scim import CORE, Idp, is_scim_error

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
