"""What of a call is kept: the values of stored attributes and of nothing else, in linear time."""

import json
from typing import Any
from urllib.parse import quote

import pytest
from django.core.management import call_command
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from members.models import AuditEvent, Member
from provisioning.management.commands import mask_sync_activity
from provisioning.models import RefusedDeparture, SyncActivity
from tests.scim import (
    CORE,
    ENTERPRISE,
    NULAB,
    PATCH_OP,
    SEARCH,
    Idp,
    add,
    is_scim_error,
    patch_body,
    remove,
    replace,
    user,
)

SECRET = "hunter2-hunter2"
ME = "/Users/{id}"


def sent(**fields: Any) -> dict[str, Any]:
    return user("mia@aozora.example", **fields)


CALLS: dict[str, tuple[str, str, Any]] = {
    "a short name": ("PUT", ME, sent(pwd=SECRET)),
    "another name": ("POST", "/Users", user("nao@aozora.example", apiKey=SECRET, otp=[SECRET])),
    "a name that is a value": ("PUT", ME, sent(attributes=[{"name": "password", "value": SECRET}])),
    "an extension": ("PUT", ME, sent(**{ENTERPRISE: {"employeeNumber": SECRET, "manager": {"value": SECRET}}})),
    "our extension": ("PUT", ME, sent(**{NULAB: {"uniqueId": "mia2", "pin": SECRET}})),
    "under the core schema": ("PUT", ME, sent(**{CORE: {"pwd": SECRET}})),
    "a qualified name": ("PUT", ME, sent(**{f"{CORE}:pwd": SECRET, f"{ENTERPRISE}:pwd": SECRET})),
    "a part of a name": ("PUT", ME, sent(name={"givenName": "Mia", "honorificPrefix": SECRET})),
    "a part of a role": ("PUT", ME, sent(roles=[{"value": "USER", "type": SECRET, "secret": SECRET}])),
    "an app role": ("PUT", ME, sent(roles=[json.dumps({"displayName": "USER", "id": SECRET})])),
    "an object for a text": ("PUT", ME, sent(displayName={"password": SECRET})),
    "an object for the userName": ("POST", "/Users", {"userName": {"password": SECRET}}),
    "a name with a blank": ("PUT", ME, sent(**{f"my password is {SECRET}": 1})),
    "a team": ("PUT", ME, sent(groups=[{"value": SECRET}], meta={"x": SECRET}, schemas=[CORE, f"my {SECRET}"])),
    "another address": ("PUT", ME, sent(phoneNumbers=[{"value": SECRET}], photos=SECRET)),
    "an operation": ("PATCH", ME, patch_body(replace("pwd", SECRET))),
    "an operation of objects": ("PATCH", ME, patch_body(add("credentials", [{"name": "password", "value": SECRET}]))),
    "an operation without path": ("PATCH", ME, patch_body({"op": "add", "value": {"pwd": SECRET}})),
    "an operation of a list": ("PATCH", ME, patch_body({"op": "add", "value": [{"name": "pwd", "value": SECRET}]})),
    "an operation of two": ("PATCH", ME, patch_body({"op": "add", "value": [{"pwd": SECRET}, {"pwd": SECRET}]})),
    "an operation in JSON": ("PATCH", ME, patch_body({"op": "add", "value": json.dumps({"pwd": SECRET})})),
    "an operation in text": ("PATCH", ME, patch_body({"op": "add", "value": f"password: {SECRET}"})),
    "an operation in broken JSON": ("PATCH", ME, patch_body({"op": "add", "value": '{"pwd": "' + SECRET})),
    "a name in JSON": ("PATCH", ME, patch_body(replace("name", json.dumps({"givenName": "M", "pwd": SECRET})))),
    "another key of an operation": ("PATCH", ME, patch_body({**replace("displayName", "M"), "secret": SECRET})),
    "another key of a PATCH": ("PATCH", ME, {"schemas": [PATCH_OP], "pwd": SECRET, "Operations": []}),
    "an operation that is none": ("PATCH", ME, patch_body(SECRET)),
    "an op that is none": ("PATCH", ME, patch_body({"op": SECRET, "path": "x"})),
    "the filter of a path": ("PATCH", ME, patch_body(replace(f'keys[secret eq "{SECRET}"].value', "x"))),
    "the filter of a key": ("PATCH", ME, patch_body({"op": "add", "value": {f'keys[value eq "{SECRET}"].v': 1}})),
    "single quotes in a path": ("PATCH", ME, patch_body(replace(f"keys[secret eq 'a {SECRET} eq b'].value", "x"))),
    "a malformed path": ("PATCH", ME, patch_body(replace(f'password eq "{SECRET}"', "x"))),
    "a path that is an object": ("PATCH", ME, patch_body({"op": "add", "path": {"pwd": SECRET}, "value": 1})),
    "a removed value": ("PATCH", ME, patch_body(remove("keys", value=[{"value": SECRET}]))),
    "a filter": ("GET", "/Users?filter=" + quote(f'password eq "{SECRET}"'), None),
    "a bare filter": ("GET", "/Users?filter=" + quote(f"password eq {SECRET}"), None),
    "half a filter": ("GET", "/Users?filter=" + quote(f'userName eq "mia" and password "{SECRET}"'), None),
    "no filter at all": ("GET", f"/Users?filter={SECRET}", None),
    "a filter of an extension": ("GET", "/Users?filter=" + quote(f'{ENTERPRISE}:key eq "{SECRET}"'), None),
    "a filter in brackets": ("GET", "/Users?filter=" + quote(f'keys[value eq "{SECRET}"]'), None),
    "a search": ("POST", "/Users/.search", {"schemas": [SEARCH], "filter": f'pwd eq "{SECRET}"'}),
    "a parameter": ("GET", f"/Users?api_key={SECRET}", None),
    "a parameter without a name": ("GET", f"/Users?{SECRET}", None),
    "a parameter of a write": ("PUT", f"{ME}?api_key={SECRET}", sent()),
    "another parameter": ("GET", f"/Users?count=1&x={SECRET}&sortBy={SECRET}", None),
    "a projection": ("GET", f"/Users?attributes=userName,{SECRET}", None),
    "a number": ("GET", f"/Users?startIndex={SECRET}", None),
    "an address": ("GET", f"/Nowhere/{SECRET}", None),
}  # fmt: skip


