"""Another resource needs no change in the wire; and an operation needs no HTTP."""

from collections.abc import Iterator

import pytest
from django.db import transaction
from django.test import override_settings

from members.actors import identity_provider
from members.models import Member
from members.refusals import Refusal
from provisioning.models import Kind
from provisioning.scim.users.handlers import USERS
from provisioning.scim.wire.caller import Caller
from provisioning.scim.wire.operations import Operation, Outcome
from tests.cast.rows import rows_of
from tests.scim import Idp, is_scim_error, patch_body, replace, user
from tests.scim.printers import PRINTER, ROOM


@pytest.fixture
def printers() -> Iterator[None]:
    ROOM.clear()
    with override_settings(SCIM_URLCONF="tests.scim.printers"):
        yield


@pytest.mark.usefixtures("printers")
def test_a_resource_that_was_made_up_is_served_like_any(idp: Idp, next_door: Idp, mia: Member) -> None:
    made = idp.post({"displayName": "Laser", f"{PRINTER}:FLOOR": "3", "pin": "1234"}, "/Printers")
    path = f"/Printers/{made['id']}"

    assert (made.status, made["floor"], made.headers["location"]) == (201, "3", made["meta"]["location"])
    line = idp.last_activity()
    assert (line.kind, line.subject, line.ignored, line.changes) == (
        Kind.CREATE, "Laser", ["pin"], {"name": [None, "Laser"]},
    )  # fmt: skip
    assert '"floor"' not in line.body.casefold() or "1234" not in line.body
    changed = idp.call("PATCH", path, patch_body(replace("displayname", "Inkjet")), headers={"If-Match": made.etag})
    assert (changed.status, changed["displayName"]) == (200, "Inkjet")
    assert idp.call("PATCH", path, patch_body(replace("id", "x")))["scimType"] == "mutability"
    assert idp.call("PATCH", path, patch_body(replace("floor", "4")), headers={"If-Match": made.etag}).status == 412
    assert idp.get(f"{path}?attributes=DISPLAYNAME").body == {
        "schemas": [PRINTER], "id": made["id"], "displayName": "Inkjet",
    }  # fmt: skip
    assert idp.call("HEAD", path).status == 200
    assert idp.last_activity().path == path
    assert idp.get("/Printers?filter=displayName%20eq%20%22Inkjet%22")["totalResults"] == 1
    assert idp.get("/Printers?filter=userName%20eq%20%22hunter2%22")["scimType"] == "invalidFilter"
    assert "hunter2" not in idp.last_activity().path + idp.last_activity().detail
    assert is_scim_error(next_door.get(path), 404)
    assert is_scim_error(idp.put("x", user("mia@aozora.example")), 404)
    assert idp.call("DELETE", path).status == 204
    assert is_scim_error(idp.call("DELETE", path), 404)


@pytest.mark.usefixtures("printers")
def test_discovery_tells_of_all_that_are_offered(idp: Idp, mia: Member) -> None:
    assert [one["id"] for one in idp.get("/ResourceTypes")["Resources"]] == ["User", "Group", "Printer"]
    assert idp.get(f"/Schemas/{PRINTER}")["name"] == "Printer"
    assert idp.get("/ResourceTypes/printer")["endpoint"] == "/Printers"
    assert idp.call("PUT", "/Printers", {}).headers["allow"] == "GET, HEAD, POST, OPTIONS"
    assert idp.get("/Groups")["totalResults"] == 0
    assert idp.find('userName eq "mia@aozora.example"').names == ["mia@aozora.example"]


@pytest.fixture
def caller(idp: Idp) -> Caller:
    """As a call with Aozora's token would be."""
    token = idp.organization.scim_tokens.get()
    return Caller(
        organization=idp.organization, actor=identity_provider(token_id=token.pk, ip_address=None, user_agent="bulk"),
        token_id=token.pk, token_prefix=token.prefix, token_hash=token.hash, sent_fields=frozenset(),
    )  # fmt: skip


def done(caller: Caller, operation: Operation) -> Outcome | Refusal:
    """One of many: what is refused leaves the others."""
    try:
        with USERS.handlers[operation.kind](caller, operation) as outcome:
            return outcome
    except Refusal as refusal:
        return refusal


def test_many_operations_are_a_loop(idp: Idp, caller: Caller, mia: Member) -> None:
    operations = [
        Operation(Kind.CREATE, body=user("nao@aozora.example")),
        Operation(Kind.CREATE, body=user("mia@aozora.example")),
        Operation(Kind.PATCH, mia.scim_id, patch_body(replace("displayName", "Mia A."))),
        Operation(Kind.DELETE, "nobody"),
    ]

    outcomes = [done(caller, operation) for operation in operations]

    assert [getattr(outcome, "status", "refused") for outcome in outcomes] == [201, "refused", 200, 404]
    assert set(idp.get().names) >= {"nao@aozora.example", "mia@aozora.example"}
    assert idp.read(mia.scim_id)["displayName"] == "Mia A."
    assert isinstance(changed := outcomes[2], Outcome)
    assert changed.subject
    assert (operations[2].subject.name, changed.subject.name) == ("Mia Sato", "Mia A.")


def test_a_trial_is_a_wrapper(idp: Idp, caller: Caller, mia: Member) -> None:
    before = rows_of(idp.organization)

    with transaction.atomic():
        deleted, read = (done(caller, Operation(kind, mia.scim_id)) for kind in (Kind.DELETE, Kind.READ))
        transaction.set_rollback(True)

    assert [getattr(one, "status", None) for one in (deleted, read)] == [204, 404]
    assert rows_of(idp.organization) == before
