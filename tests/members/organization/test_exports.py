"""Licences and sync activity as files: what the page shows, no formulas, an event each."""

import csv
import io
from typing import Any

from django.test import Client
from django.urls import reverse

from members.models import Member, Organization, Product
from provisioning.models import SyncActivity
from tests.cast import OPERATOR, managed, signed_in
from tests.cast.rows import last_event
from tests.scim import Idp


def exported(client: Client, organization: Organization, name: str, *more: str, query: str = "") -> list[list[str]]:
    answer: Any = client.post(reverse(name, args=[organization.space_key, *more]) + query)
    assert answer.status_code == 200
    assert answer["Content-Disposition"].startswith('attachment; filename="')
    file = b"".join(answer.streaming_content).decode("utf-8-sig")
    assert all(line.startswith('"') for line in file.splitlines())
    return list(csv.reader(io.StringIO(file)))


def test_licences_are_exported_as_shown(desk: Client, aozora: Organization, hakata: Organization, mia: Member) -> None:
    formula = managed(aozora, "emi", display_name="=1+1")
    formula.assign_licence(Product.CACOO, by=OPERATOR)
    mia.assign_licence(Product.CACOO, by=OPERATOR)

    figures = exported(desk, aozora, "licences-export")
    holders = exported(desk, aozora, "licence-holders-export", "cacoo")
    mine = exported(desk, aozora, "licence-holders-export", "cacoo", query="?q=mia")

    assert figures[0] == ["Product", "Bought", "In use", "Free", "Returned", "Ended on"]
    assert figures[1:] == [
        ["Nulab Pass", "100", "2", "98", "0", ""], ["Cacoo", "5", "2", "3", "0", ""],
        ["Typetalk", "2", "0", "2", "0", ""],
    ]  # fmt: skip
    assert [row[:2] for row in holders[1:]] == [["'=1+1", "emi@aozora.example"], ["Mia Sato", "mia@aozora.example"]]
    assert [row[0] for row in mine[1:]] == ["Mia Sato"]
    event = last_event(aozora)
    assert (event.event, event.changes) == ("licence.exported", {"licence": ["", "Cacoo"], "subject": ["", "mia"]})
    for unknown in ("backlog", "%00"):
        assert desk.post(reverse("licence-holders-export", args=[aozora.space_key, unknown])).status_code == 404


def test_a_plan_admin_exports_licences_and_no_activity(client: Client, aozora: Organization, mia: Member) -> None:
    mia.change_privileges(is_plan_admin=True, by=OPERATOR)
    signed_in(client, mia)

    assert exported(client, aozora, "licence-holders-export", "pass")[1][0] == "Mia Sato"
    assert client.post(reverse("activity-export", args=[aozora.space_key])).status_code == 403


def test_the_activity_is_exported_as_it_is_narrowed_down(desk: Client, idp: Idp, mia: Member) -> None:
    organization = idp.organization
    moment = SyncActivity(
        organization=organization, request_id="1" * 32, token_prefix="abcd", kind="patch", method="PATCH",
        path=f"/Users/{mia.scim_id}", status=200, duration_ms=7, subject="=2+2", subject_id=mia.scim_id,
        changes={"role": ["GUEST", "USER"]}, ignored=["nickName"], body='{"secret": "sent"}', is_lasting=True,
    )  # fmt: skip
    moment.save()
    SyncActivity(
        organization=organization, request_id="2" * 32, token_prefix="abcd", kind="create", method="POST",
        path="/Users", status=409, duration_ms=3, reason="address_taken", detail="taken", is_lasting=True,
    ).save()  # fmt: skip

    rows = exported(desk, organization, "activity-export")
    refused = exported(desk, organization, "activity-export", query="?outcome=refused&kind=create")

    assert len(rows) == 3
    assert rows[2][1:] == [
        "Change", "PATCH", f"/Users/{mia.scim_id}", "200", "7", "'=2+2", mia.scim_id, "Role: Guest → Member",
        "nickName", "", "", "1" * 32, "abcd",
    ]  # fmt: skip
    assert "secret" not in str(rows)
    assert [row[10] for row in refused[1:]] == ["There's already an account with that email."]
    event = last_event(organization)
    assert event.event == "provisioning.exported"
    assert event.changes == {"kind": ["", "create"], "outcome": ["", "refused"]}
