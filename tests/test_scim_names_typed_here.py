"""Whom no IdP has named has a given and a family name all the same: clients cannot import a person without."""

from typing import Any

import pytest
from django.apps import apps

from members import values
from members.models import Account, Member, Organization, Role
from members.models.founding import found
from tests.cast import OPERATOR, managed, page_actor, provisioned
from tests.rows import last_event
from tests.scim import Idp, replace

NAMES = [
    ("Mia Sato", ("Mia", "Sato")), ("Ana María Cruz", ("Ana María", "Cruz")), ("佐藤 美亜", ("美亜", "佐藤")),
    ("佐藤\u3000美亜", ("美亜", "佐藤")), ("김 민준", ("민준", "김")), ("タナカ アイコ", ("アイコ", "タナカ")),
    ("Mononym", ("Mononym", "Mononym")), ("佐藤美亜", ("佐藤美亜", "佐藤美亜")), ("𠮷田 太郎", ("太郎", "𠮷田")),
]  # fmt: skip


@pytest.mark.parametrize(("name", "parts"), NAMES)
def test_a_typed_name_is_split_and_found(
    idp: Idp, aiko: Member, mia: Member, name: str, parts: tuple[str, str]
) -> None:
    mia = managed(idp.organization, "typed", display_name="Old Name")
    mia.change_profile({"display_name": name}, by=page_actor(aiko))

    answer = idp.read(mia.scim_id)
    assert (answer["displayName"], answer["name"]) == (name, {"givenName": parts[0], "familyName": parts[1]})
    wanted = f'name.givenName eq "{parts[0]}" and name.familyName eq "{parts[1]}"'
    assert mia.scim_id in [one["id"] for one in idp.find(wanted)["Resources"]]


def test_everybody_who_is_listed_has_both(idp: Idp, aiko: Member) -> None:
    managed(idp.organization, "nameless", display_name="")
    for user in idp.get()["Resources"]:
        assert user["name"]["givenName"], user
        assert user["name"]["familyName"], user


def test_the_founding_account_has_both(db: None) -> None:
    _organization, account = found(name="New", slug="newcomer", administrator="saki@new.example", by=OPERATOR)
    assert (account.name, account.given_name, account.family_name) == ("saki", "saki", "saki")


def test_what_an_idp_has_sent_a_typed_name_leaves_alone(idp: Idp, aiko: Member) -> None:
    nao = idp.create("nao", displayName="Nao Ito", name={"givenName": "Nao", "familyName": "Ito"})
    member = idp.member(nao)
    member.change_profile({"display_name": "Nao Abe"}, by=page_actor(aiko))

    answer = idp.read(nao["id"])
    assert (answer["displayName"], answer["name"]) == ("Nao Abe", {"givenName": "Nao", "familyName": "Ito"})


@pytest.mark.parametrize(("path", "value"), [("name.givenName", "M."), ("name.formatted", "Mia S.")])
def test_the_first_part_from_an_idp_ends_it(idp: Idp, aiko: Member, path: str, value: str) -> None:
    yuki = managed(idp.organization, "yuki", display_name="Yuki Abe")
    before = idp.patch(yuki.scim_id, replace(path, value))["name"]
    yuki = idp.organization.members.get(pk=yuki.pk)
    yuki.change_profile({"display_name": "Yuki Ueda"}, by=page_actor(aiko))
    assert idp.read(yuki.scim_id)["name"] == before


def test_the_parts_are_no_change_of_their_own_in_the_audit_log(aozora: Organization, aiko: Member) -> None:
    yuki = managed(aozora, "yuki", display_name="Yuki Abe")
    yuki.change_profile({"display_name": "Yuki Ueda"}, by=page_actor(aiko))
    assert set(last_event(aozora).changes) == {"display_name", "name"}


def test_the_rows_there_are_are_filled(aozora: Organization, mia: Member, aiko: Member) -> None:
    kept = provisioned(aozora, "kept", display_name="Kept Only")
    blank: dict[str, Any] = dict.fromkeys(
        ("given_name", "given_name_key", "family_name", "family_name_key", "formatted_name", "formatted_name_key"), ""
    )
    Account.objects.update(**blank, name_is_split=False)
    fill = __import__("members.migrations.0021_split_the_names_typed_here", fromlist=["fill"]).fill
    fill(apps, None)
    filled = {one.pk: (one.given_name, one.family_name) for one in Account.objects.all()}
    assert filled[mia.account_id] == ("Mia", "Sato")
    assert filled[kept.account_id] == ("", "")


# -- how long


def test_names_of_255_characters_are_taken_and_256_refused_by_their_scim_name(idp: Idp, aiko: Member) -> None:
    long = "n" * 255
    names = {"displayName": long, "name": {"formatted": long, "givenName": long, "familyName": long}}
    created = idp.create("long", **names)
    assert (created["displayName"], created["name"]) == (long, names["name"])
    assert idp.find(f'displayName eq "{long}"').names == ["long@aozora.example"]
    member = idp.member(created)
    member.change_role(Role.ADMIN, by=OPERATOR)
    member.deactivate(by=page_actor(aiko))
    for path in ("displayName", "name.formatted", "name.givenName", "name.familyName"):
        answer = idp.patch(created["id"], replace(path, long + "n"))
        assert (answer.status, answer["scimType"]) == (400, "invalidValue")
        assert f"“{path}” is longer than 255 characters" in answer.detail
        assert f"“{path}” contains" in idp.patch(created["id"], replace(path, "a\x00")).detail
    assert len(long) == values.NAME_MOST
