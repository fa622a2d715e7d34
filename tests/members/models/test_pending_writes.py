"""Writes that wait for each other (decision 21) end where they would have ended one by one."""

import itertools
import random
import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, suppress
from datetime import datetime
from typing import Any
from unittest import mock

from django.apps import apps
from django.db import connection, models, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from members.models import DeletedAccount, Member, Organization, Product, Role, Team
from members.models.changing import trying
from members.models.member.refusals import LastAdministrator
from members.models.restoring import restore
from members.models.work import pending
from members.pending import Pending
from members.refusals import Refusal
from provisioning.scim.wire import answering
from tests.cast import managed, page_actor
from tests.cast.tried import tried_first
from tests.scim import Idp, add, replace, user, work_email

Step = Callable[["Play"], Any]
# Methods by which something begins to wait.
PUT_OFF = ("insert", "insert_where_free", "update", "shift", "delete", "delete_those", "add", "require")
# Columns that differ from run to run.
BY_CHANCE = {
    "request_id",
    "duration_ms",
    "password",
    "last_used_at",
    "first_used_at",
    "token_hash",
    "sealed",
    "number",
    "txn",
}


# -- what waits, and how long


def test_a_row_is_written_once_however_often_it_changes(mia: Member) -> None:
    with CaptureQueriesContext(connection) as queries, mia.locked():
        mia.change_profile({"display_name": "Mia"}, by=page_actor(mia))
        mia.change_external_id("another", by=page_actor(mia))
        mia.change_role(Role.USER, by=page_actor(mia))

    updates = [one["sql"].count(f'UPDATE "{Member._meta.db_table}"') for one in queries]
    assert sum(updates) == 1
    # The addresses are as they were, and so are what mirrors them.
    assert not any('"email_key" =' in one["sql"] for one in queries)
    mia.refresh_from_db()
    assert (mia.account.name, mia.external_id, mia.role) == ("Mia", "another", Role.USER)


def test_whoever_reads_within_the_transaction_reads_what_was_written(mia: Member) -> None:
    with mia.locked():
        mia.change_external_id("another", by=page_actor(mia))

        assert Member.objects.get(pk=mia.pk).external_id == "another"


def test_nothing_that_waits_survives_a_failure(aozora: Organization, mia: Member, aiko: Member) -> None:
    """Of a transaction within another, too."""
    with mia.locked():
        mia.change_external_id("kept", by=page_actor(aiko))
        with suppress(LastAdministrator), aiko.locked():
            mia.change_external_id("lost", by=page_actor(aiko))
            aiko.change_role(Role.GUEST, by=page_actor(aiko))

    assert Member.objects.get(pk=mia.pk).external_id == "kept"
    with suppress(KeyError), mia.locked():
        mia.change_external_id("lost", by=page_actor(aiko))
        raise KeyError
    assert Member.objects.get(pk=mia.pk).external_id == "kept"


def test_a_counter_does_not_go_below_zero(aozora: Organization) -> None:
    with aozora.locked():
        pending().shift(type(aozora.headcount), {"organization_id": aozora.pk}, active=-100)

    aozora.headcount.refresh_from_db()
    assert aozora.headcount.active == 0


# -- at once or together: the same rows, audit log, sync activity and answers


class Play:
    """An organization with people, an identity provider, and an administrator."""

    def __init__(self, aozora: Organization, hakata: Organization, idp: Idp, aiko: Member) -> None:
        self.organization, self.neighbour, self.idp, self.by = aozora, hakata, idp, page_actor(aiko)

    def person(self, number: int) -> Member:
        people = self.organization.members.select_related("account", "organization").order_by("pk")
        return people[number % people.count()]

    def deleted(self) -> DeletedAccount:
        return self.organization.deleted_accounts.order_by("pk")[0]


HANDLES = st.sampled_from(["nao", "kenji", "mia", "yui"])
ADDRESSES = HANDLES.map(lambda handle: f"{handle}@aozora.example")
NUMBERS = st.integers(0, 5)
OPERATIONS = st.lists(
    st.one_of(
        st.sampled_from(["A", "B", ""]).map(lambda name: replace("displayName", name)),
        ADDRESSES.map(lambda address: replace("userName", address)),
        ADDRESSES.map(lambda address: replace('emails[type eq "work"].value', address)),
        st.booleans().map(lambda active: replace("active", active)),
        st.sampled_from(list(Role.values)).map(lambda role: replace("roles", [{"value": role}])),
        HANDLES.map(lambda handle: add("externalId", handle)),
        HANDLES.map(lambda handle: replace("nickName", handle)),
        st.sampled_from(["ja-JP", "en-US"]).map(lambda tag: replace("preferredLanguage", tag)),
    ),
    min_size=1,
    max_size=4,
)


def _made(handle: str, address: str, active: bool, nick: str | None) -> Step:
    body = user(f"{handle}@aozora.example", emails=work_email(address), active=active, displayName=handle)
    return lambda play: play.idp.post(body | ({"nickName": nick} if nick else {}))


def _on_page(act: Callable[["Play", Member], Any]) -> "st.SearchStrategy[Step]":
    return NUMBERS.map(lambda number: lambda play: act(play, play.person(number)))


