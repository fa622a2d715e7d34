"""Changes are computed before anybody waits for them, and count only if all is as it was read (decision 37)."""

from collections.abc import Callable
from typing import Any
from unittest import mock

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from members.models import Member, Product, Subscription, Team, changing
from members.models.member import reading
from members.pending import Pending
from provisioning.models import ScimToken, SyncActivity
from tests.cast import OPERATOR, idp_actor, managed
from tests.cast.rows import fresh
from tests.cast.tried import tried_first
from tests.scim import Idp, replace, user, work_email

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
        statements = [one["sql"] for one in queries if "SAVEPOINT" not in one["sql"]]
        gone = idp.delete(mia.scim_id)

    assert [one.status for one in (renamed, moved, off, on, put, gone)] == [200] * 5 + [204]
    assert len(statements) == 4


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


@pytest.mark.parametrize("what", BETWEEN)
def test_what_has_changed_before_the_lock_is_taken_counts(idp: Idp, mia: Member, what: str) -> None:
    """What was computed of what is no longer true is computed again, with the lock."""
    act, status = BETWEEN[what]
    mia.deactivate(by=idp_actor(idp.organization))
    send, acted = Pending.send_or_nothing, []

    def act_and_send(self: Pending, *statements: Any) -> None:
        acted.append(what)
        tokens = changing._current.set(None), changing._tries.set(False)
        act(idp, mia)
        changing._current.reset(tokens[0])
        changing._tries.reset(tokens[1])
        send(self, *statements)

    with tried_first(), mock.patch.object(Pending, "send_or_nothing", act_and_send):
        answer = idp.patch(
            mia.scim_id, replace("displayName", "After"), replace("active", True),
            replace('emails[type eq "work"].value', "new@aozora.example"),
        )  # fmt: skip

    assert (acted, answer.status) == ([what], status)
    line = SyncActivity.objects.latest("pk")
    if status == 200:
        assert line.changes["display_name"][1] == "After"
        assert (what == "renamed") == (line.changes["display_name"][0] == "Between")
        assert bool(answer.body.get("groups")) == (what == "in a team")
    else:
        assert not Member.objects.filter(pk=mia.pk, account__is_active=True).exists()
        assert status == 401 or (line.status, line.changes) == (status, {})


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
