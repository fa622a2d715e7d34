"""Sync activity: each call with what changed, what was ignored and why it was refused, even on bad days."""

import datetime
import json
import logging
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from members.models import AuditEvent, Member, Organization, Product, Subscription
from operations import metrics
from provisioning.models import Kind, ScimToken, SyncActivity, UnrecordedCalls
from tests.cast import OPERATOR, managed, signed_in
from tests.cast.console import text
from tests.cast.rows import fresh
from tests.scim import ENTERPRISE, NULAB, PATCH_OP, SEARCH, Answer, Idp, add, patch_body, replace, user, work_email

SECRET = "1mz050nq-very-secret"


@pytest.fixture
def nao(idp: Idp) -> Answer:
    return idp.create("nao", displayName="Nao Ito")


def test_a_creation_tells_every_value(idp: Idp, nao: Answer) -> None:
    activity = idp.last_activity()

    assert (activity.kind, activity.method, activity.path, activity.status) == (Kind.CREATE, "POST", "/Users", 201)
    assert (activity.subject_id, activity.subject) == (nao["id"], "Nao Ito")
    assert activity.changes["user_name"] == [None, "nao@aozora.example"]
    assert activity.changes["active"] == [None, True]
    assert activity.is_lasting
    assert activity.request_id == nao.headers["x-request-id"]


def test_a_change_tells_before_and_after_of_the_fields_that_differ(idp: Idp, nao: Answer) -> None:
    idp.patch(nao["id"], replace("displayName", "N"), replace("roles", "USER"), replace("active", "True"))

    activity = idp.last_activity()
    assert activity.changes == {"display_name": ["Nao Ito", "N"], "name": ["Nao Ito", "N"], "role": ["GUEST", "USER"]}
    assert (activity.kind, activity.is_lasting, activity.event) == (Kind.PATCH, True, "changed")


@pytest.mark.parametrize(("value", "event"), [("False", "deactivated"), ("True", "unchanged")])
def test_an_activity_says_in_a_word_what_came_of_it(idp: Idp, nao: Answer, value: str, event: str) -> None:
    idp.patch(nao["id"], replace("active", value))

    assert idp.last_activity().event == event


def test_a_call_that_changes_nothing_is_not_kept_for_long(idp: Idp, nao: Answer) -> None:
    calls: list[Callable[[], Answer]] = [lambda: idp.patch(nao["id"]), lambda: idp.read(nao["id"]), idp.get]
    for call in calls:
        call()
        assert not idp.last_activity().is_lasting


def test_a_deletion_still_says_who_it_was(idp: Idp, nao: Answer) -> None:
    idp.delete(nao["id"])

    activity = idp.last_activity()
    assert (activity.kind, activity.event, activity.subject, activity.subject_id) == (
        Kind.DELETE, "deleted", "Nao Ito", nao["id"],
    )  # fmt: skip


def test_a_refusal_has_reason_figures_and_the_same_sentence(idp: Idp, nao: Answer) -> None:
    answer = idp.patch(nao["id"], replace("roles", "KING"), replace("displayName", "N"))

    activity = idp.last_activity()
    assert (activity.reason, activity.figures, activity.changes) == ("invalid_role", {"value": "KING"}, {})
    assert (activity.event, activity.is_refused, activity.subject) == ("refused", True, "Nao Ito")
    assert activity.explanation == activity.detail == answer.detail


REFUSALS: list[tuple[str, str, Any]] = [
    ("POST", "/Users", user("nao@elsewhere.example")),
    ("POST", "/Users", user("nao@aozora.example")),
    ("POST", "/Users", {}),
    ("POST", "/Users", []),
    ("PATCH", "/Users/{id}", {}),
    ("PATCH", "/Users/{id}", patch_body(replace("id", "x"))),
    ("PATCH", "/Users/{id}", patch_body(replace("a[", "x"))),
    ("PATCH", "/Users/{id}", patch_body(replace("active", "maybe"))),
    ("GET", "/Users/x", None),
    ("GET", "/Users?filter=colour+pr", None),
    ("GET", "/Users?count=x", None),
    ("GET", "/Groups/x", None),
    ("POST", "/Groups", {}),
    ("POST", "/Groups", {"displayName": "Sales", "members": [{"value": "x"}]}),
    ("POST", "/Groups", {"displayName": "Sales", "members": [{"value": "x", "type": "Group"}]}),
    ("GET", "/Me", None),
    ("DELETE", "/Users", None),
    ("GET", "/nowhere", None),
]