STEPS: "st.SearchStrategy[Step]" = st.one_of(
    st.builds(_made, HANDLES, ADDRESSES, st.booleans(), st.none() | HANDLES),
    st.builds(
        lambda number, operations: lambda play: play.idp.patch(play.person(number).scim_id, *operations),
        NUMBERS,
        OPERATIONS,
    ),
    st.builds(
        lambda number, name: (
            lambda play: play.idp.put(
                play.person(number).scim_id, user(play.person(number).account.user_name, displayName=name)
            )
        ),
        NUMBERS,
        st.sampled_from(["A", "B"]),
    ),
    NUMBERS.map(lambda number: lambda play: play.idp.delete(play.person(number).scim_id)),
    _on_page(lambda play, member: member.deactivate(by=play.by)),
    _on_page(lambda play, member: member.reactivate(by=play.by)),
    _on_page(lambda play, member: member.remove(by=play.by)),
    _on_page(lambda play, member: member.lift_lock(by=play.by)),
    _on_page(lambda play, member: member.assign_licence(Product.CACOO, by=play.by)),
    _on_page(lambda play, member: member.withdraw_licence(Product.CACOO, by=play.by)),
    _on_page(lambda play, member: member.change_privileges(by=play.by, can_invite=True, is_plan_admin=True)),
    _on_page(lambda play, member: member.convert_to_nulab(by=play.by)),
    _on_page(lambda play, member: member.convert_to_managed(by=play.by)),
    _on_page(lambda play, member: Member.objects.add(play.neighbour, member.account, role=Role.USER, by=play.by)),
    _on_page(lambda play, member: Team.objects.get(name="Sales").add(member, by=play.by)),
    _on_page(lambda play, member: managed(play.organization, "made")),
    st.just(lambda play: play.organization.deleted_accounts.exists() and restore(play.deleted(), by=play.by)),
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(STEPS, min_size=1, max_size=8), seed=st.integers(0, 100))
def test_writes_that_wait_end_as_writes_at_once_do(
    aozora: Organization, hakata: Organization, idp: Idp, aiko: Member, mia: Member, kenji: Member,
    steps: list[Step], seed: int,
) -> None:  # fmt: skip
    if not aozora.teams.exists():
        Team.objects.create_team(aozora, "Sales", by=page_actor(aiko))
    play = Play(aozora, hakata, idp, aiko)

    together = _outcome(play, steps, seed)
    with _at_once():
        one_by_one = _outcome(play, steps, seed)
    assert one_by_one[:-1] == together[:-1]
    for table, rows in together[-1].items():
        assert one_by_one[-1][table] == rows, table
    if connection.vendor == "postgresql":
        with tried_first():
            tried = _outcome(play, steps, seed)
        assert tried[:-1] == together[:-1]
        for table, rows in together[-1].items():
            assert tried[-1][table] == rows, table


def _outcome(play: Play, steps: list[Step], seed: int) -> list[Any]:
    """What each step answered, and all rows at the end, which are then taken back."""
    chance = random.Random(seed)
    ids = (uuid.UUID(int=chance.getrandbits(128), version=4) for _ in itertools.count())
    with mock.patch("uuid.uuid4", ids.__next__), mock.patch.object(answering, "trying", _rewinding(chance)):
        mark = transaction.savepoint()
        try:
            return [*(_answer(play, step) for step in steps), _rows()]
        finally:
            transaction.savepoint_rollback(mark)


def _rewinding(chance: random.Random) -> Callable[[], AbstractContextManager[None]]:
    """A try that leaves no trace: what is done again with the lock gets the same ids."""

    @contextmanager
    def rewinding() -> Iterator[None]:
        state = chance.getstate()
        try:
            with trying():
                yield
        except BaseException:
            chance.setstate(state)
            # Elsewhere a try is within no transaction that Django could mark.
            connection.needs_rollback = False
            raise

    return rewinding


def _answer(play: Play, step: Step) -> Any:
    try:
        answer = step(play)
    except Refusal as refusal:
        return refusal.code, refusal.figures
    body = getattr(answer, "body", None)
    return getattr(answer, "status", None), _plain(body, {"created", "lastModified"})


@contextmanager
def _at_once() -> Iterator[None]:
    """Nothing waits: each write is a statement."""

    def sending(name: str) -> Callable[..., None]:
        put_off = getattr(Pending, name)

        def put_off_and_send(self: Pending, *args: Any, **kwargs: Any) -> None:
            put_off(self, *args, **kwargs)
            self.send()

        return put_off_and_send

    with ExitStack() as patches:
        for name in PUT_OFF:
            patches.enter_context(mock.patch.object(Pending, name, sending(name)))
        yield


def _rows() -> dict[str, list[Any]]:
    """All rows, with keys by their order and times as before or after one another."""
    own = [
        model
        for label in ("members", "saml", "provisioning", "api")
        for model in apps.get_app_config(label).get_models()
    ]
    keys: dict[Any, dict[Any, int]] = {
        model: {pk: place for place, pk in enumerate(model._base_manager.order_by("pk").values_list("pk", flat=True))}
        for model in own
    }
    return {
        model.__name__: [_row(row, keys) for row in model._base_manager.order_by("pk")]
        for model in own
    }  # fmt: skip


def _row(row: models.Model, keys: dict[Any, dict[Any, int]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for one in row._meta.concrete_fields:
        value = getattr(row, one.attname)
        target: Any = one.remote_field.model if one.remote_field else type(row) if one.primary_key else None
        if one.name not in BY_CHANCE:
            found[one.name] = keys[target].get(value) if target in keys else _plain(value, {"id"})
    if isinstance(row, Member):
        found["modified_at"] = row.modified_at == row.created_at
    return found


def _plain(value: Any, left: set[str]) -> Any:
    if isinstance(value, dict):
        return {name: _plain(inner, left) for name, inner in value.items() if name not in left}
    if isinstance(value, list):
        return [_plain(inner, left) for inner in value]
    is_time = isinstance(value, datetime) or (isinstance(value, str) and value[4:5] == "-" and "T" in value[9:12])
    return "a time" if is_time else value
