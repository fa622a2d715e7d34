"""The lines that a machine reads: what stands in them, and what never does."""

import io
import json
import logging
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from members.models import Member, Organization
from operations.log_masking import SecretsMasked
from operations.logs import JsonLines, ReadableLines
from provisioning.models import SyncActivity
from tests.cast import PASSWORD, signed_in
from tests.cast.faulty_site import METRICS, Site
from tests.scim import Idp


class Log:
    def __init__(self) -> None:
        self.written = io.StringIO()

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.written.getvalue().splitlines()]

    @property
    def last(self) -> dict[str, Any]:
        return [line for line in self.lines if line["logger"] == "access"][-1]


@pytest.fixture
def log() -> Iterator[Log]:
    """As production writes it."""
    kept = Log()
    handler = logging.StreamHandler(kept.written)
    handler.setFormatter(JsonLines())
    handler.addFilter(SecretsMasked())
    loggers = [logging.getLogger(), logging.getLogger("access")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.addHandler(handler)
        logger.setLevel(logging.INFO)
    yield kept
    for logger, level in zip(loggers, levels, strict=True):
        logger.removeHandler(handler)
        logger.setLevel(level)


def test_a_page_is_one_line_that_says_who_where_and_how_long(
    client: Client, aozora: Organization, aiko: Member, log: Log
) -> None:
    answer = signed_in(client, aiko).get(f"/spaces/{aozora.space_key}/members?q=mia.sato")

    line = log.last
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00", line.pop("time"))
    assert 0 < line.pop("duration_ms") < 60_000
    assert line == {
        "level": "info",
        "logger": "access",
        "event": "request",
        "request_id": answer["X-Request-Id"],
        "door": "page",
        "account": aiko.account_id,
        "organization": aozora.space_key,
        "method": "GET",
        "path": f"/spaces/{aozora.space_key}/members",
        "status": 200,
    }


def test_a_scim_call_has_one_id_in_the_log_the_answer_and_the_activity(
    idp: Idp, aozora: Organization, log: Log
) -> None:
    answer = idp.get("/Users/nobody")

    line = log.last
    assert (line["door"], line["organization"], line["status"]) == ("scim", aozora.space_key, 404)
    assert line["refused"] == "no_such_user"
    assert line["request_id"] == answer.headers["x-request-id"]
    assert SyncActivity.objects.filter(request_id=line["request_id"]).count() == 1


def test_the_organization_of_a_stranger_is_not_named(aozora: Organization, client: Client, log: Log) -> None:
    client.get(f"/spaces/{aozora.space_key}/scim/v2/Users", headers={"Authorization": "Bearer wrong"})

    assert "organization" not in log.last
    assert log.last["refused"] == "bad_token"


@pytest.mark.parametrize(
    ("path", "door"),
    [
        ("/signin", "page"),
        ("/admin/", "admin"),
        ("/static/console.css", "static"),
        ("/signin/spaces/ACME000001/saml", "saml"),
        ("/spaces/ACME000001/scim/v2/Users", "scim"),
    ],
)
def test_every_door_writes_one_line_and_answers_with_its_id(
    db: None, client: Client, log: Log, path: str, door: str
) -> None:
    answer = client.get(path)
    answer.close()

    [line] = [line for line in log.lines if line["logger"] == "access"]
    assert (line["door"], line["status"]) == (door, answer.status_code)
    assert line["request_id"] == answer["X-Request-Id"]


def test_a_refused_form_says_why_in_the_same_line(db: None, log: Log) -> None:
    Client(enforce_csrf_checks=True).post("/signin", {"identifier": "x"})

    assert (log.last["refused"], log.last["status"]) == ("csrf", 403)
    assert "CSRF" in log.last["reason"]


def test_a_mistake_of_ours_has_its_traceback_and_its_request(
    client: Client, aozora: Organization, aiko: Member, monkeypatch: pytest.MonkeyPatch, log: Log
) -> None:
    def fail(*args: Any) -> None:
        raise RuntimeError("token=very-secret-1234567890")

    monkeypatch.setattr("provisioning.settings.guides.guide", fail)
    signed_in(client, aiko).raise_request_exception = False
    client.get(f"/spaces/{aozora.space_key}/guides/entra")

    told, line = log.lines[-2:]
    assert (line["logger"], line["status"], line["level"]) == ("access", 500, "error")
    assert told["request_id"] == line["request_id"]
    assert "RuntimeError" in told["exception"]
    assert "very-secret" not in log.written.getvalue()


@pytest.mark.parametrize("text", ["x\ny", "x\r\ny", "x\u2028y", "x\x00y", "x\x85y", "\ud800"])
def test_no_address_breaks_a_line(text: str) -> None:
    record = logging.LogRecord("access", logging.INFO, "", 0, "request", (), None)
    record.fields = {"path": f"/{text}"}

    for written in (JsonLines().format(record), ReadableLines().format(record)):
        assert len(written.splitlines()) == 1
    assert json.loads(JsonLines().format(record))["path"] == f"/{text}"


def test_the_id_of_a_trusted_proxy_is_kept(client: Client, db: None, settings: Any) -> None:
    sent = "0123456789abcdef0123456789abcdef"
    assert client.get("/signin", headers={"X-Request-Id": sent})["X-Request-Id"] != sent

    settings.TRUSTED_PROXIES = 1

    assert client.get("/signin", headers={"X-Request-Id": sent})["X-Request-Id"] == sent
    for unusable in ("short", "x" * 33, "with space in it", "newline\nnewline"):
        assert client.get("/signin", headers={"X-Request-Id": unusable})["X-Request-Id"] != unusable


def test_two_calls_under_one_id_are_both_recorded(idp: Idp, settings: Any) -> None:
    settings.TRUSTED_PROXIES = 1

    answers = [idp.get("/Users", headers={"X-Request-Id": "the-same-for-both"}).status for _ in range(2)]

    assert answers == [200, 200]
    assert SyncActivity.objects.filter(request_id="the-same-for-both").count() == 2


@pytest.mark.slow
def test_no_secret_of_a_walk_stands_in_the_log_of_a_real_server(site: Site) -> None:
    saml = "PHNhbWxwOlJlc3BvbnNlIHhtbG5zOnNhbWxwPSJ1cm46b2FzaXM6bmFtZXM6dGM6U0FNTDoyLjA6cHJvdG9jb2wi"
    link = "Zk3v9qPx7LmN0aBcDeFgHiJkLmNoPqRsTuVwXyZ01"
    began = site.log_size
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    space = site.path.split("/")[2]

    site.scim("GET", "/Users?count=1")
    site.scim("POST", "/Users", {"schemas": [], "userName": "s", "password": PASSWORD})
    site.ask("GET", f"{site.path}/Users", Authorization="Bearer not-the-token-0123456789")
    site.ask("POST", f"/signin/spaces/{space}/saml/callback", f"SAMLResponse={saml}", **form)
    site.ask("POST", "/signin", f"identifier=a@play.example&password={PASSWORD}", **form)
    for path in (f"/set-password/MQ/{link}", f"/invitations/{link}", f"/profile/address/{link}:x:y"):
        site.ask("GET", path)
        site.ask("GET", f"{path}/more")
        site.ask("POST", path, "x", **form)
    site.ask("GET", f"/signin?next=/invitations/{link}", Cookie=f"session={link}")
    site.ask("GET", "/metrics", Authorization=f"Bearer {METRICS}")

    log = site.log_since(began)
    assert len(log.splitlines()) >= 14
    assert all(json.loads(line)["request_id"] for line in log.splitlines())
    secrets = [site.token, site.token[15:], "not-the-token", saml[:40], PASSWORD, link[:20], METRICS]
    assert [secret for secret in secrets if secret in log] == []
