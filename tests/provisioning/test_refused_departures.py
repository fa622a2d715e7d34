"""Whatever refuses a departure, the leaver who stays in is recorded, mailed and shown until it is mended."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.urls import reverse

from members.models import Member, Organization, Product, Role, Subscription
from provisioning.models import ProvisioningSettings, RefusedDeparture
from tests.cast import OPERATOR, managed, nulab, provisioned
from tests.cast.console import text
from tests.cast.rows import fresh, rows_of
from tests.scim import CORE, Answer, Idp, patch_body, remove, replace, user


@pytest.fixture
def kenji(idp: Idp, aiko: Member) -> Member:
    """Whom the IdP keeps and wants out."""
    return provisioned(idp.organization, "kenji", external_id="kenji-1")


def end_pass(idp: Idp, member: Member) -> None:
    idp.organization.subscriptions.get(product=Product.PASS).end(by=OPERATOR)


def disable(idp: Idp, member: Member) -> None:
    ProvisioningSettings.of(idp.organization).disable(by=OPERATOR)


def depend_on(idp: Idp, member: Member) -> None:
    member.change_privileges(is_plan_admin=True, by=OPERATOR)


def make_issuer(idp: Idp, member: Member) -> None:
    member.change_role(Role.ADMIN, by=OPERATOR)
    idp.organization.scim_tokens.get().change_issuer(member, by=OPERATOR)


def outdate(idp: Idp, member: Member) -> None:
    member.account.created_at = member.account.created_at.replace(year=2020)
    member.account.save(update_fields=["created_at"])


CAUSES: dict[str, Callable[[Idp, Member], None]] = {
    "pass_has_ended": end_pass,
    "provisioning_disabled": disable,
    "last_plan_admin": depend_on,
    "is_token_issuer": make_issuer,
    "needs_update": outdate,
}
OUT: dict[str, tuple[str, Any]] = {
    "deleted": ("DELETE", None),
    "replaced": ("PUT", user("kenji@aozora.example", active=False)),
    "replaced, as text": ("PUT", {"userName": "kenji@aozora.example", "ACTIVE": "False"}),
    "patched": ("PATCH", patch_body(replace("active", False))),
    "patched, as text": ("PATCH", patch_body({"op": "Replace", "path": "active", "value": "False"})),
    "patched, qualified": ("PATCH", patch_body(replace(f"{CORE}:active", False))),
    "patched, a list of one": ("PATCH", patch_body(replace("active", [False]))),
    "patched, without path": ("PATCH", patch_body({"op": "replace", "value": {"active": False}})),
    "patched, in JSON": ("PATCH", patch_body({"op": "replace", "value": '{"active": "false"}'})),
    "patched, under the schema": ("PATCH", patch_body({"op": "add", "value": {CORE: {"active": False}}})),
    "patched, last of several": ("PATCH", patch_body(replace("active", True), replace("active", False))),
}
NOT_OUT: dict[str, tuple[str, Any]] = {
    "read": ("GET", None),
    "another field": ("PATCH", patch_body(replace("displayName", "K"))),
    "wanted in": ("PATCH", patch_body(replace("active", False), replace("active", True))),
    "removed, which leaves the value": ("PATCH", patch_body(remove("active"))),
    "of a manager": ("PATCH", patch_body(replace("manager.active", False))),
    "no status": ("PUT", {"userName": "kenji@aozora.example"}),
    "no boolean": ("PUT", {"userName": "kenji@aozora.example", "active": "maybe"}),
    "no JSON": ("PATCH", b"{"),
}


def send(idp: Idp, member: Member, call: tuple[str, Any]) -> Answer:
    return idp.call(call[0], f"/Users/{member.scim_id}", call[1])


@pytest.mark.parametrize("cause", CAUSES)
def test_every_cause_is_remembered_with_its_reason(idp: Idp, kenji: Member, cause: str) -> None:
    CAUSES[cause](idp, kenji)

    answer = send(idp, kenji, OUT["patched"])

    departure = RefusedDeparture.objects.get()
    assert (answer.status, departure.member, departure.code) == (403, kenji, cause)
    assert departure.reason == answer.detail
    assert (idp.last_activity().subject_id, idp.last_activity().subject) == (kenji.scim_id, "Kenji Mori")


@pytest.mark.parametrize("name", OUT)
def test_a_closed_door_understands_every_way_to_say_out(idp: Idp, kenji: Member, name: str) -> None:
    end_pass(idp, kenji)

    assert send(idp, kenji, OUT[name]).status == 403
    assert RefusedDeparture.objects.get().member == kenji


@pytest.mark.parametrize("name", NOT_OUT)
def test_what_wants_nobody_out_is_no_departure(idp: Idp, kenji: Member, name: str) -> None:
    end_pass(idp, kenji)

    assert send(idp, kenji, NOT_OUT[name]).status == 403
    assert not RefusedDeparture.objects.exists()


REFUSED: dict[str, tuple[str, Any]] = {
    "domain_not_verified": ("PATCH", patch_body(replace("active", False), replace("userName", "k@else.example"))),
    "invalid_path": ("PATCH", patch_body(replace("active", False), replace("a[", 1))),
    "invalid_role": ("PUT", user("kenji@aozora.example", active=False, roles=[{"value": "KING"}])),
}


@pytest.mark.parametrize("code", REFUSED)
def test_something_else_in_the_request_may_be_what_was_wrong(idp: Idp, kenji: Member, code: str) -> None:
    assert send(idp, kenji, REFUSED[code]).status == 400

    assert RefusedDeparture.objects.get().code == code


def test_another_version_than_wanted_keeps_the_leaver_in_as_well(idp: Idp, kenji: Member) -> None:
    answer = idp.patch(kenji.scim_id, replace("active", False), headers={"If-Match": 'W/"other"'})

    assert (answer.status, RefusedDeparture.objects.get().code) == (412, "precondition_failed")


UNREADABLE: dict[str, tuple[str, Any]] = {
    "a number": ("PUT", user("kenji@aozora.example", active=0)),
    "a number as text": ("PATCH", patch_body(replace("active", "0"))),
    "spaces": ("PATCH", patch_body(replace("active", " False "))),
    "a word": ("PATCH", patch_body({"op": "replace", "value": {"active": "Inactive"}})),
    "an object": ("PATCH", patch_body(replace("active", [{"$ref": None, "value": "False"}]))),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_a_form_of_false_that_is_refused_keeps_the_leaver_in_as_well(idp: Idp, kenji: Member, name: str) -> None:
    if send(idp, kenji, UNREADABLE[name]).status == 200:
        assert not fresh(kenji).is_active
    else:
        assert RefusedDeparture.objects.get().code == "wrong_type"


def test_a_guess_leaves_no_trace(idp: Idp, kenji: Member) -> None:
    idp.secret = "nlb_scim_guessed"

    assert send(idp, kenji, OUT["deleted"]).status == 401
    assert not RefusedDeparture.objects.exists()


def test_the_administrators_are_mailed_once(idp: Idp, kenji: Member, django_capture_on_commit_callbacks: Any) -> None:
    end_pass(idp, kenji)

    with django_capture_on_commit_callbacks(execute=True):
        for _ in range(3):
            send(idp, kenji, OUT["patched"])

    [letter] = [one for one in mail.outbox if "Kenji Mori" in one.subject]
    assert letter.to == ["aiko.tanaka@aozora.example"]
    assert "Nulab Pass subscription has ended" in str(letter.body)


def test_a_name_that_was_never_stored_is_told_to_nobody(
    idp: Idp, desk: Client, kenji: Member, django_capture_on_commit_callbacks: Any
) -> None:
    make_issuer(idp, kenji)
    hacked = [replace("displayName", "HACKED"), replace("name.givenName", "HACKED")]

    with django_capture_on_commit_callbacks(execute=True):
        answers = [
            idp.patch(kenji.scim_id, *hacked, replace("active", False)),
            idp.patch(kenji.scim_id, *hacked, replace("roles", "GUEST")),
            idp.put(kenji.scim_id, user("kenji@aozora.example", displayName="HACKED", active=False)),
        ]

    assert [answer.status for answer in answers] == [403] * 3
    assert all("Kenji Mori is the issuer" in answer.detail for answer in answers)
    lines = idp.organization.sync_activity.all()
    assert all("HACKED" not in f"{line.subject}{line.figures}{line.detail}{line.explanation}" for line in lines)
    page = text(desk.get(reverse("members", args=[idp.organization.space_key])))
    assert "Kenji Mori is the issuer" in page
    assert "HACKED" not in page
    assert all("HACKED" not in f"{letter.subject}{letter.body}" for letter in mail.outbox)


def test_a_person_who_is_renamed_is_named_anew(idp: Idp, kenji: Member) -> None:
    make_issuer(idp, kenji)
    send(idp, kenji, OUT["patched"])

    fresh(kenji).change_profile({"display_name": "Kenji Abe"}, by=OPERATOR)

    assert RefusedDeparture.objects.get().reason.startswith("Kenji Abe is the issuer")


def test_the_banner_stands_on_every_page_and_counts_the_many(idp: Idp, desk: Client, kenji: Member) -> None:
    people = [provisioned(idp.organization, f"p{number}") for number in range(4)]
    end_pass(idp, kenji)
    for person in people:
        send(idp, person, OUT["patched"])

    for page in ("members", "domains", "provisioning"):
        said = text(desk.get(reverse(page, args=[idp.organization.space_key])))
        assert said.count(", but was refused: The organization") == 3
        assert "The IdP tried to deactivate or delete 1 more person" in said


# -- until it is mended


@pytest.fixture
def waiting(idp: Idp, kenji: Member) -> Member:
    end_pass(idp, kenji)
    send(idp, kenji, OUT["patched"])
    assert RefusedDeparture.objects.exists()
    return fresh(kenji)


def test_it_ends_when_the_person_is_out(idp: Idp, waiting: Member, aiko: Member) -> None:
    waiting.deactivate(by=OPERATOR)

    assert not RefusedDeparture.objects.exists()


def test_it_ends_everywhere_when_the_managing_organization_puts_the_person_out(
    idp: Idp, next_door: Idp, kenji: Member
) -> None:
    guest = Member.objects.add(next_door.organization, kenji.account, role=Role.USER, by=OPERATOR)
    assert send(next_door, guest, OUT["patched"]).status == 403
    assert RefusedDeparture.objects.get().member == guest

    assert send(idp, kenji, OUT["patched"])["active"] is False

    assert not RefusedDeparture.objects.exists()


def test_it_ends_when_the_idp_wants_the_person_in_again(idp: Idp, waiting: Member) -> None:
    assert idp.patch(waiting.scim_id, replace("active", True)).status == 403

    assert not RefusedDeparture.objects.exists()


def test_it_ends_when_the_idp_succeeds(idp: Idp, waiting: Member) -> None:
    Subscription.objects.buy(idp.organization, Product.PASS, 10, by=OPERATOR)

    assert send(idp, waiting, OUT["patched"])["active"] is False
    assert not RefusedDeparture.objects.exists()


def test_somebody_who_is_out_already_needs_no_warning(idp: Idp, kenji: Member) -> None:
    kenji.deactivate(by=OPERATOR)
    end_pass(idp, kenji)

    send(idp, kenji, OUT["deleted"])

    assert not RefusedDeparture.objects.exists()


def test_a_nulab_account_that_the_idp_may_not_write_is_a_leaver_too(
    idp: Idp, aiko: Member, hakata: Organization
) -> None:
    nao, theirs = nulab(idp.organization, "nao"), rows_of(hakata)

    assert idp.delete(nao.scim_id).status == 403
    assert RefusedDeparture.objects.get().code == "is_nulab_account"
    assert idp.delete(hakata.members.get(unique_id="mia").scim_id).status == 404
    assert rows_of(hakata) == theirs


def test_a_sandbox_records_and_mails_nobody(
    play_idp: Idp, sam: Member, django_capture_on_commit_callbacks: Any
) -> None:
    barbara = managed(play_idp.organization, "barbara")
    barbara.change_privileges(is_plan_admin=True, by=OPERATOR)

    with django_capture_on_commit_callbacks(execute=True):
        play_idp.patch(barbara.scim_id, replace("active", False))

    assert RefusedDeparture.objects.get().member == barbara
    assert mail.outbox == []