@pytest.mark.parametrize(("method", "path", "body"), REFUSALS, ids=repr)
def test_every_refusal_is_said_in_japanese_too(idp: Idp, nao: Answer, method: str, path: str, body: Any) -> None:
    answer = idp.call(method, path.replace("{id}", nao["id"]), body)

    activity = idp.last_activity()
    assert activity.explanation == answer.detail
    with translation.override("ja"):
        assert any(ord(character) > 0x3000 for character in activity.explanation), activity.explanation


SECRETS: list[tuple[str, str, Any]] = [
    ("POST", "/Users", user("emi@aozora.example", password=SECRET, apiToken=SECRET, deep={"clientSecret": [SECRET]})),
    ("PUT", "/Users/{id}", user("nao@aozora.example", PassWord=SECRET)),
    ("PATCH", "/Users/{id}", patch_body(replace("password", SECRET))),
    ("PATCH", "/Users/{id}", patch_body({"OP": "add", "PATH": "urn:x:y:Password", "VALUE": SECRET})),
    ("PATCH", "/Users/{id}", patch_body({"op": "add", "value": {"password": SECRET}})),
    ("PATCH", "/Users/{id}", patch_body({"op": "add", "value": json.dumps({"password": SECRET})})),
    ("PATCH", "/Users/{id}", patch_body(add("x509Certificates", [{"value": SECRET}]))),
    ("GET", f"/Users?token={SECRET}&filter=userName+pr", None),
    ("GET", f"/Users/{{id}}?a=1&access_token={SECRET}", None),
]


@pytest.mark.parametrize(("method", "path", "body"), SECRETS, ids=repr)
def test_a_secret_is_neither_stored_nor_recorded(idp: Idp, nao: Answer, method: str, path: str, body: Any) -> None:
    answer = idp.call(method, path.replace("{id}", nao["id"]), body)

    assert answer.status < 300
    assert SECRET not in str(list(SyncActivity.objects.values()))
    assert SECRET not in str(list(idp.organization.audit.values()))
    assert (
        not Member.objects.select_related("account")
        .get(scim_id=answer.body.get("id", nao["id"]))
        .account.has_usable_password()
    )


def test_the_neighbour_sees_nothing_of_it(idp: Idp, next_door: Idp, nao: Answer) -> None:
    assert not SyncActivity.objects.filter(organization=next_door.organization).exists()


def test_the_page_shows_the_call_with_its_number(
    idp: Idp, nao: Answer, aozora: Organization, aiko: Member, client: Any
) -> None:
    refused = idp.post(user("x@elsewhere.example"))

    page = signed_in(client, aiko).get(f"/spaces/{aozora.space_key}/provisioning/activity").content.decode()

    assert refused.headers["x-request-id"] in page
    assert "elsewhere.example" in page


def test_an_unspeakable_value_is_recorded_all_the_same(idp: Idp, nao: Answer) -> None:
    for method, path, body in (
        ("GET", "/Users?filter=colour%00+pr", None),
        ("PATCH", f"/Users/{nao['id']}", patch_body(replace("co\x00lour", "x"))),
        ("PATCH", f"/Users/{nao['id']}", patch_body({"op": "add", "value": {"co\x00lour": "a\x00b"}})),
        ("GET", "/Users/a%00b", None),
        ("GET", "/Users?x=%00&%ED%A0%80", None),
        ("POST", "/Users", {"userName": "a\x00b", "\x00": "\x00"}),
    ):
        answer = idp.call(method, path, body)
        assert answer.status < 500
        assert idp.last_activity().request_id == answer.headers["x-request-id"]


# -- Every call with a token of ours leaves one line in the sync activity, and only what may be read


