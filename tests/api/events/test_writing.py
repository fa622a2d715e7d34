"""Each change that a reader of the API can notice is one event: no more, no fewer, numbered without gaps."""

import threading
from collections.abc import Callable
from contextlib import suppress
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import close_old_connections, connection, transaction
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.events.types import TYPES
from api.models import Event, EventCounter
from api.models.event import KEPT_FOR
from members import pruning, words
from members.models import AuditEvent, Member, Organization, Role, Team
from members.models.changing import changing
from members.models.member.refusals import LastAdministrator
from members.people.dry_run import dry_run
from tests.cast import OPERATOR, managed, page_actor
from tests.members.models.test_pending_writes import STEPS, Play, Step
from tests.scim import Idp, replace

# Entries of the audit log that change nothing that the API shows, and why.
UNNOTICED = {
    "account.signed_in": "is a sign-in",
    "account.sign_in_refused": "is a sign-in",
    "account.password_reset_requested": "is a sign-in",
    "account.recovery_code_used": "is a sign-in",
    "saml.signed_in": "is a sign-in",
    "saml.refused": "is a sign-in",
    "account.password_set": "concerns how the owner signs in",
    "account.second_factor_set_up": "concerns how the owner signs in",
    "account.second_factor_removed": "concerns how the owner signs in",
    "account.second_factor_locked": "concerns how the owner signs in",
    "account.recovery_codes_renewed": "concerns how the owner signs in",
    "account.lock_confirmed": "concerns what the IdP may do with the account later",
    "personal_token.issued": "concerns who may read the API",
    "personal_token.revoked": "concerns who may read the API",
    "personal_token.ended": "concerns who may read the API",
    "member.exported": "reads",
    "licence.exported": "reads",
    "audit_log.exported": "reads",
    "provisioning.exported": "reads",
    "saml.tested": "reads",
    "invitation.sent": "concerns somebody who is no member yet",
    "invitation.resent": "concerns somebody who is no member yet",
    "invitation.withdrawn": "concerns somebody who is no member yet",
    "invitation.accepted": "comes with member.added",
    "team_rule.created": "is told by what changes of the members",
    "team_rule.moved": "is told by what changes of the members",
    "team_rule.deleted": "is told by what changes of the members",
    "mail.sent_again": "concerns a mail",
    "saml.changed": "concerns the connection with the IdP",
    "saml.certificate_added": "concerns the connection with the IdP",
    "saml.certificate_removed": "concerns the connection with the IdP",
    "saml.certificate_unusable": "concerns the connection with the IdP",
    "token.issued": "concerns the connection with the IdP",
    "token.revoked": "concerns the connection with the IdP",
    "token.renamed": "concerns the connection with the IdP",
    "token.issuer_changed": "concerns the connection with the IdP",
}


def test_of_each_entry_of_the_audit_log_it_is_said_whether_it_is_an_event() -> None:
    assert not TYPES.keys() & UNNOTICED.keys()
    assert TYPES.keys() | UNNOTICED.keys() == words.events().keys()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEPS, min_size=1, max_size=8))
def test_the_noticeable_entries_of_the_audit_log_are_the_events(
    aozora: Organization, hakata: Organization, idp: Idp, aiko: Member, mia: Member, kenji: Member, steps: list[Step]
) -> None:
    if not aozora.teams.exists():
        Team.objects.create_team(aozora, "Sales", by=page_actor(aiko))
    play = Play(aozora, hakata, idp, aiko)
    with transaction.atomic():
        for step in steps:
            with suppress(Exception):
                step(play)
        for organization in (aozora, hakata):
            assert told(organization) == noticeable(organization)
            assert_gapless(organization)
        transaction.set_rollback(True)


def told(organization: Organization) -> list[tuple[str, str]]:
    return list(organization.events.order_by("number").values_list("type", "subject_id"))


def noticeable(organization: Organization) -> list[tuple[str, str]]:
    return [
        (row.event, row.subject_id or _id_of(row))
        for row in organization.audit.filter(event__in=TYPES).select_related("organization").order_by("pk")
    ]


def _id_of(row: AuditEvent) -> str:
    match row.category:
        case "team":
            return row.organization.teams.get(name=row.subject).scim_id
        case "subscription":
            return row.subject.removeprefix("Nulab ").lower()
        case "domain":
            return row.subject
    return row.organization.space_key


def assert_gapless(organization: Organization) -> None:
    numbers = list(organization.events.order_by("number").values_list("number", flat=True))
    assert numbers == list(range(1, len(numbers) + 1))
    assert EventCounter.objects.get(pk=organization.pk).last == len(numbers)


