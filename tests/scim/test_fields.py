"""The table of synchronized fields says what is stored, what is on the wire, and what a reader calls it."""

from django.test import Client
from django.urls import reverse

from members.fields import BY_NAME, FIELDS
from members.models import Account, Member
from tests.cast.console import text
from tests.scim import CORE, NULAB, Idp, replace

EVERYTHING = {
    "displayName": "Nao I", "name": {"givenName": "Nao", "familyName": "Ito", "formatted": "Nao Ito"},
    "preferredLanguage": "ja-JP", "locale": "ja-JP", "timezone": "Asia/Tokyo", "externalId": "n-1",
    "emails": [{"value": "n@aozora.example", "type": "home", "primary": True}],
    "roles": [{"value": "USER", "primary": True}], NULAB: {"uniqueId": "nao.7"},
}  # fmt: skip


def test_each_is_a_column_and_an_attribute_that_the_schemas_declare(idp: Idp) -> None:
    columns = {field.name for model in (Account, Member) for field in model._meta.get_fields()} | {"active"}
    declared = {
        path
        for schema in (CORE, NULAB)
        for attribute in idp.get(f"/Schemas/{schema}")["attributes"]
        for name in [attribute["name"]]
        for path in [name, *(f"{name}.{part['name']}" for part in attribute.get("subAttributes", []))]
    }

    assert BY_NAME.keys() <= columns
    assert {field.scim for field in FIELDS} <= declared | {"externalId"}


def test_what_an_idp_changes_is_told_by_the_names_of_the_table(idp: Idp, desk: Client) -> None:
    nao = idp.create("nao")

    idp.patch(
        nao["id"],
        *(replace(path, value) for path, value in EVERYTHING.items()),
        replace("userName", "i@aozora.example"),
    )
    idp.patch(nao["id"], replace("active", False))

    told = {name for call in idp.organization.sync_activity.exclude(method="POST") for name in call.changes}
    assert told == BY_NAME.keys()
    for name in ("activity", "audit-log"):
        page = text(desk.get(reverse(name, args=[idp.organization.space_key])))
        assert all(str(field.label) in page for field in FIELDS if field.name != "active")
