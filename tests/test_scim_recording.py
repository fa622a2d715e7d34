"""Every call with a token of ours leaves one line in the sync activity, and only what may be read."""

import datetime
import logging
from typing import Any

import pytest
from django.core.management import call_command
from django.utils import timezone

from members.models import AuditEvent, Member, Product, Subscription
from provisioning.models import Kind, SyncActivity
from tests.cast import OPERATOR
from tests.rows import fresh
from tests.scim import ENTERPRISE, NULAB, PATCH_OP, SEARCH, Idp, add, patch_body, replace, user, work_email

SECRET = "hunter2-hunter2"
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
    ("GET", "/Groups", None, Kind.OTHER, 404),
    ("GET", "/Nowhere", None, Kind.OTHER, 404),
    ("POST", "/Bulk", {}, Kind.OTHER, 501),
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
    ({"password": SECRET}, "password"),
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
    assert answer.detail.startswith("All 0 ")


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("POST", "/Users", user("nao@aozora.example", password=SECRET)),
        ("POST", "/Users", user("nao@elsewhere.example", password=SECRET)),
        ("PUT", "/Users/{id}", user("mia@aozora.example", Password=SECRET, x={"apiToken": SECRET})),
        ("PATCH", "/Users/{id}", patch_body(replace("password", SECRET))),
        ("PATCH", "/Users/{id}", {"schemas": [PATCH_OP], "Operations": [{"op": "add", "value": {"password": SECRET}}]}),
        ("PATCH", "/Users/{id}", patch_body(replace("a[", 1), replace("password", SECRET))),
    ],
)
def test_a_password_is_read_nowhere(
    idp: Idp, mia: Member, caplog: pytest.LogCaptureFixture, method: str, path: str, body: Any
) -> None:
    caplog.set_level(logging.DEBUG)

    answer = idp.call(method, path.format(id=mia.scim_id), body)

    assert SECRET not in answer.content.decode()
    assert SECRET not in repr(list(SyncActivity.objects.values()) + list(AuditEvent.objects.values()))
    assert SECRET not in caplog.text
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