def test_an_event_tells_before_and_after(aozora: Organization, mia: Member) -> None:
    mia.change_profile({"display_name": "Mia M."}, by=OPERATOR)
    sales = Team.objects.create_team(aozora, "Sales", by=OPERATOR)
    sales.add(mia, by=OPERATOR)

    changed, _, joined = aozora.events.order_by("number").reverse()[:3][::-1]
    assert changed.changes["name"][1] == "Mia M."
    assert (changed.type, changed.subject_type, changed.subject_id, changed.team_id) == (
        "account.changed", "member", mia.scim_id, "",
    )  # fmt: skip
    assert (joined.type, joined.subject_id, joined.team_id) == ("team.member_added", mia.scim_id, sales.scim_id)
    mia.deactivate(by=OPERATOR)
    last = aozora.events.order_by("number").last()
    assert last is not None
    assert last.changes == {"locked": [False, True], "active": [True, False], "licences": [["pass"], []]}


def test_somebody_in_two_organizations_is_an_event_in_both(
    aozora: Organization, hakata: Organization, mia: Member
) -> None:
    place = Member.objects.add(hakata, mia.account, role=Role.USER, by=OPERATOR)

    mia.change_profile({"display_name": "Mia M."}, by=OPERATOR)

    assert told(aozora)[-1] == ("account.changed", mia.scim_id)
    assert told(hakata)[-1] == ("account.changed", place.scim_id)


def test_nothing_undone_or_merely_tried_is_an_event(aozora: Organization, aiko: Member, mia: Member) -> None:
    before = told(aozora)

    with changing():
        with suppress(LastAdministrator), aozora.locked(aiko):
            mia.change_role(Role.USER, by=OPERATOR)
            aiko.change_role(Role.GUEST, by=OPERATOR)
        with suppress(KeyError), changing(aozora):
            mia.deactivate(by=OPERATOR)
            raise KeyError
    dry_run([mia], lambda member: member.deactivate(by=OPERATOR))

    assert told(aozora) == before


def test_an_import_tells_of_each(aozora: Organization) -> None:
    from members.models.member.many import Batch, Person

    team = Team.objects.create_team(aozora, "Sales", by=OPERATOR)
    people = [
        Person(line, {"user_name": f"p{line}@aozora.example", "email": None, "language": "en"}, teams=(team,))
        for line in range(20)
    ]
    batch = Batch(aozora, people, by=OPERATOR)
    batch.write()

    assert len(batch.members) == 20
    assert told(aozora) == noticeable(aozora)
    assert_gapless(aozora)


@pytest.mark.django_db(transaction=True)
def test_writers_that_meet_are_numbered_in_the_order_of_their_commits(
    aozora: Organization, hakata: Organization, aiko: Member, mia: Member
) -> None:
    """Each of two organizations changes people of the other, too: the counters are taken in one order."""
    places = [Member.objects.add(hakata, mia.account, role=Role.USER, by=OPERATOR)]
    guest = managed(hakata, "guest")
    places.append(Member.objects.add(aozora, guest.account, role=Role.USER, by=OPERATOR))
    failures: list[Exception] = []

    def run(act: Callable[[int], Any]) -> None:
        try:
            for turn in range(8):
                act(turn)
        except Exception as error:
            failures.append(error)
        finally:
            connection.close()

    acts: list[Callable[[int], Any]] = [
        lambda turn: Member.objects.get(pk=mia.pk).change_profile({"display_name": f"Mia {turn}"}, by=OPERATOR),
        lambda turn: Member.objects.get(pk=guest.pk).change_profile({"display_name": f"Guest {turn}"}, by=OPERATOR),
        lambda turn: Team.objects.create_team(aozora, f"A {turn}", by=OPERATOR),
        lambda turn: Team.objects.create_team(hakata, f"H {turn}", by=OPERATOR),
    ]
    threads = [threading.Thread(target=run, args=[act]) for act in acts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert not failures
    for organization in (aozora, hakata):
        assert_gapless(organization)
        assert sorted(told(organization)) == sorted(noticeable(organization))
    close_old_connections()


def test_the_price_is_no_statement_more(idp: Idp, django_assert_max_num_queries: Any) -> None:
    nao = idp.create("nao")
    idp.patch(nao["id"], replace("displayName", "A"))
    before = Event.objects.count()
    with django_assert_max_num_queries(4 + 2 if connection.vendor == "postgresql" else 33):
        idp.patch(nao["id"], replace("displayName", "B"))
    assert Event.objects.count() == before + 1


def test_events_are_kept_for_thirty_days(aozora: Organization, mia: Member, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pruning, "A_STEP", 2)
    first = EventCounter.objects.get(pk=aozora.pk).last + 1
    for turn in range(6):
        mia.change_profile({"display_name": f"Mia {turn}"}, by=OPERATOR)
    Event.objects.filter(organization=aozora, number__lt=first + 4).update(at=timezone.now() - KEPT_FOR)

    said = StringIO()
    call_command("prune", stdout=said)

    assert f"events: {first + 3}\n" in said.getvalue()
    assert [one.number for one in aozora.events.order_by("number")] == [first + 4, first + 5]
    aozora.events.update(at=timezone.now() - KEPT_FOR)
    assert Event.prune() == 2
    mia.change_profile({"display_name": "Mia"}, by=OPERATOR)
    assert [one.number for one in aozora.events.all()] == [first + 6]
