"""Demo Backlog: what it hears must be signed, and ends the visit of whom it concerns."""

import http.client
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from threading import Thread
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from standardwebhooks import Webhook

from api.models import AppKey, Endpoint
from demo.backlog import Visit
from demo.backlog_server import BacklogServer
from demo.management.commands.demo_backlog import new_key, secret_of_endpoint
from members.models import Member, Organization

SECRET = "whsec_" + "c2VjcmV0" * 4


@pytest.fixture
def backlog() -> Iterator[BacklogServer]:
    server = BacklogServer(0, "nlb_app_x", SECRET)
    thread = Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def ask(server: BacklogServer, method: str, path: str, body: str = "", **headers: str) -> tuple[int, str]:
    connection = http.client.HTTPConnection("127.0.0.1", server.server_port, timeout=10)
    connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
    answer = connection.getresponse()
    return answer.status, answer.read().decode()


def told(server: BacklogServer, secret: str, subject: str, number: int = 1) -> int:
    subject_of: dict[str, Any] = {"type": "member", "id": subject}
    data = {"id": f"ACME-{number}", "number": number, "organization": "ACME", "subject": subject_of}
    body, now = (
        json.dumps({"type": "account.deactivated", "timestamp": "2026-11-28T09:00:00Z", "data": data}),
        datetime.now(UTC),
    )
    signature = Webhook(secret).sign("ACME-1", now, body)
    stamp = str(int(now.timestamp()))
    return ask(
        server, "POST", "/hook", body, webhook_id="ACME-1", webhook_timestamp=stamp, webhook_signature=signature
    )[0]


def test_only_what_is_signed_is_heard_and_ends_a_visit(backlog: BacklogServer, monkeypatch: pytest.MonkeyPatch) -> None:
    visits = {key: Visit("s", key, {"ACME": key}, "ACME", "Acme") for key in ("mia", "kenji")}
    backlog.app.visits.update(visits)
    asked: list[Any] = []

    def answer(question: str, body: dict[str, str]) -> tuple[int, dict[str, Any]]:
        asked.append(question)
        return 200, {"allowed": False, "detail": "The account is inactive."}

    monkeypatch.setattr(backlog.app, "_ask", answer)
    assert told(backlog, "whsec_" + "YW5vdGhlcg==", "mia") == 401
    assert told(backlog, SECRET, "mia") == 204
    assert told(backlog, SECRET, "mia") == 204

    assert asked == ["access"]
    assert (visits["mia"].refused, visits["kenji"].refused) == ("The account is inactive.", "")
    assert "You are signed out" in ask(backlog, "GET", "/", Cookie="demo-backlog=mia")[1]
    assert "Assigned to you" in ask(backlog, "GET", "/", Cookie="demo-backlog=kenji")[1]
    assert ask(backlog, "GET", "/news?0") == (200, "1")


def test_a_code_that_another_browser_began_is_not_taken(backlog: BacklogServer) -> None:
    status, page = ask(backlog, "GET", "/enter?code=x&state=y", Cookie="demo-backlog-state=z")
    assert (status, "begun in another browser" in page) == (200, True)
    assert ask(backlog, "GET", "/", Host="rebinding.example")[0] == 421


def test_each_run_has_a_key_and_a_secret_of_its_own(aozora: Organization, mia: Member, settings: Any) -> None:
    settings.DEMO_APP_URL = "http://localhost:8002"
    settings.WEBHOOKS_ON_THIS_MACHINE = [settings.DEMO_APP_URL]
    assert len({new_key(), new_key(), new_key()}) == 3
    assert AppKey.objects.filter(revoked_at=None).count() == 1
    assert secret_of_endpoint() != secret_of_endpoint()
    assert Endpoint.objects.get().url == "http://localhost:8002/hook"


def test_it_runs_under_debug_only() -> None:
    with pytest.raises(CommandError, match="only with DEBUG"):
        call_command("demo_backlog")
