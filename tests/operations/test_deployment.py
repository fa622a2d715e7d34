"""What deploy/ promises, with real nginx and real faults, while an identity provider sends sixty requests a second.

No 500, no write lost that was confirmed, and whoever is not served is told when to come back.
"""

import http.client
import json
import os
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import psycopg
import pytest

from tests.cast.deployment import Deployment, trusting
from tests.cast.directory_client import DirectoryClient
from tests.cast.smtp_sink import SmtpSink

pytestmark = [pytest.mark.slow, pytest.mark.deployment]

MEBIBYTE = 1024 * 1024


@pytest.fixture(scope="session")
def site(deployment: Deployment) -> Deployment:
    return deployment


def get(
    site: Deployment, path: str, headers: dict[str, str] | None = None
) -> tuple[int, float, http.client.HTTPResponse]:
    connection = http.client.HTTPSConnection("localhost", site.port, context=trusting(), timeout=30)
    began = time.monotonic()
    connection.request("GET", path, headers=headers or {})
    response = connection.getresponse()
    response.body = response.read()  # type: ignore[attr-defined]
    connection.close()
    return response.status, time.monotonic() - began, response


def test_workers_replaced_by_a_reload_refuse_nobody(site: Deployment, directory: DirectoryClient) -> None:
    with directory.working():
        with site.reloading():
            time.sleep(1)
        time.sleep(2)

    assert set(directory.statuses()) <= {200, 201}
    assert directory.lost() == {}


def test_a_killed_worker_loses_only_what_it_was_at(site: Deployment, directory: DirectoryClient) -> None:
    with directory.working():
        for unit in site.instances[2:]:
            time.sleep(1)
            [worker] = unit.workers()
            os.kill(worker, signal.SIGKILL)
            time.sleep(5)

    assert all(len(unit.workers()) == 1 for unit in site.instances)
    assert directory.unexpected() == []
    assert directory.statuses()[503] <= 8, directory.statuses()
    assert directory.lost() == {}


def test_an_instance_that_dies_is_covered_by_the_other(site: Deployment, directory: DirectoryClient) -> None:
    with directory.working():
        time.sleep(1)
        site.instances[2].kill()
        time.sleep(3)
    site.revive()

    assert directory.unexpected() == []
    assert directory.statuses()[503] <= 8, directory.statuses()
    assert directory.lost() == {}


def test_when_no_instance_is_there_each_door_says_when_to_come_back(
    site: Deployment, directory: DirectoryClient
) -> None:
    for unit in site.instances:
        unit.kill()
    page, call = get(site, "/signin")[2], directory.call("GET", "Users")
    site.revive()

    assert (page.status, page.headers["Retry-After"]) == (503, "10")
    assert "しばらくお待ちください" in page.body.decode()  # type: ignore[attr-defined]
    assert "script" not in page.body.decode()  # type: ignore[attr-defined]
    assert call.status == 503
    assert directory.unexpected() == []


def test_a_restarted_database_is_waited_for(site: Deployment, directory: DirectoryClient) -> None:
    with directory.working():
        time.sleep(1)
        site.postgresql.stop()
        time.sleep(1.5)
        site.postgresql.start()
        time.sleep(5)
        tail = len(directory.answers)
        time.sleep(1)

    assert directory.unexpected() == []
    assert {answer.status for answer in directory.answers[tail:]} <= {200, 201}
    assert directory.lost() == {}


def test_after_an_idle_restart_of_the_database_nobody_meets_an_error(
    site: Deployment, directory: DirectoryClient
) -> None:
    for _ in range(8):
        directory.call("GET", "Users?count=1")
    site.postgresql.stop()
    site.postgresql.start()

    for _ in range(16):
        directory.call("GET", "Users?count=1")
    assert {get(site, "/signin")[0] for _ in range(4)} == {200}
    assert set(directory.statuses()) == {200}


def test_a_locked_table_holds_up_only_those_who_need_it(site: Deployment, directory: DirectoryClient) -> None:
    signin, static = [], []
    with psycopg.connect(_dsn(site)) as holder, directory.working():
        time.sleep(1)
        holder.execute("LOCK TABLE members_member IN ACCESS EXCLUSIVE MODE")
        began = time.monotonic()
        while time.monotonic() - began < 4:
            signin.append(get(site, "/signin")[:2])
            static.append(get(site, "/static/favicon.svg")[:2])
            time.sleep(0.2)
        holder.rollback()
        time.sleep(4)

    assert directory.statuses()[503], directory.statuses()
    assert directory.unexpected() == []
    assert directory.lost() == {}
    assert {status for status, _ in [*signin, *static]} == {200}
    # A fraction of that where nothing else runs on the machine.
    assert max(seconds for _, seconds in [*signin, *static]) < 3