@pytest.mark.parametrize("name", CALLS)
def test_a_value_of_anything_else_is_kept_nowhere(idp: Idp, mia: Member, name: str) -> None:
    method, path, body = CALLS[name]

    idp.call(method, path.format(id=mia.scim_id), body)

    kept = [list(table.objects.values()) for table in (SyncActivity, AuditEvent, RefusedDeparture)]
    assert SyncActivity.objects.count() == 1
    assert SECRET not in repr(kept)
    assert "•••" in repr(kept) or name in ("a search", "an operation that is none")


def test_what_is_stored_is_kept_as_sent(idp: Idp, mia: Member) -> None:
    body = sent(
        displayName="[External] Mia", name={"givenName": "Mia"}, externalId="e-1", roles=[{"value": "USER"}],
        emails=[{"value": "mia@aozora.example", "type": "work", "primary": True}], timezone="Asia/Tokyo",
        **{NULAB: {"uniqueId": "mia2"}},
    )  # fmt: skip
    idp.put(mia.scim_id, body)
    assert json.loads(idp.last_activity().body) == body

    body = patch_body(
        replace('emails[type eq "work"].value', "m@aozora.example"),
        {"op": "add", "value": {"name.givenName": "M", f"{NULAB}:uniqueId": "mia3", "roles": "USER"}},
    )
    idp.patch(mia.scim_id, *body["Operations"])
    assert json.loads(idp.last_activity().body) == body

    for query in ('userName eq "mia@aozora.example"', 'emails[type eq "work"].value sw "m" and not (active eq false)'):
        path = f"/Users?filter={quote(query)}&startIndex=1&count=10&attributes=userName,name.givenName"
        idp.get(path)
        assert idp.last_activity().path == path[:500]
    idp.find('title eq "Chief"')
    assert idp.last_activity().path.endswith('filter=title eq "•••"')
    assert "title" in idp.last_activity().explanation


def test_names_stay_so_that_the_mapping_can_be_mended(idp: Idp, mia: Member) -> None:
    idp.put(mia.scim_id, sent(costCentre="7", **{ENTERPRISE: {"department": "IT"}}))

    line = idp.last_activity()
    assert line.ignored == ["costCentre", f"{ENTERPRISE}:department"]
    assert json.loads(line.body)["costCentre"] == "•••"


