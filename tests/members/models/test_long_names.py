"""Names as long as they may be, wherever a name is written down: keys, audit log, sync activity, invitations, locks."""

from django.test import Client
from django.urls import reverse

from members.keys import key_of
from members.models import DeletedAccount, EmergencyLock, Invitation, Member, Organization, Role
from members.models.restoring import restore
from members.values import MAX_FULL_NAME, MAX_NAME
from tests.cast import OPERATOR, page_actor, signed_in
from tests.cast.rows import fresh, last_event
from tests.scim import Idp, replace

# Each letter is two in a key, and four bytes in UTF-8 those of the id.
GIVEN, FAMILY, EXTERNAL_ID = "ß" * MAX_NAME, "ẞ" * MAX_NAME, "𠮷" * 256
NAMES = {"displayName": "", "name": {"givenName": GIVEN, "familyName": FAMILY}}
FULL = f"{GIVEN} {FAMILY}"


def administrator(idp: Idp) -> Member:
    created = idp.create("long", externalId=EXTERNAL_ID, roles=[{"value": "ADMIN"}], **NAMES)
    assert created["externalId"] == EXTERNAL_ID
    return idp.member(created)


def test_a_full_name_at_its_limit_is_stored_found_and_recorded(desk: Client, aozora: Organization) -> None:
    idp = Idp(aozora)
    member = administrator(idp)

    assert (member.account.name, len(FULL)) == (FULL, MAX_FULL_NAME)
    assert member.account.name_key == key_of(FULL)
    assert idp.find(f'externalId eq "{EXTERNAL_ID}"').names == ["long@aozora.example"]
    assert idp.find(f'name.familyName eq "{FAMILY}"').names == ["long@aozora.example"]
    assert aozora.sync_activity.get(method="POST").subject == FULL
    assert last_event(aozora).subject == FULL
    for page in ("members", "audit-log"):
        found = desk.get(reverse(page, args=[aozora.space_key]), {"q": FULL, "subject": FULL})
        shown = found.content.decode().partition("</form>")[2]
        assert (found.status_code, FULL in shown) == (200, True), page


def test_whoever_has_it_acts_as_everybody_does(mia: Member, aozora: Organization) -> None:
    member = administrator(Idp(aozora))
    by = page_actor(member)

    invitation = Invitation.objects.invite(member, "somebody@new.test", role=Role.USER, by=by)
    fresh(mia).deactivate(by=by)
    assert last_event(aozora).operator_name == FULL
    member.remove(by=OPERATOR)

    assert (invitation.inviter, EmergencyLock.objects.get().by_name) == (FULL, FULL)
    deleted = DeletedAccount.objects.get(name=FULL)
    assert restore(deleted, by=OPERATOR).account.name == FULL


def test_one_character_more_is_refused_with_the_limit(aozora: Organization) -> None:
    idp = Idp(aozora)
    scim_id = administrator(idp).scim_id

    for path, value in {"name.givenName": GIVEN, "displayName": "x" * MAX_NAME, "externalId": EXTERNAL_ID}.items():
        assert idp.patch(scim_id, replace(path, value)).status == 200
        answer = idp.patch(scim_id, replace(path, value + "x"))
        assert (answer.status, answer["scimType"]) == (400, "invalidValue")
        assert f"“{path}” is longer than 256 characters" in answer.detail


def test_a_page_takes_as_many_and_refuses_one_more_at_its_field(client: Client, aiko: Member) -> None:
    signed_in(client, aiko)

    for name, status in (("x" * MAX_NAME, 302), ("y" * (MAX_NAME + 1), 422)):
        assert client.post(reverse("own-name"), {"name": name}).status_code == status
    assert fresh(aiko).account.name == "x" * MAX_NAME
