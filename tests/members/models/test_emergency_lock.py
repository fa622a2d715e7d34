"""An emergency stop locks: what an administrator has ended, an echo from the IdP does not bring back."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import translation

from members.models import DeletedAccount, Event, Member, Organization, Role, restore
from members.models.member.refusals import KeptOut, NotLocked
from provisioning.guards_refusals import ReactivationByIdp
from provisioning.models import ProvisioningSettings
from tests.cast import OPERATOR, SUPPORT, idp_actor, managed, nulab, page_actor, scim_token, signed_in
from tests.cast.console import text
from tests.cast.rows import events, fresh, last_event, refused, rows_of, unchanged
from tests.scim import CORE, Answer, Idp, add, remove, replace, user


@pytest.fixture
def nao(idp: Idp) -> Answer:
    return idp.create("nao", displayName="Nao Ito")


@pytest.fixture
def locked(idp: Idp, nao: Answer, aiko: Member) -> Member:
    """Nao, whom Aiko has stopped while the IdP goes on calling her active."""
    member = idp.member(nao)
    member.deactivate(by=page_actor(aiko))
    return fresh(member)


TRUE: dict[str, list[dict[str, Any]]] = {
    "by path": [replace("active", True)],
    "as text": [replace("active", "True")],
    "added": [add("active", True)],
    "without path": [{"op": "replace", "value": {"active": True}}],
    "as JSON in text": [{"op": "replace", "value": '{"active": "true"}'}],
    "qualified": [replace(f"{CORE}:active", True)],
    "a qualified key": [{"op": "add", "value": {f"{CORE}:active": True}}],
    "in a list of one": [{"op": "Replace", "path": "ACTIVE", "value": [True]}],
    "with another value": [replace("displayName", "Nao I."), replace("active", True)],
    "false and true in one breath": [replace("active", False), replace("active", True)],
}


@pytest.mark.parametrize("name", TRUE)
def test_an_active_in_any_dialect_is_answered_with_the_true_state(idp: Idp, locked: Member, name: str) -> None:
    before = idp.read(locked.scim_id)

    answer = idp.patch(locked.scim_id, *TRUE[name])

    assert (answer.status, answer["active"]) == (200, False)
    assert not fresh(locked).is_active
    if name == "with another value":
        assert answer["displayName"] == "Nao I.", "everything else is applied"
    else:
        assert answer["meta"] == before["meta"], "nothing has changed, so the version has not either"


def test_a_put_of_the_whole_person_changes_the_rest_and_does_not_let_in(idp: Idp, locked: Member) -> None:
    answer = idp.put(locked.scim_id, user("nao@aozora.example", displayName="Nao I.", roles=[{"value": "USER"}]))

    assert (answer.status, answer["active"], answer["displayName"]) == (200, False, "Nao I.")
    assert fresh(locked).role == Role.USER


def test_a_post_of_the_same_address_does_not_let_in_either(idp: Idp, locked: Member) -> None:
    assert idp.post(user("nao@aozora.example")).status == 409
    assert not fresh(locked).is_active


def test_the_sync_activity_says_who_was_kept_out_and_by_whom(idp: Idp, locked: Member) -> None:
    idp.patch(locked.scim_id, replace("active", True))

    line = idp.last_activity()
    assert (line.event, line.status, line.reason, line.is_lasting) == ("kept out", 200, "kept_out", True)
    assert "Nao Ito is kept out: locked by Aiko Tanaka" in line.explanation
    assert not line.is_refused
    with translation.override("ja"):
        assert "ロック" in line.explanation


def test_the_page_of_the_sync_activity_shows_it(idp: Idp, desk: Client, locked: Member) -> None:
    idp.patch(locked.scim_id, replace("active", True))

    page = text(desk.get(reverse("activity", args=[idp.organization.space_key])))

    assert "Kept out" in page
    assert "locked by Aiko Tanaka" in page


def test_a_decision_of_the_idp_ends_the_lock_an_echo_does_not(idp: Idp, locked: Member) -> None:
    assert idp.patch(locked.scim_id, replace("active", True))["active"] is False
    assert idp.patch(locked.scim_id, replace("active", False))["active"] is False
    assert idp.patch(locked.scim_id, replace("displayName", "N"))["active"] is False
    assert idp.patch(locked.scim_id, replace("active", True))["active"] is True

    assert last_event(idp.organization).changes["locked"] == [True, False]
    assert fresh(locked).lock is None


def test_what_the_idp_said_before_the_lock_does_not_count(idp: Idp, nao: Answer, aiko: Member) -> None:
    idp.patch(nao["id"], replace("active", False))
    idp.member(nao).deactivate(by=page_actor(aiko))

    assert idp.patch(nao["id"], replace("active", True))["active"] is False


SAYS_NOTHING: dict[str, Any] = {
    "removed": remove("active"),
    "removed with its value": remove("active", value=False),
    "null": replace("active", None),
    "null without path": {"op": "replace", "value": {"active": None}},
    "an empty list": replace("active", []),
}


@pytest.mark.parametrize("name", SAYS_NOTHING)
def test_what_says_nothing_of_the_status_is_no_decision(idp: Idp, locked: Member, name: str) -> None:
    idp.patch(locked.scim_id, SAYS_NOTHING[name])
    lock = fresh(locked).lock
    assert lock
    assert not lock.is_confirmed

    assert idp.patch(locked.scim_id, replace("active", True))["active"] is False


def test_a_second_lock_wants_a_second_decision(idp: Idp, locked: Member, aiko: Member) -> None:
    idp.patch(locked.scim_id, replace("active", False))
    idp.patch(locked.scim_id, replace("active", True))
    fresh(locked).deactivate(by=page_actor(aiko))

    assert idp.patch(locked.scim_id, replace("active", True))["active"] is False


def test_without_a_lock_the_switch_is_the_idps(idp: Idp, nao: Answer) -> None:
    assert idp.patch(nao["id"], replace("active", False))["active"] is False
    assert idp.patch(nao["id"], replace("active", True))["active"] is True


@pytest.mark.parametrize("door", ["page", "support", "command"])
def test_a_lock_is_the_same_by_every_door_but_the_idps(idp: Idp, nao: Answer, aiko: Member, door: str) -> None:
    by = {"page": page_actor(aiko), "support": SUPPORT, "command": OPERATOR}[door]
    idp.member(nao).deactivate(by=by)

    assert idp.patch(nao["id"], replace("active", True))["active"] is False
    assert by.name in idp.last_activity().explanation


def test_an_account_that_the_idp_has_never_written_is_locked_too(idp: Idp, mia: Member, aiko: Member) -> None:
    mia.deactivate(by=page_actor(aiko))

    assert idp.put(mia.scim_id, user("mia@aozora.example"))["active"] is False


# -- lifting it


def test_an_administrator_who_stopped_somebody_lets_them_in_again(locked: Member, aiko: Member) -> None:
    locked.reactivate(by=page_actor(aiko))

    assert (fresh(locked).is_active, fresh(locked).lock) == (True, None)


def test_whom_the_idp_wants_out_as_well_an_administrator_does_not_let_in(
    idp: Idp, locked: Member, aiko: Member
) -> None:
    idp.patch(locked.scim_id, replace("active", False))

    with refused(ReactivationByIdp, "Nao Ito"):
        fresh(locked).reactivate(by=page_actor(aiko))


def test_a_lifted_lock_leaves_the_switch_to_the_idp(idp: Idp, locked: Member, aiko: Member) -> None:
    locked.lift_lock(by=page_actor(aiko))

    assert not fresh(locked).is_active
    assert last_event(idp.organization).event == Event.ACCOUNT_LOCK_LIFTED
    assert idp.patch(locked.scim_id, replace("active", True))["active"] is True


def test_a_lock_that_is_not_there_cannot_be_lifted(mia: Member, aiko: Member) -> None:
    with refused(NotLocked, "Mia Sato"):
        mia.lift_lock(by=page_actor(aiko))


def test_locking_twice_changes_nothing(locked: Member, aiko: Member) -> None:
    with unchanged():
        fresh(locked).deactivate(by=page_actor(aiko))


def test_while_provisioning_is_disabled_reactivation_is_the_administrators(
    aozora: Organization, locked: Member, aiko: Member
) -> None:
    ProvisioningSettings.of(aozora).disable(by=page_actor(aiko))

    fresh(locked).reactivate(by=page_actor(aiko))

    assert fresh(locked).is_active


# -- deleted and restored


def test_a_restored_account_is_still_locked(idp: Idp, locked: Member, aiko: Member) -> None:
    locked.remove(by=page_actor(aiko))

    restore(DeletedAccount.objects.get(scim_id=locked.scim_id), by=SUPPORT)

    assert idp.patch(locked.scim_id, replace("active", True))["active"] is False
    assert "Aiko Tanaka" in idp.last_activity().explanation


def test_a_restored_account_keeps_what_the_idp_has_said(idp: Idp, locked: Member, aiko: Member) -> None:
    idp.patch(locked.scim_id, replace("active", False))
    fresh(locked).remove(by=page_actor(aiko))
    restore(DeletedAccount.objects.get(scim_id=locked.scim_id), by=SUPPORT)

    assert idp.patch(locked.scim_id, replace("active", True))["active"] is True


def test_a_deletion_by_the_idp_is_its_word_as_well(idp: Idp, locked: Member) -> None:
    assert idp.delete(locked.scim_id).status == 204
    restore(DeletedAccount.objects.get(scim_id=locked.scim_id), by=SUPPORT)

    assert idp.patch(locked.scim_id, replace("active", True))["active"] is True


def test_somebody_whom_the_idp_has_deleted_and_creates_anew_is_its_decision(idp: Idp, locked: Member) -> None:
    idp.delete(locked.scim_id)

    assert idp.create("nao")["active"] is True


# -- where it is seen


def test_it_is_on_every_page_that_shows_a_status(idp: Idp, desk: Client, locked: Member, mia: Member) -> None:
    key = idp.organization.space_key
    list_page = text(desk.get(reverse("members", args=[key]), {"status": "locked"}))
    review = text(desk.get(reverse("provisioning-review", args=[key])))
    page = text(desk.get(reverse("member", args=[key, locked.scim_id])))
    log = text(desk.get(reverse("audit-log", args=[key])))

    assert "nao@aozora.example" in list_page
    assert "mia@aozora.example" not in list_page
    assert "Locked" in review
    assert "Locked by Aiko Tanaka" in page
    assert "Lift the lock" in page
    assert "Locked: No → Yes" in log


def test_another_organization_sees_inactive_only(idp: Idp, hakata: Organization, locked: Member, ren: Member) -> None:
    place = Member.objects.add(hakata, locked.account, role=Role.GUEST, by=OPERATOR)

    page = text(signed_in(Client(), ren).get(reverse("member", args=[hakata.space_key, place.scim_id])))

    assert "Inactive" in page
    assert "Locked" not in page


def test_the_page_says_why_a_button_is_not_there(idp: Idp, desk: Client, nao: Answer) -> None:
    idp.patch(nao["id"], replace("active", False))

    page = text(desk.get(reverse("member", args=[idp.organization.space_key, nao["id"]])))

    assert "is kept by the identity provider" in page
    assert "Reactivate account" not in page
    assert "Lock account" in page


def test_support_sees_and_lifts_it(idp: Idp, support_desk: Client, locked: Member) -> None:
    page = support_desk.get(reverse("admin:members_member_change", args=[locked.pk]))
    assert "Aiko Tanaka" in text(page)

    support_desk.post(
        reverse("admin:members_member_changelist"), {"action": "lift_lock", "_selected_action": [locked.pk]}
    )

    assert fresh(locked).lock is None
    assert last_event(idp.organization).operator_name == "Nulab Support"


# -- several at once


def address(organization: Organization, *members: Member) -> str:
    picked = "&".join(f"member={member.scim_id}" for member in members)
    return f"{reverse('members-deactivate', args=[organization.space_key])}?{picked}"


def test_several_are_stopped_after_a_page_that_says_all(
    idp: Idp, desk: Client, aiko: Member, mia: Member, hakata: Organization, nao: Answer
) -> None:
    organization, yuki = idp.organization, nulab(idp.organization, "yuki")
    emi = managed(organization, "emi", role=Role.ADMIN)
    scim_token(organization, issuer=emi)
    chosen = [idp.member(nao), mia, yuki, aiko, emi]
    theirs = rows_of(hakata)

    with unchanged():
        page = text(desk.get(address(organization, *chosen)))
    assert "Deactivate 2 members?" in page
    for words in ("signed out everywhere", "licences are given back", "locked", "lifts it", "activates them again"):
        assert words in page
    assert "Yuki Abe has a Nulab Account" in page
    assert "Aiko Tanaka is you" in page
    assert "Emi Ueda is the issuer" in page

    answer = desk.post(address(organization, *chosen), follow=True)

    assert "2 members are deactivated and locked." in text(answer)
    assert [fresh(member).is_active for member in chosen] == [False, False, True, True, True]
    assert idp.patch(nao["id"], replace("active", True))["active"] is False
    assert events(organization).count(Event.ACCOUNT_DEACTIVATED) == 2
    assert rows_of(hakata) == theirs


def test_who_is_locked_already_is_said(idp: Idp, desk: Client, locked: Member) -> None:
    page = text(desk.get(address(idp.organization, locked)))

    assert "None of these members can be deactivated" in page
    assert "Nao Ito is already locked by Aiko Tanaka." in page


def test_the_pages_are_for_administrators_of_this_organization(
    idp: Idp, locked: Member, mia: Member, ren: Member
) -> None:
    lift = reverse("member-lock-lift", args=[idp.organization.space_key, locked.scim_id])
    visitors = [Client(), signed_in(Client(), mia), signed_in(Client(), ren)]
    with unchanged():
        for visitor in visitors:
            assert visitor.post(address(idp.organization, mia)).status_code in (302, 403, 404)
            assert visitor.post(lift).status_code in (302, 403, 404)


def test_the_verb_itself_refuses_the_idp(idp: Idp, locked: Member) -> None:
    by = idp_actor(idp.organization)
    with refused(KeptOut, "Nao Ito", "Aiko Tanaka"):
        locked.reactivate(by=by)