SECRET_RECORDING = "hunter2-hunter2"
CALLS: list[tuple[str, str, Any, Kind, int]] = [
    ("GET", "/Users", None, Kind.SEARCH, 200),
    ("GET", '/Users?filter=userName%20eq%20"mia@aozora.example"', None, Kind.SEARCH, 200),
    ("GET", "/Users?filter=title%20pr", None, Kind.SEARCH, 400),
    ("POST", "/Users/.search", {"schemas": [SEARCH]}, Kind.SEARCH, 200),
    ("GET", "/Users/{id}", None, Kind.READ, 200),
    ("GET", "/Users/nobody", None, Kind.READ, 404),
    ("POST", "/Users", user("nao@aozora.example"), Kind.CREATE, 201),
    ("POST", "/Users", user("MIA@aozora.example"), Kind.CREATE, 409),
    ("POST", "/Users", user("nao@elsewhere.example"), Kind.CREATE, 400),
    ("POST", "/Users", b"{", Kind.CREATE, 400),
    ("POST", "/Users", b" " * (1024 * 1024 + 1), Kind.OTHER, 413),
    ("PUT", "/Users/{id}", user("mia@aozora.example"), Kind.REPLACE, 200),
    ("PUT", "/Users/nobody", user("x@aozora.example"), Kind.REPLACE, 404),
    ("PATCH", "/Users/{id}", patch_body(replace("displayName", "M")), Kind.PATCH, 200),
    ("PATCH", "/Users/{id}", patch_body(), Kind.PATCH, 200),
    ("PATCH", "/Users/{id}", patch_body(replace("a[", 1)), Kind.PATCH, 400),
    ("PATCH", "/Users/{administrator}", patch_body(replace("active", False)), Kind.PATCH, 403),
    ("DELETE", "/Users/{id}", None, Kind.DELETE, 204),
    ("DELETE", "/Users/nobody", None, Kind.DELETE, 404),
    ("DELETE", "/Users/{administrator}", None, Kind.DELETE, 403),
    ("GET", "/Schemas", None, Kind.DISCOVER, 200),
    ("GET", "/ResourceTypes/User", None, Kind.DISCOVER, 200),
    ("GET", "/ServiceProviderConfig", None, Kind.DISCOVER, 200),
    ("GET", "/Schemas?filter=id%20pr", None, Kind.DISCOVER, 403),
    ("GET", "/Groups", None, Kind.SEARCH, 200),
    ("GET", "/Groups/nobody", None, Kind.READ, 404),
    ("POST", "/Groups", {"displayName": "Sales"}, Kind.CREATE, 201),
    ("PATCH", "/Groups/nobody", patch_body({"op": "remove", "path": "members"}), Kind.PATCH, 404),
    ("GET", "/Nowhere", None, Kind.OTHER, 404),
    ("POST", "/Bulk", {}, Kind.OTHER, 400),
    ("DELETE", "/Users", None, Kind.OTHER, 405),
]


@pytest.mark.parametrize(("method", "path", "body", "kind", "status"), CALLS)
def test_a_call_leaves_one_line_with_its_number(
    idp: Idp, mia: Member, aiko: Member, method: str, path: str, body: Any, kind: Kind, status: int
) -> None:
    answer = idp.call(method, path.format(id=mia.scim_id, administrator=aiko.scim_id), body)

    line = SyncActivity.objects.get()
    assert (line.organization, line.request_id) == (idp.organization, answer.headers["x-request-id"])
    assert (line.kind, line.method, line.status, answer.status) == (kind, method, status, status)
    assert idp.secret.startswith(line.token_prefix)
    assert bool(line.reason) is line.is_refused is (status >= 400)
    assert line.is_lasting is (status >= 400 or bool(line.changes) or method == "DELETE")
    assert not (line.is_refused and line.changes)


