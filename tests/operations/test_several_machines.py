"""The site as on two machines: PgBouncer before PostgreSQL, lists from a streaming replica, while each part fails.

An identity provider writes and reads, a person writes and looks at lists. SECONDS_EACH=30 makes each phase longer.
"""

import os
import re
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import psycopg
import pytest

from tests.cast.deployment import Deployment
from tests.cast.directory_client import Answer, DirectoryClient
from tests.cast.several_machines import Auditor, Person, Pooler, auditing
from tests.postgresql import Server as PostgreSQL
from tests.postgresql import replica_of

pytestmark = [pytest.mark.slow, pytest.mark.deployment]
SECONDS_EACH = float(os.environ.get("SECONDS_EACH", "1"))
# Threads of a worker at most (bin/serve): no more requests are lost with it.
THREADS = 4
LOG = "/spaces/{key}/audit-log"
_TOLD = re.compile(r"ERROR|WARNING|fault|status=5|closing because")


@dataclass
class Machines:
    site: Deployment
    replica: PostgreSQL
    pooler: Pooler
    key: str

    def person(self) -> Person:
        return Person(self.site.url, "aiko.tanaka@aozora.example", "demo")

    @contextmanager
    def replica_standing_still(self) -> Iterator[None]:
        """It answers, and hears of nothing new."""
        with self.replica.connect() as operator:
            operator.execute("SELECT pg_wal_replay_pause()")
            try:
                _until(lambda: operator.execute("SELECT pg_get_wal_replay_pause_state()").fetchone() == ("paused",))
                yield
            finally:
                operator.execute("SELECT pg_wal_replay_resume()")


def _until(condition: Callable[[], bool], seconds: float = 30) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "It has not come about."
        time.sleep(0.05)


@pytest.fixture(scope="session")
def site(deployment: Deployment) -> Deployment:
    return deployment


@pytest.fixture(scope="module")
def machines(site: Deployment) -> Iterator[Machines]:
    with replica_of(site.postgresql) as replica, Pooler(site.postgresql, replica) as pooler:
        [key] = re.findall(r"/spaces/(\w+)/scim", site.scim["scim_url"])
        # The last tests that the site has (tests/conftest.py): nobody needs it as it was.
        site.configure(DATABASE_URL=pooler.url("nulab-org"), REPLICA_URL=pooler.url("nulab-org-replica"))
        yield Machines(site, replica, pooler, key)


def test_a_list_is_read_from_the_replica_but_shows_what_its_reader_did(machines: Machines) -> None:
    writer, reader = machines.person(), machines.person()
    log, copies = LOG.format(key=machines.key), LOG.format(key=machines.key) + "?event=audit_log.exported"
    time.sleep(6)  # Signing in is a change of one's own, too; a list may be behind by five seconds.
    # Each instance, whichever answers next, knows where the primary was a moment ago.
    for _ in range(8):
        reader.get(copies)
    with machines.replica_standing_still():
        writer.post(f"{log}/export?subject=MINE", {}, form=log)
        seen = "MINE" in writer.get(copies), "MINE" in reader.get(copies)
        time.sleep(5.5)
        late = "MINE" in reader.get(copies)

    assert seen == (True, False)
    assert late, "a list is never older than five seconds"


def test_time_limits_hold_behind_the_pooler(machines: Machines) -> None:
    for name in ("nulab-org", "nulab-org-replica"):
        # A pooler drops what a client asks for at its start.
        with psycopg.connect(
            host=str(machines.pooler.folder), user="postgres", dbname=name, options="-c statement_timeout=0"
        ) as web:
            limits = [web.execute(f"SHOW {limit}_timeout").fetchone() for limit in ("lock", "statement")]
        assert limits == [("2s",), ("8s",)]


def test_who_is_signed_out_is_out_although_the_replica_has_not_heard_of_it(
    machines: Machines, directory: DirectoryClient
) -> None:
    person, log = machines.person(), LOG.format(key=machines.key)
    with machines.replica_standing_still(), machines.site.postgresql.connect() as operator:
        person.get(log)
        assert person.answers[-1][2] == 200
        operator.execute("DELETE FROM members_session")
        operator.execute("UPDATE provisioning_scimtoken SET revoked_at = now() WHERE revoked_at IS NULL RETURNING id")
        person.get(log)
        token = directory.call("GET", "Users?count=1").status
        operator.execute("UPDATE provisioning_scimtoken SET revoked_at = NULL WHERE revoked_at > now() - interval '1m'")

    assert person.answers[-1][2] == 302
    assert token == 401


