"""Changes are computed before anybody waits for them, and count only if all is as it was read (decision 37)."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from members.models import (
    Account,
    AuditEvent,
    Domain,
    Event,
    Member,
    Product,
    SignIn,
    Subscription,
    Team,
    TeamMembership,
    TeamRule,
    Unmet,
    changing,
    work,
)
from members.models.member import reading, refusals
from members.models.team_rules.brought import Gives, Rule
from members.models.team_rules.unmet import What
from members.pending import Pending
from members.statements import fetched
from provisioning.models import RefusedDeparture, ScimToken, SyncActivity, reads
from provisioning.models.hours import ActivityHour, Outcome
from provisioning.scim.wire.refusals import BadToken
from tests.cast import OPERATOR, idp_actor, managed
from tests.cast.rows import fresh
from tests.cast.tried import tried_first
from tests.scim import CORE, Idp, replace, user, work_email

pytestmark = pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite has one writer at a time")


@pytest.fixture(autouse=True)
def known(idp: Idp) -> None:
    """The identity provider has sent these fields before: what is sent for the first time is noted with the lock."""
    kept = user("first@aozora.example", displayName="F", emails=work_email("first@aozora.example"), nickName="first")
    first = idp.post({**kept, "name": {"familyName": "F"}, "active": False})
    assert idp.delete(first["id"]).status == 204


def test_changes_of_every_day_hold_no_lock_while_they_are_computed(idp: Idp, mia: Member) -> None:
    with tried_first(), mock.patch.object(reading, "lock", side_effect=AssertionError):
        renamed = idp.patch(mia.scim_id, replace("displayName", "M"), replace("name.familyName", "I"))
        moved = idp.patch(mia.scim_id, replace('emails[type eq "work"].value', "m@aozora.example"))
        off = idp.patch(mia.scim_id, replace("active", False))
        on = idp.patch(mia.scim_id, replace("active", True))
        put = idp.put(mia.scim_id, user("mia@aozora.example", displayName="Mia"))
        with CaptureQueriesContext(connection) as queries:
            idp.patch(mia.scim_id, replace("displayName", "Mia M"))
        statements = statements_of(queries)
        gone = idp.delete(mia.scim_id)

    assert [one.status for one in (renamed, moved, off, on, put, gone)] == [200] * 5 + [204]
    # Caller and member; in one round trip what the lock is taken with, the writes, and the wait for the disk.
    assert len(statements) == 4


def test_a_change_that_is_none_is_answered_and_recorded_as_a_read_is(idp: Idp, mia: Member) -> None:
    mia.mark_provisioned(by=idp_actor(idp.organization))
    with tried_first(), mock.patch.object(Pending, "send_or_nothing", side_effect=AssertionError):
        with CaptureQueriesContext(connection) as queries:
            confirmed = idp.patch(mia.scim_id, replace("active", True), replace("userName", "mia@aozora.example"))
        statements = len(queries)
        put = idp.put(mia.scim_id, confirmed.body)
        with mock.patch.object(reads, "log") as log:
            idp.patch(mia.scim_id, replace("active", True))

    assert [confirmed.status, put.status, statements] == [200, 200, 2]
    assert [(one.kind, one.event, one.subject_id) for one in SyncActivity.objects.order_by("pk").reverse()[:2]] == [
        ("replace", "unchanged", mia.scim_id), ("patch", "unchanged", mia.scim_id),
    ]  # fmt: skip
    assert ActivityHour.objects.filter(outcome=Outcome.WRITTEN, calls__gte=2).exists()
    assert log.call_count == 1


def test_a_warning_about_a_leaver_ends_with_what_the_identity_provider_sends(idp: Idp, mia: Member) -> None:
    mia.mark_provisioned(by=idp_actor(idp.organization))
    RefusedDeparture.remember(mia, refusals.LastAdministrator(member="Mia"))
    with tried_first(), mock.patch.object(reading, "lock", side_effect=AssertionError):
        idp.patch(mia.scim_id, replace("active", True))

    assert not RefusedDeparture.objects.exists()


def statements_of(queries: CaptureQueriesContext) -> list[str]:
    return [one["sql"] for one in queries if "SAVEPOINT" not in one["sql"] and "CONSTRAINTS" not in one["sql"]]


def revoke(idp: Idp, mia: Member) -> None:
    ScimToken.objects.live().get(organization=idp.organization).revoke(by=OPERATOR)


def rename(idp: Idp, mia: Member) -> None:
    fresh(mia).change_profile({"display_name": "Between"}, by=idp_actor(idp.organization))


def take_the_last_licence(idp: Idp, mia: Member) -> None:
    managed(idp.organization, "kenji")
    Subscription.objects.buy(idp.organization, Product.PASS, 1, by=OPERATOR)


def put_into_a_team(idp: Idp, mia: Member) -> None:
    Team.objects.create_team(idp.organization, "Sales", by=OPERATOR).add(fresh(mia), by=OPERATOR)


BETWEEN: dict[str, tuple[Callable[[Idp, Member], Any], int]] = {
    "token revoked": (revoke, 401),
    "renamed": (rename, 200),
    "in a team": (put_into_a_team, 200),
    "address taken": (lambda idp, mia: managed(idp.organization, "new"), 409),
    "no licence left": (take_the_last_licence, 403),
    "gone": (lambda idp, mia: fresh(mia).remove(by=idp_actor(idp.organization)), 404),
}


@contextmanager
def before_the_lock(act: Callable[[], Any]) -> Iterator[list[bool]]:
    """Somebody else is faster than a change that is computed; tells whether there was one."""
    send, acted = Pending.send_or_nothing, list[bool]()

    def act_and_send(self: Pending, *statements: Any) -> None:
        acted.append(True)
        tokens = work._current.set(None), changing._tries.set(False)
        act()
        work._current.reset(tokens[0])
        changing._tries.reset(tokens[1])
        send(self, *statements)

    with tried_first(), mock.patch.object(Pending, "send_or_nothing", act_and_send):
        yield acted


@pytest.mark.parametrize("what", BETWEEN)
def test_what_has_changed_before_the_lock_is_taken_counts(idp: Idp, mia: Member, what: str) -> None:
    """What was computed of what is no longer true is computed again, with the lock."""
    act, status = BETWEEN[what]
    mia.deactivate(by=idp_actor(idp.organization))

    with before_the_lock(lambda: act(idp, mia)) as acted:
        answer = idp.patch(
            mia.scim_id, replace("displayName", "After"), replace("active", True),
            replace('emails[type eq "work"].value', "new@aozora.example"),
        )  # fmt: skip

    assert (acted, answer.status) == ([True], status)
    line = SyncActivity.objects.latest("pk")
    if status == 200:
        assert line.changes["display_name"][1] == "After"
        assert (what == "renamed") == (line.changes["display_name"][0] == "Between")
        assert bool(answer.body.get("groups")) == (what == "in a team")
    else:
        assert not Member.objects.filter(pk=mia.pk, account__is_active=True).exists()
        assert status == 401 or (line.status, line.changes) == (status, {})


def test_a_row_that_was_written_again_is_another_one(idp: Idp, mia: Member) -> None:
    """Each of those that the verbs know, whatever is written."""
    idp.patch(mia.scim_id, replace("displayName", "M"))
    mia.deactivate(by=OPERATOR)

    known = fresh(mia)
    _, as_it_was = known.read_unlocked()
    for row in (known, known.account, known.emergency_lock, known.synchronization):
        assert fetched(*as_it_was())
        row.save(force_update=True)
        assert not fetched(*as_it_was())
        _, as_it_was = fresh(mia).read_unlocked()


def test_a_fact_is_looked_at_again_if_somebody_has_asked_for_it(idp: Idp, mia: Member, ren: Member) -> None:
    team = Team.objects.create_team(idp.organization, "Sales", by=OPERATOR)
    organization = {"organization": idp.organization}
    changes: dict[str, Callable[[], Any]] = {
        "domains": lambda: Domain.objects.create(**organization, name="m.example", verified_at=timezone.now()),
        "teams": lambda: TeamMembership.objects.create(team=team, member=mia),
        "rules": lambda: TeamRule.objects.create(**organization, team=team, gives=Gives.CACOO, place=1),
        "is_any_unmet": lambda: Unmet.objects.create(**organization, member=mia, what=What.CACOO),
        "unmet": lambda: Unmet.objects.create(**organization, member=mia, what=What.ROLE),
        "is_elsewhere": lambda: Member.objects.filter(pk=ren.pk).update(account=mia.account),
    }
    for fact, change in changes.items():
        asked, not_asked = fresh(mia), fresh(mia)
        (_, as_it_was), (_, as_nobody_asked) = asked.read_unlocked(), not_asked.read_unlocked()
        getattr(asked._known, fact)
        assert fetched(*as_it_was())
        change()
        assert (fact, fetched(*as_it_was())) == (fact, [])
        assert fetched(*as_nobody_asked())

    known = fresh(mia)
    known.read_unlocked()
    assert known._known
    assert (known._known.unmet, known._known.rules) == (
        {What.CACOO, What.ROLE}, [Rule(1, team.pk, "Sales", Gives.CACOO)],
    )  # fmt: skip


def test_a_verb_that_asks_for_more_is_done_with_the_lock(idp: Idp, mia: Member) -> None:
    with tried_first(), mock.patch.object(reading, "lock", wraps=reading.lock) as lock:
        answer = idp.patch(mia.scim_id, replace("displayName", "M"), replace("nickName", "m-i"))

    assert (answer.status, answer["nickName"], lock.call_count) == (200, "m-i", 1)
    assert SyncActivity.objects.filter(kind="patch").count() == 1


def test_a_refusal_is_recorded_once(idp: Idp, mia: Member, kenji: Member) -> None:
    with tried_first():
        answer = idp.patch(mia.scim_id, replace("emails", work_email("kenji@aozora.example")))

    assert answer.status == 409
    assert [one.status for one in SyncActivity.objects.filter(kind="patch")] == [409]


# -- creations


@pytest.fixture
def domains(idp: Idp) -> None:
    """A second domain, so that the first can go."""
    Domain.objects.create(organization=idp.organization, name="more.example", verified_at=timezone.now())


def test_a_creation_holds_no_lock_while_it_is_computed(idp: Idp, domains: None) -> None:
    idp.create("nao")
    with (
        tried_first(),
        mock.patch.object(changing, "_lock", side_effect=AssertionError),
        CaptureQueriesContext(connection) as queries,
    ):
        answer = idp.post(user("new@aozora.example", displayName="New", emails=work_email("new@more.example")))
        namesake = idp.post(user("nao@more.example"))
        of_two = len(statements_of(queries))
        oddly_sent = idp.post({"schemas": [CORE], "USERNAME": "odd@aozora.example", "active": True})

    assert [answer.status, namesake.status, oddly_sent.status] == [201] * 3
    # Caller and what it asks, lock, writes, wait for the disk; for the namesake which Unique ID is free.
    assert of_two == 4 + 5


def take_the_handle(idp: Idp) -> None:
    member = managed(idp.organization, "other")
    member.change_unique_id("new", by=OPERATOR)


def take_a_licence_of_one(idp: Idp) -> None:
    Subscription.objects.buy(idp.organization, Product.PASS, 0, by=OPERATOR)


BEFORE_A_CREATION: dict[str, tuple[Callable[[Idp], Any], int]] = {
    "token revoked": (lambda idp: ScimToken.objects.live().get(organization=idp.organization).revoke(by=OPERATOR), 401),
    "provisioning turned off": (lambda idp: idp.organization.provisioning.disable(by=OPERATOR), 403),
    "userName taken": (lambda idp: managed(idp.organization, "new"), 409),
    "email taken": (lambda idp: managed(idp.organization, "mail"), 409),
    "Unique ID taken": (take_the_handle, 201),
    "no licence left": (take_a_licence_of_one, 403),
    "subscription ended": (lambda idp: idp.organization.subscriptions.get(product=Product.PASS).end(by=OPERATOR), 403),
    "domain removed": (lambda idp: idp.organization.domains.get(name="aozora.example").remove(by=OPERATOR), 400),
    "domain of no matter removed": (
        lambda idp: idp.organization.domains.get(name="more.example").remove(by=OPERATOR), 201,
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", BEFORE_A_CREATION)
def test_what_a_creation_asks_is_true_under_the_lock(idp: Idp, domains: None, what: str) -> None:
    """Its answer, its words and what is recorded are those of a creation that was let in and waits for the lock."""
    act, status = BEFORE_A_CREATION[what]
    body = user("new@aozora.example", displayName="New", emails=work_email("mail@aozora.example"))
    kept = set(Account.objects.values_list("pk", flat=True))
    mark = transaction.savepoint()
    with mock.patch.object(changing, "_lock", _acting_first(lambda: act(idp))):
        plain = idp.post(body)
    line = _line()
    transaction.savepoint_rollback(mark)

    with before_the_lock(lambda: act(idp)) as acted:
        answer = idp.post(body)

    assert (acted, answer.status, plain.status) == ([True], status, status)
    assert _plain(answer.body) == _plain(plain.body)
    assert _line() == line
    made = Account.objects.exclude(pk__in=kept).filter(user_name="new@aozora.example", email="mail@aozora.example")
    assert made.count() == (status == 201)
    handles = [one.unique_id for one in Member.objects.filter(account__in=made)]
    assert handles == ["new2" if what == "Unique ID taken" else "new"] * (status == 201)


def _acting_first(act: Callable[[], Any]) -> Callable[..., None]:
    """The lock of a change that is taken when somebody else has been faster."""
    lock = changing._lock

    def act_and_lock(*args: Any) -> None:
        token = work._current.set(None)
        with mock.patch.object(changing, "_lock", lock):
            act()
        work._current.reset(token)
        lock(*args)

    return act_and_lock


def _line() -> dict[str, Any]:
    """The newest line of the sync activity, without what differs by chance."""
    by_chance = {"_state", "id", "at", "request_id", "duration_ms", "subject_id", "search", "token_prefix"}
    line = vars(SyncActivity.objects.latest("pk"))
    return {name: value for name, value in line.items() if name not in by_chance}


def _plain(body: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name not in ("id", "meta")}


def test_a_creation_that_is_refused_is_recorded_once_and_leaves_nothing(idp: Idp, kenji: Member) -> None:
    rows = Account.objects.count(), Member.objects.count(), AuditEvent.objects.count()
    with tried_first():
        answer = idp.post(user("kenji@aozora.example"))

    assert (answer.status, answer["scimType"]) == (409, "uniqueness")
    assert [one.status for one in SyncActivity.objects.filter(kind="create", subject="kenji@aozora.example")] == [409]
    assert (Account.objects.count(), Member.objects.count(), AuditEvent.objects.count()) == rows


# -- deletions


def sign_in(member: Member) -> Any:
    SignIn.objects.create(account=member.account, event=Event.SIGNED_IN)


def join_a_team(member: Member) -> Any:
    Team.objects.create_team(member.organization, "Sales", by=OPERATOR).add(member, by=OPERATOR)


LEAVERS: dict[str, tuple[Callable[[Member], Any], int]] = {
    "nothing": (lambda member: None, 0),
    "a sign-in": (sign_in, 0),
    "a team": (join_a_team, 0),
    "a departure that was refused": (lambda member: RefusedDeparture.remember(member, BadToken()), 1),
    "a line of the admin": (
        lambda member: LogEntry.objects.create(user=member.account, action_flag=1, object_repr="x"), 1,
    ),
}  # fmt: skip


@pytest.mark.parametrize("what", LEAVERS)
def test_rows_that_few_leavers_have_go_with_the_lock(idp: Idp, mia: Member, what: str) -> None:
    """Nothing is asked or deleted of them otherwise: their constraints say that they are there."""
    leave, locks = LEAVERS[what]
    leave(mia)

    with tried_first(), mock.patch.object(reading, "lock", wraps=reading.lock) as lock:
        answer = idp.delete(mia.scim_id)

    assert (answer.status, lock.call_count) == (204, locks)
    assert not Account.objects.filter(pk=mia.account_id).exists()
    assert SyncActivity.objects.filter(kind="delete", subject_id=mia.scim_id).count() == 1