IGNORED: list[tuple[dict[str, Any], str]] = [
    ({ENTERPRISE: {"department": "IT", "manager": {"value": "1"}}}, f"{ENTERPRISE}:department"),
    ({ENTERPRISE: {"department": "IT", "manager": {"value": "1"}}}, f"{ENTERPRISE}:manager"),
    ({f"{ENTERPRISE}:employeeNumber": "7"}, f"{ENTERPRISE}:employeeNumber"),
    ({"title": "Chief"}, "title"),
    ({"phoneNumbers": [{"value": "1"}]}, "phoneNumbers"),
    ({"roles": [{"value": "USER", "type": "WindowsAzureActiveDirectoryRole"}]}, "roles.type"),
    ({"name": {"honorificPrefix": "Dr"}}, "name.honorificPrefix"),
    ({"emails": [*work_email("nao@aozora.example"), {"value": "n@home.ex", "type": "home"}]}, 'emails[type eq "home"]'),
    ({"preferredLanguage": "fr-FR"}, "preferredLanguage: fr-FR"),
    ({"timezone": "Mars/Olympus"}, "timezone: Mars/Olympus"),
    ({"nickName": "mia"}, "nickName: mia"),
    ({"nickName": "no good"}, "nickName: no good"),
    ({NULAB: {"shoeSize": 43}}, f"{NULAB}:shoeSize"),
    ({"password": SECRET_RECORDING}, "password"),
]  # fmt: skip


@pytest.mark.parametrize(("sent", "named"), IGNORED)
def test_what_was_not_stored_is_named(idp: Idp, mia: Member, sent: dict[str, Any], named: str) -> None:
    created = idp.create("nao", **sent)
    assert named in idp.last_activity().ignored
    assert idp.read(created["id"]).body == created.body

    idp.put(created["id"], user("nao@aozora.example", **sent))
    assert named in idp.last_activity().ignored

    idp.patch(created["id"], {"op": "replace", "value": sent})
    assert named in idp.last_activity().ignored


def test_an_ignored_path_of_a_patch_is_named_beside_what_was_stored(idp: Idp, mia: Member) -> None:
    idp.patch(
        mia.scim_id,
        add(f"{ENTERPRISE}:manager", "9"),
        replace('addresses[type eq "work"].locality', "Fukuoka"),
        replace("displayName", "Mia S."),
    )

    line = idp.last_activity()
    assert line.ignored == [f"{ENTERPRISE}:manager", 'addresses[type eq "work"].locality']
    assert set(line.changes) == {"display_name", "family_name", "name"}


def test_a_refused_change_is_recorded_though_nothing_of_it_is_kept(idp: Idp, mia: Member) -> None:
    events = AuditEvent.objects.count()

    answer = idp.patch(mia.scim_id, replace("displayName", "New"), replace("userName", "mia@elsewhere.example"))

    line = SyncActivity.objects.get()
    assert (line.status, line.reason, line.figures) == (400, "domain_not_verified", {"domain": "elsewhere.example"})
    assert (line.subject_id, line.subject) == (mia.scim_id, "Mia Sato")
    assert line.detail == answer.detail
    assert "New" in line.body
    assert fresh(mia).account.name == "Mia Sato"
    assert AuditEvent.objects.count() == events


def test_a_refusal_for_want_of_a_licence_keeps_the_figures(idp: Idp) -> None:
    Subscription.objects.buy(idp.organization, Product.PASS, 0, by=OPERATOR)

    answer = idp.post(user("nao@aozora.example"))

    line = idp.last_activity()
    assert (answer.status, line.reason, line.figures["bought"]) == (403, "no_free_licence", 0)
    assert answer.detail.startswith("No Nulab Pass licence has been bought")


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/Users", user("nao@aozora.example", password=SECRET_RECORDING)),
        ("POST", "/Users", user("nao@elsewhere.example", password=SECRET_RECORDING)),
        ("PUT", "/Users/{id}", user("mia@aozora.example", Password=SECRET_RECORDING, x={"apiToken": SECRET_RECORDING})),
        ("PATCH", "/Users/{id}", patch_body(replace("password", SECRET_RECORDING))),
        (
            "PATCH",
            "/Users/{id}",
            {"schemas": [PATCH_OP], "Operations": [{"op": "add", "value": {"password": SECRET_RECORDING}}]},
        ),
        ("PATCH", "/Users/{id}", patch_body(replace("a[", 1), replace("password", SECRET_RECORDING))),
    ],
)
def test_a_password_is_read_nowhere(
    idp: Idp, mia: Member, caplog: pytest.LogCaptureFixture, method: str, path: str, body: Any
) -> None:
    caplog.set_level(logging.DEBUG)

    answer = idp.call(method, path.format(id=mia.scim_id), body)

    assert SECRET_RECORDING not in answer.content.decode()
    assert SECRET_RECORDING not in repr(list(SyncActivity.objects.values()) + list(AuditEvent.objects.values()))
    assert SECRET_RECORDING not in caplog.text
    assert "•••" in idp.last_activity().body
    assert not idp.organization.members.get(scim_id=mia.scim_id).account.has_usable_password()


