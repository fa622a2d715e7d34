"""What callers notice of a database that fails: an answer in time, never a 500, nothing acknowledged that is lost.

Real server processes on a PostgreSQL of their own, which is stopped, restarted, locked and altered under them.
"""

import json
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.cast.faulty_site import Site, load
from tests.scim import ERROR, Answer, is_scim_error, replace, user

pytestmark = pytest.mark.slow


@pytest.fixture(autouse=True)
def well_again(site: Site) -> Iterator[None]:
    """Whatever a test has done to it, the site answers afterwards, without a restart of its own."""
    yield
    answers = [answer.status for _ in range(3) for answer in site.at_once(8, "GET", "/Users?count=1")]
    assert answers == [200] * 24


def exists(site: Site, name: str) -> bool:
    total: int = site.scim("GET", f"/Users?filter=userName%20eq%20%22{name}%22")["totalResults"]
    return total == 1


def is_true_to_its_word(site: Site, asked: list[tuple[str, Answer | None]]) -> None:
    """201 is there; 503 says when to come again. Nothing else is answered."""
    statuses = Counter(answer.status if answer else None for _, answer in asked)
    assert set(statuses) <= {201, 503}, statuses
    for name, answer in asked:
        assert answer is not None
        if answer.status == 201:
            assert exists(site, name), name
        else:
            assert says_when_to_come_again(answer)


def says_when_to_come_again(answer: Answer) -> bool:
    is_scim = answer.body["schemas"] == [ERROR] and answer.body["status"] == "503"
    return answer.status == 503 and is_scim and int(answer.headers["retry-after"]) > 0


def test_a_restart_under_load_is_no_500_and_loses_nothing_acknowledged(site: Site) -> None:
    with load(site) as asked:
        time.sleep(1)
        site.database.stop()
        site.database.start()
        time.sleep(1.5)

    assert len(asked) > 20
    is_true_to_its_word(site, asked)


def test_after_a_restart_while_idle_every_first_request_succeeds(site: Site) -> None:
    site.at_once(16, "GET", "/Users?count=1")
    site.database.stop()
    site.database.start()
    began = site.log_size
    time.sleep(1)  # so that no line of the test before stands for ours

    pages = [site.ask("GET", "/signin").status for _ in range(4)]
    reads = [answer.status for answer in site.at_once(16, "GET", "/Users?count=1")]
    written = [site.scim("POST", "/Users", user(f"idle-{n}-{time.time_ns()}")).status for n in range(8)]

    assert (set(pages), set(reads), set(written)) == ({200}, {200}, {201})
    log = [json.loads(line) for line in site.log_since(began).splitlines()]
    assert not [line for line in log if line["logger"] == "access" and "refused" in line]
    # Each kind of fault once a second and process, however many have met it.
    assert 1 <= len([line for line in log if line["logger"] == "database"]) <= 8