def test_what_was_kept_before_is_masked_by_a_command(
    idp: Idp, next_door: Idp, mia: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    idp.put(mia.scim_id, sent(displayName="M"))
    idp.find('title eq "x"')
    next_door.get()
    old = {
        "body": json.dumps(sent(pwd=SECRET, displayName="M")), "path": f'/Users?api_key={SECRET}',
        "ignored": ["title", f'keys[value eq "{SECRET}"]'], "figures": {"filter": f'pwd eq "{SECRET}"', "problem": "p"},
        "reason": "invalid_filter", "detail": f"The filter pwd eq {SECRET} cannot be used",
    }  # fmt: skip
    SyncActivity.objects.filter(organization=idp.organization).update(**old)
    cut = SyncActivity.objects.filter(organization=next_door.organization)
    cut.update(body=json.dumps(sent(pwd=SECRET))[:60])

    monkeypatch.setattr(mask_sync_activity, "BATCH", 1)
    for _ in range(2):
        call_command("mask_sync_activity")
        kept = list(SyncActivity.objects.values())
        assert SECRET[:5] not in repr(kept)
        first = idp.organization.sync_activity.order_by("pk")[0]
        assert json.loads(first.body) == sent(pwd="•••", displayName="M")
        assert (first.path, first.ignored) == ("/Users?api_key=•••", ["title", 'keys[value eq "•••"]'])
        assert cut.get().body == "•••"


# -- Bodies and filters that hypothesis makes up: whatever is sent, the fault is never ours


NAMES = st.sampled_from([
    "userName", "active", "displayName", "name", "name.givenName", "nickName", "emails", "emails.value", "roles",
    'emails[type eq "work"].value', 'emails[type eq "work"]', 'roles[primary eq "True"].value', "roles.value",
    "externalId", "preferredLanguage", "timezone", f"{NULAB}:uniqueId", NULAB, f"{CORE}:active", "id", "meta",
    "groups", "title", f"{ENTERPRISE}:manager", "schemas", "", "[", "a b", "x[y", 'emails[value eq "', "ACTIVE",
])  # fmt: skip
LEAVES = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
    | st.sampled_from(["True", "False", "USER", "ADMIN", "mia@aozora.example", "Asia/Tokyo", '{"a":', "[", "ja"])
)  # fmt: skip
VALUES = st.recursive(
    LEAVES,
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(NAMES | st.sampled_from(["value", "type"]), inner, max_size=3)
    ),
    max_leaves=8,
)
OPERATIONS = st.fixed_dictionaries(
    {},
    optional={
        "op": st.sampled_from(["add", "replace", "remove", "Add", "Replace", "move"]) | VALUES,
        "path": NAMES | VALUES,
        "value": VALUES,
    },
)
BODIES_OF_PATCH = st.fixed_dictionaries({"Operations": st.lists(OPERATIONS | VALUES, max_size=4) | VALUES}) | VALUES


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sent=BODIES_OF_PATCH)
def test_no_patch_that_hypothesis_thinks_of_is_a_failure_of_ours(idp: Idp, kenji: Member, sent: Any) -> None:
    answer = idp.call("PATCH", f"/Users/{kenji.scim_id}", sent)

    assert answer.status in (200, 400, 403, 409), answer
    if answer.status == 200:
        assert idp.read(kenji.scim_id).body == answer.body
    else:
        assert is_scim_error(answer, answer.status)


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(sent=st.dictionaries(NAMES, VALUES, max_size=5))
def test_no_resource_that_hypothesis_thinks_of_is_a_failure_of_ours(idp: Idp, kenji: Member, sent: Any) -> None:
    for answer in (
        idp.post(sent),
        idp.put(kenji.scim_id, sent),
        idp.put(kenji.scim_id, {"userName": "kenji@aozora.example", **sent}),
    ):
        assert answer.status in (200, 201, 400, 403, 409), answer


@settings(max_examples=200, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    parts=st.lists(
        NAMES
        | st.sampled_from(["eq", "co", "and", "or", "not", "(", ")", '"mia"', "pr", "true"])
        | st.text(max_size=6),
        max_size=8,
    )
)
def test_no_filter_that_hypothesis_thinks_of_is_a_failure_of_ours(idp: Idp, mia: Member, parts: list[str]) -> None:
    answer = idp.search(filter=" ".join(parts))

    assert answer.status in (200, 400), answer
    assert b"hakata" not in answer.content