def test_pruning_keeps_reads_for_thirty_days_and_the_rest_for_thirteen_months(idp: Idp, next_door: Idp) -> None:
    for caller in (idp, next_door):
        caller.get()
        caller.get("/Users/nobody")
        caller.create("nao")
    old, oldest = timezone.now() - datetime.timedelta(days=31), timezone.now() - datetime.timedelta(days=397)

    SyncActivity.objects.update(at=old)
    idp.get()
    call_command("prune")
    assert SyncActivity.objects.filter(at=old).count() == 4
    assert {line.kind for line in SyncActivity.objects.filter(at=old)} == {Kind.CREATE, Kind.READ}
    assert idp.last_activity().kind == Kind.SEARCH

    SyncActivity.objects.update(at=oldest)
    call_command("prune")
    assert not SyncActivity.objects.exists()


# -- A read is answered even if its line of the sync activity cannot be written; a write is all or nothing


@pytest.fixture
def live(aozora: Organization) -> Idp:
    idp = Idp(aozora)
    idp.get()
    return idp


@pytest.fixture
def full_disk(live: Idp) -> Iterator[None]:
    """Nothing can be added to the sync activity, as when its disk is full."""
    table = SyncActivity._meta.db_table
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            body = "$$ BEGIN RAISE 'no space'; END $$ LANGUAGE plpgsql"
            cursor.execute(f"CREATE FUNCTION full_disk() RETURNS trigger AS {body}")
            cursor.execute(f"CREATE TRIGGER full_disk BEFORE INSERT ON {table} EXECUTE FUNCTION full_disk()")
        else:
            cursor.execute(
                f"CREATE TRIGGER full_disk BEFORE INSERT ON {table} BEGIN SELECT RAISE(ABORT, 'no space'); END"
            )
    yield
    mend()


def mend() -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("DROP FUNCTION IF EXISTS full_disk() CASCADE")
        else:
            cursor.execute("DROP TRIGGER IF EXISTS full_disk")


@pytest.mark.django_db(transaction=True)
def test_reads_are_answered_and_the_loss_is_counted_and_shown(live: Idp, aiko: Member, full_disk: None) -> None:
    before, lines = metrics.unrecorded._value.get(), SyncActivity.objects.count()
    ScimToken.objects.update(last_used_at=None)
    me = aiko.scim_id

    answers = [live.get(), live.read(me), live.find('userName eq "x"'), live.search(), live.get("/Schemas")]
    refused = [live.read("nobody"), live.find("title pr"), live.put("nobody", user("x@aozora.example"))]

    assert [answer.status for answer in answers] == [200] * 5
    assert [answer.status for answer in refused] == [404, 400, 404]
    assert SyncActivity.objects.count() == lines
    assert metrics.unrecorded._value.get() - before == 8

    mend()
    live.get()

    assert [(row.organization, row.calls) for row in UnrecordedCalls.objects.all()] == [(live.organization, 8)]
    page = text(signed_in(Client(), aiko).get(reverse("activity", args=[live.organization.space_key])))
    assert "8 requests were answered but could not be recorded" in page


@pytest.mark.django_db(transaction=True)
def test_writes_are_all_or_nothing(live: Idp, full_disk: None) -> None:
    mia = managed(live.organization, "mia")
    members = live.organization.members.count()

    answers = [
        live.post(user("nao@aozora.example")),
        live.put(mia.scim_id, user("mia@aozora.example", displayName="M")),
        live.patch(mia.scim_id, replace("active", False)),
        live.delete(mia.scim_id),
    ]

    assert all(answer.status >= 500 for answer in answers)
    assert live.organization.members.count() == members
    assert (fresh(mia).account.name, fresh(mia).is_active) == ("Mia Sato", True)
