"""Clients that are no big IdP, call by call as they work: authentik, Keycloak's plugin, Okta's test of an endpoint."""

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


def test_an_endpoint_answers_oktas_test_of_it(idp: Idp) -> None:
    idp.create("emi")
    listed = idp.get("/Users?count=2&startIndex=1")
    assert (listed.status, listed["startIndex"], len(listed["Resources"])) == (200, 1, 2)
    first = listed["Resources"][0]
    assert idp.find(f'userName eq "{first["userName"]}"')["Resources"][0]["id"] == first["id"]
    assert idp.read(first["id"]).body == first
    assert idp.find('userName eq "nobody@aozora.example"')["totalResults"] == 0
    assert is_scim_error(idp.get("/Users/010101001010101011001010101011"), 404)
    assert idp.post(PERSON).status == 201
    assert is_scim_error(idp.post(PERSON), 409)