def test_nothing_is_lost_untrue_or_refused_while_each_part_fails(
    machines: Machines,
) -> None:
    directory, person = DirectoryClient(**machines.site.scim, rate=20), machines.person()
    with directory.working(), auditing(person, machines.key) as auditor:
        time.sleep(SECONDS_EACH)
        _deploy_and_lose_the_replica(machines)
        before_restart = len(directory.answers)
        away = machines.pooler.restart()
        time.sleep(SECONDS_EACH)
        before_kill = len(directory.answers)
        _kill_a_worker(machines.site)
        time.sleep(2 + SECONDS_EACH)

    wrong = {
        "refused before anything was away": _refused(directory.answers[:before_restart]),
        "untrue": directory.untrue,
        "neither done nor told when to come again": directory.unexpected(),
        # Debian's PgBouncer keeps no prepared statements: one's name would mean another's.
        "stale plans": [unit.folder.name for unit in machines.site.instances if "stale_plan" in unit.log],
        "exports that the next look at the log did not show": auditor.unseen,
        **_not_kept(machines.site.postgresql, directory, auditor),
    }
    # The site waits two seconds for a connection; a machine that is busy otherwise starts nothing in that time.
    if away < 1:
        wrong |= {
            "refused with the pooler": _more_than(2 * THREADS, directory.answers[before_restart:before_kill]),
            "refused with the worker": _more_than(THREADS, directory.answers[before_kill:]),
            # Its instances are not the one that was killed.
            "a person's": [answer for answer in person.answers if answer[2] not in (200, 302)],
        }
    wrong = {what: found for what, found in wrong.items() if found}
    if wrong:
        pytest.fail(f"{wrong}\nThe pooler was away for {away:.2f} s.\n{_faults_told(machines)}", pytrace=False)
    assert len(auditor.taken) > 1
    assert len(directory.done()) > 20


def _refused(answers: list[Answer]) -> list[Answer]:
    return [answer for answer in answers if answer.status not in (200, 201)]


def _more_than(most: int, answers: list[Answer]) -> list[Answer]:
    """The refusals, unless all are of changes, and so many at most: with what has gone. Nobody can know whether those
    were done, and their sender is told to look, and when.
    """
    refused = _refused(answers)
    changes = [one for one in refused if one.status == 503 and one.method in ("POST", "PATCH")]
    return refused if len(refused) > len(changes) or len(changes) > most else []


def _faults_told(machines: Machines) -> str:
    """The last that the instances and the pooler have said of faults, for who has to find the reason."""
    logs = {unit.folder.name: unit.log for unit in machines.site.instances} | {"pooler": machines.pooler.log}
    told = [f"{name}: {line}" for name, log in logs.items() for line in log.splitlines()[-2000:] if _TOLD.search(line)]
    return "\n".join(told[-60:])


def _deploy_and_lose_the_replica(machines: Machines) -> None:
    with machines.site.reloading():
        time.sleep(2)
        machines.replica.stop()
        time.sleep(SECONDS_EACH)
        machines.replica.start()
    time.sleep(SECONDS_EACH)


def _kill_a_worker(site: Deployment) -> None:
    [worker] = site.instances[2].workers()
    os.kill(worker, signal.SIGKILL)
    _until(lambda: site.instances[2].workers() not in ([], [worker]), 20)


def _not_kept(postgresql: PostgreSQL, directory: DirectoryClient, auditor: Auditor) -> dict[str, Any]:
    """What was confirmed and is not in the database, or not in the logs."""
    with postgresql.connect() as operator:
        names = dict(
            operator.execute(
                "SELECT scim_id, display_name FROM members_member m JOIN members_account a ON a.id = m.account_id"
            ).fetchall()
        )
        audited = {row[0] for row in operator.execute("SELECT request_id FROM members_auditevent").fetchall()}
        lines = {row[0] for row in operator.execute("SELECT request_id FROM provisioning_syncactivity").fetchall()}
        copies = operator.execute("SELECT changes::text FROM members_auditevent WHERE event = 'audit_log.exported'")
        taken = " ".join(row[0] for row in copies.fetchall())
    lost = {one: (name, names.get(one)) for one, name in directory.confirmed.items() if names.get(one) != name}
    done = {answer.request_id: answer for answer in directory.answers if answer.request_id in directory.done()}
    return {
        "lost": lost,
        "done, but not in the audit log": [done[one] for one in done.keys() - audited],
        "done, but not in the sync activity": [done[one] for one in done.keys() - lines],
        "exports that the audit log does not have": [mark for mark in auditor.taken if mark not in taken],
    }