def test_a_silent_mail_server_stops_nobody_and_loses_no_mail(
    site: Deployment, smtp_sink: SmtpSink, directory: DirectoryClient
) -> None:
    smtp_sink.silent.set()
    issued = len(smtp_sink.mails)
    with directory.working():
        site.manage("issue_scim_token", "hakata", "--issuer", "ren.kobayashi@hakata.example", "--enable", "--json")
        time.sleep(5)
        times = [get(site, "/signin")[1] for _ in range(10)]

    assert directory.unexpected() == []
    assert max(answer.seconds for answer in directory.answers) < 8
    assert max(times) < 4
    assert len(smtp_sink.mails) == issued

    smtp_sink.silent.clear()
    deadline = time.monotonic() + 100
    while len(smtp_sink.mails) == issued and time.monotonic() < deadline:
        time.sleep(0.5)
    assert any("ren.kobayashi@hakata.example" in mail for mail in smtp_sink.mails[issued:])


def _slowly(site: Deployment, head: bytes, stop: threading.Event) -> None:
    """One byte every half a second."""
    try:
        with socket.create_connection(("127.0.0.1", site.port)) as plain, trusting().wrap_socket(plain) as wire:
            wire.sendall(head)
            while not stop.wait(0.5):
                wire.sendall(b"x")
    except OSError:
        pass


@pytest.fixture
def crowd(site: Deployment) -> Iterator[Callable[[bytes, int], None]]:
    stop, threads = threading.Event(), []

    def begin(head: bytes, number: int) -> None:
        for _ in range(number):
            threads.append(threading.Thread(target=_slowly, args=(site, head, stop)))
            threads[-1].start()

    yield begin
    stop.set()
    for thread in threads:
        thread.join()


def test_slow_clients_hold_no_thread_of_the_site(site: Deployment, crowd: Any, directory: DirectoryClient) -> None:
    for path in (b"/signin", b"/spaces/AAAAAAAAAA/scim/v2/Users", b"/signin/spaces/AAAAAAAAAA/saml/callback"):
        crowd(
            b"POST " + path + b" HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n"
            b"Content-Type: application/x-www-form-urlencoded\r\n\r\n",
            20,
        )
    crowd(b"GET /signin HTTP/1.1\r\nHost: localhost\r\nX-Slow: ", 20)
    with directory.working():
        time.sleep(4)
        times = [get(site, "/signin")[1] for _ in range(10)]

    assert max(times) < 4
    assert set(directory.statuses()) <= {200, 201}


def test_large_bodies_are_refused_before_they_are_read(site: Deployment) -> None:
    for path, words in (
        ("/signin", "Too large"),
        ("/spaces/AAAAAAAAAA/scim/v2/Users", '"status":"413"'),
    ):
        with socket.create_connection(("127.0.0.1", site.port)) as plain, trusting().wrap_socket(plain) as wire:
            wire.settimeout(5)
            wire.sendall(
                f"POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: multipart/form-data; boundary=x\r\n"
                f"Content-Length: {200 * MEBIBYTE}\r\n\r\n".encode()
            )
            answer = b""
            while words.encode() not in answer and (part := wire.recv(65536)):
                answer += part
        assert b" 413 " in answer.partition(b"\r\n")[0]
        assert b"Retry-After" not in answer
        assert words in answer.decode()


def test_more_connections_than_one_address_may_have_are_refused_in_the_form_of_the_door(
    site: Deployment, crowd: Any, directory: DirectoryClient
) -> None:
    # Connections count once their request is being read to the site.
    head = b"POST /signin HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n"
    crowd(head, 220)
    deadline = time.monotonic() + 30
    while (call := directory.call("GET", "Users?count=1")).status != 429 and time.monotonic() < deadline:
        time.sleep(0.2)
    page = get(site, "/signin")[2]

    assert (call.status, call.retry_after) == (429, "5")
    assert json.loads(call.body)["status"] == "429"
    assert (page.status, page.headers["Retry-After"]) == (429, "5")
    assert "リクエストが多すぎます" in page.body.decode()  # type: ignore[attr-defined]


def test_the_site_hears_who_asks_and_the_path_as_it_was_sent(site: Deployment, directory: DirectoryClient) -> None:
    answer = get(site, "/metrics")
    assert answer[0] == 404
    # An encoded path is not decoded on the way: it names no resource and shows none.
    assert directory.call("GET", "%55sers").status in (200, 404)
    assert directory.call("GET", "../v2/Users").status == 404


def _dsn(site: Deployment) -> str:
    return f"host={site.postgresql.folder} user=postgres dbname=postgres"
