"""What load balancers and Prometheus are told."""

import re

import pytest
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client
from django.utils import timezone

from members.models import Organization, Outgoing
from operations import readiness
from provisioning.monitoring.watching import watch
from tests.cast.faulty_site import METRICS, Site
from tests.scim import Idp


def counted(text: str, name: str, **labels: str) -> float:
    """The sum over all samples of that name with these labels."""
    found = re.findall(rf"^{name}(?:{{(.*)}})? (\S+)$", text, re.MULTILINE)
    wanted = {f'{label}="{value}"' for label, value in labels.items()}
    return sum(float(number) for said, number in found if wanted <= set(re.split(r",(?=\w+=)", said)))


@pytest.fixture
def prometheus(client: Client, settings: object) -> Client:
    settings.METRICS_TOKEN = METRICS  # type: ignore[attr-defined]
    client.defaults["HTTP_AUTHORIZATION"] = f"Bearer {METRICS}"
    return client


def metrics(client: Client) -> str:
    return client.get("/metrics").content.decode()


def test_a_living_process_says_so_without_the_database(client: Client) -> None:
    # No fixture opens the database, so asking it would fail this test.
    answer = client.get("/healthz", headers={"Host": "10.1.2.3:8000"})

    assert (answer.status_code, answer.content) == (200, b"ok\n")


def test_probes_are_answered_by_address_and_over_plain_http(client: Client, settings: object) -> None:
    settings.SECURE_SSL_REDIRECT, settings.METRICS_TOKEN = True, METRICS  # type: ignore[attr-defined]

    answers = [client.get(path, headers={"Host": "10.1.2.3"}) for path in ("/healthz", "/metrics")]

    assert [answer.status_code for answer in answers] == [200, 401]


def test_probes_are_only_read(client: Client) -> None:
    assert client.post("/healthz").status_code == 405


@pytest.mark.parametrize("method", ["get", "post"])
def test_what_a_probe_answers_is_not_guessed_by_a_browser(client: Client, method: str) -> None:
    assert getattr(client, method)("/healthz")["X-Content-Type-Options"] == "nosniff"


def test_metrics_do_not_exist_without_their_token(client: Client, db: None) -> None:
    assert client.get("/metrics").status_code == 404


def test_metrics_are_for_who_knows_their_token(client: Client, settings: object) -> None:
    settings.METRICS_TOKEN = METRICS  # type: ignore[attr-defined]

    refused = [
        client.get("/metrics", headers={"Authorization": said} if said else {}).status_code
        for said in ("", "Bearer ", "Bearer x", f"Basic {METRICS}", f"Bearer {METRICS}é", METRICS)
    ]

    assert refused == [401] * 6


def test_requests_are_counted_by_door_and_status(prometheus: Client, idp: Idp) -> None:
    before = metrics(prometheus)

    idp.get("/Users")
    idp.get("/Users/nobody")
    Client().get("/signin")
    Client().get("/nowhere")

    def more(**labels: str) -> float:
        return counted(after, "nulab_requests_total", **labels) - counted(before, "nulab_requests_total", **labels)

    after = metrics(prometheus)
    assert more(door="scim", status="200") == 1
    assert more(door="scim", status="404") == 1
    assert more(door="page", status="200") == 1
    assert more(door="page", status="404") == 1
    assert counted(after, "nulab_request_duration_seconds_count", door="scim") >= 2


def test_refusals_are_counted_by_their_code(prometheus: Client, idp: Idp, aozora: Organization) -> None:
    before = metrics(prometheus)

    idp.get("/Users/nobody")
    Client().get(f"/spaces/{aozora.space_key}/scim/v2/Users", headers={"Authorization": "Bearer wrong"})

    after = metrics(prometheus)
    for code in ("no_such_user", "bad_token"):
        labels = {"door": "scim", "code": code}
        assert counted(after, "nulab_refusals_total", **labels) - counted(before, "nulab_refusals_total", **labels) == 1


def test_mails_that_wait_are_measured(prometheus: Client, db: None) -> None:
    Outgoing.objects.create(story="notice", due_at=timezone.now())

    assert counted(metrics(prometheus), "nulab_mails", state="waiting") == 1
    assert counted(metrics(prometheus), "nulab_mails", state="failed") == 0


def test_the_health_of_each_organization_is_for_who_asks(prometheus: Client, idp: Idp, aozora: Organization) -> None:
    idp.get("/Users")
    watch()

    at_first = metrics(prometheus)
    asked = prometheus.get("/metrics?by=organization").content.decode()

    assert counted(at_first, "nulab_synchronizations", health="running") == 1
    assert aozora.space_key not in at_first
    labels = {"organization": aozora.space_key, "health": "running"}
    assert counted(asked, "nulab_synchronization_health", **labels) == 1


def test_what_is_not_migrated_is_not_ready(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readiness, "_migrated", False)
    assert readiness.is_migrated()

    MigrationRecorder.Migration.objects.filter(app="provisioning").order_by("-pk")[:1].get().delete()

    assert not readiness.is_migrated()


# -- with real processes


@pytest.mark.slow
def test_a_site_in_good_order_is_ready(site: Site) -> None:
    answer = site.ask("GET", "/readyz", Host="10.1.2.3")

    assert answer.status == 200
    assert answer.body == {
        "ready": True,
        "checks": {"database": "ok", "migrations": "ok", "xmlsec1": "ok", "saml_keys": "ok"},
    }


@pytest.mark.slow
def test_all_workers_count_together(site: Site) -> None:
    def reads() -> float:
        text = site.ask("GET", "/metrics", Authorization=f"Bearer {METRICS}").content.decode()
        assert counted(text, "nulab_database_up") == 1
        return counted(text, "nulab_requests_total", door="scim", status="200")

    before = reads()
    site.at_once(24, "GET", "/Users?count=1")

    assert [reads() - before for _ in range(6)] == [24] * 6


@pytest.mark.slow
def test_a_restart_while_idle_is_no_database_that_is_away(site: Site) -> None:
    def told() -> list[bool]:
        answers = [site.ask("GET", "/metrics", Authorization=f"Bearer {METRICS}") for _ in range(6)]
        return [counted(answer.content.decode(), "nulab_database_up") == 1 for answer in answers]

    assert {site.ask("GET", "/readyz").status for _ in range(6)} == {200}
    assert told() == [True] * 6
    site.database.stop()
    site.database.start()

    assert {site.ask("GET", "/readyz").status for _ in range(6)} == {200}
    assert told() == [True] * 6


@pytest.mark.slow
def test_a_site_without_its_database_lives_counts_and_is_not_ready(site: Site) -> None:
    site.database.stop()
    try:
        site.scim("GET", "/Users")
        alive, ready = site.ask("GET", "/healthz"), site.ask("GET", "/readyz")
        text = site.ask("GET", "/metrics", Authorization=f"Bearer {METRICS}").content.decode()
    finally:
        site.database.start()

    assert alive.status == 200
    assert ready.status == 503
    assert ready["checks"]["database"] == "does not answer"
    assert counted(text, "nulab_database_up") == 0
    assert counted(text, "nulab_database_faults_total", kind="unreachable") >= 1
    assert {site.ask("GET", "/readyz").status for _ in range(8)} == {200}