def test_connections_that_are_ended_under_load_are_opened_again(site: Site) -> None:
    with load(site) as asked, site.database.connect() as operator:
        for _ in range(5):
            time.sleep(0.3)
            operator.execute("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
        time.sleep(0.5)

    is_true_to_its_word(site, asked)


def test_a_locked_table_stops_nobody_who_does_not_need_it(site: Site) -> None:
    style = site.ask("GET", "/signin").content.decode().partition('rel="stylesheet" href="')[2].partition('"')[0]
    with site.database.connect() as operator, operator.transaction():
        operator.execute("LOCK TABLE members_member")
        with ThreadPoolExecutor(3) as pool:
            blocked = [pool.submit(timed, site, "GET", f"{site.path}/Users?count=1") for _ in range(3)]
            time.sleep(0.2)
            free = [timed(site, "GET", path) for path in (style, "/signin", "/nowhere.css", style)]
            stuck = [future.result() for future in blocked]

    assert [answer.status for answer, _ in free] == [200, 200, 404, 200]
    assert max(seconds for _, seconds in free) < 1.5
    assert all(says_when_to_come_again(answer) for answer, _ in stuck)
    assert all(1.5 < seconds < 5 for _, seconds in stuck), stuck


def timed(site: Site, method: str, path: str) -> tuple[Answer, float]:
    began = time.monotonic()
    headers = {"Authorization": f"Bearer {site.token}"} if "/scim/" in path else {}
    return site.ask(method, path, **headers), time.monotonic() - began


def test_a_refusal_that_cannot_be_recorded_is_an_answer_of_scim(site: Site) -> None:
    with site.database.connect() as operator, operator.transaction():
        operator.execute("LOCK TABLE provisioning_syncactivity IN SHARE MODE")
        answers = [site.scim("POST", "/Users", {"schemas": []}), site.scim("GET", "/Nothing")]

    assert all(is_scim_error(answer, answer.status) for answer in answers)
    assert {answer.status for answer in answers} <= {400, 404, 503}


def test_a_write_that_waits_too_long_writes_nothing(site: Site) -> None:
    name = f"late-{time.time_ns()}"
    with site.database.connect() as operator, operator.transaction():
        operator.execute("LOCK TABLE members_member IN SHARE MODE")
        answer = site.scim("POST", "/Users", user(name))

    assert says_when_to_come_again(answer)
    assert not exists(site, name)


def test_a_column_that_gets_another_type_is_no_500(site: Site) -> None:
    created = site.scim("POST", "/Users", user(f"typed-{time.time_ns()}"))
    path = f"/Users/{created['id']}"
    for _ in range(3):
        site.at_once(16, "GET", path)  # until every connection has its statements prepared
    with site.database.connect() as operator:
        operator.execute("ALTER TABLE members_account ALTER COLUMN display_name TYPE varchar(300)")
        operator.execute("ALTER TABLE members_member ALTER COLUMN external_id TYPE varchar(300)")
        operator.execute("ALTER TABLE members_organization ALTER COLUMN name TYPE varchar(300)")

    reads = [answer.status for answer in site.at_once(16, "GET", path)]
    patches = [site.scim("PATCH", path, {"schemas": [], "Operations": []}).status for _ in range(1)]
    writes = [site.scim("PATCH", path, named(f"Name {n}")).status for n in range(8)]

    assert set(reads) == {200}
    assert 500 not in patches
    assert set(writes) == {200}


def named(name: str) -> object:
    return {"schemas": ["urn:ietf:params:scim:api:messages:2.0:PatchOp"], "Operations": [replace("displayName", name)]}


def test_a_server_without_connections_left_is_no_500(site: Site) -> None:
    site.database.stop()
    site.database.start("max_connections=8", "superuser_reserved_connections=0")
    try:
        with site.database.connect(), site.database.connect(), site.database.connect():
            answers = [answer for _ in range(4) for answer in site.at_once(12, "GET", "/Users?count=1")]
    finally:
        site.database.stop()
        site.database.start()

    assert {answer.status for answer in answers} <= {200, 503}
    assert all(says_when_to_come_again(answer) for answer in answers if answer.status == 503)
    assert sum(answer.status == 200 for answer in answers) > 10


def test_a_database_that_is_down_is_said_in_the_form_of_the_door_and_with_little_log(site: Site) -> None:
    site.at_once(8, "GET", "/Users?count=1")
    style = site.ask("GET", "/signin").content.decode().partition('rel="stylesheet" href="')[2].partition('"')[0]
    site.database.stop()
    try:
        site.at_once(8, "GET", "/Users?count=1")  # those wait for a restart
        began, size = time.monotonic(), site.log_size
        reads = site.at_once(8, "GET", "/Users?count=1") + site.at_once(8, "DELETE", "/Users/1")
        page = site.ask("GET", "/admin/", Cookie="session=abcdefgh; language=ja")
        problem = site.ask("GET", "/profile", Cookie="session=abcdefgh", Accept="application/json")
        static = site.ask("GET", style)
        seconds, log = time.monotonic() - began, site.log_since(size)
    finally:
        site.database.start()

    assert all(says_when_to_come_again(answer) for answer in reads)
    assert page.status == problem.status == 503
    assert int(page.headers["retry-after"]) > 0
    assert "script-src 'self'" in page.headers["content-security-policy"]
    assert '<html lang="ja"' in page.content.decode()
    assert page.headers["x-request-id"] in page.content.decode()
    assert problem.headers["content-type"] == "application/problem+json"
    assert static.status == 200
    assert seconds < 3
    assert "Traceback" not in log
    lines = [json.loads(line) for line in log.splitlines()]
    faults = [line for line in lines if line["logger"] == "database"]
    assert len(faults) <= 2 * (seconds + 1) * 2
    # Two for each request, of those before that have just given up, too.
    assert len(lines) - len(faults) <= 2 * (8 + len(reads) + 3)
    assert max(len(line) for line in log.splitlines()) < 600


def test_a_replica_is_no_500(site: Site) -> None:
    with site.database.connect() as operator:
        operator.execute("ALTER SYSTEM SET default_transaction_read_only = on")
        operator.execute("SELECT pg_reload_conf()")
        time.sleep(0.3)
        try:
            answer = site.scim("POST", "/Users", user(f"replica-{time.time_ns()}"))
        finally:
            operator.execute("SET default_transaction_read_only = off")
            operator.execute("ALTER SYSTEM RESET default_transaction_read_only")
            operator.execute("SELECT pg_reload_conf()")
            time.sleep(0.3)

    assert says_when_to_come_again(answer)


def test_nothing_of_this_left_a_traceback(site: Site, tmp_path: Path) -> None:
    assert "Traceback" not in site.server.log.read_text()
