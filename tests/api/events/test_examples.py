"""The examples of docs/events.md: one of each type, as it comes about here.

MAKE_EXAMPLES=1 writes them anew.
"""

import json
import os
import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from api.events.document import document
from api.events.types import TYPES
from api.models import Event
from members.models import Account, Domain, Member, Organization, Product, Role, Subscription, Team
from members.models.restoring import restore
from provisioning.models import ProvisioningSettings
from saml.models import SamlSettings
from tests.access.things import LONG_AGO
from tests.cast import OPERATOR, managed, nulab_account, page_actor
from tests.scim import Idp, replace, user

PAGE = Path(settings.BASE_DIR) / "docs" / "events.md"
EXAMPLES = re.compile(r"```jsonl\n(.*?)```", re.DOTALL)
# What differs each time, in the order in which it is met.
IDS = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
KEY = "ACME000001"


def lead_through_everything(aozora: Organization, idp: Idp, aiko: Member) -> None:
    by = page_actor(aiko)
    kita = Organization.objects.register(name="Kita", slug="kita", by=OPERATOR)
    kita.rename(name="Kita Works", by=OPERATOR)
    domain = Domain.objects.add(aozora, "north.example", by=by)
    domain.vouch(by=OPERATOR)
    domain.remove(by=by)
    _members(aozora, idp, by)
    _teams(aozora, idp, by)
    typetalk = Subscription.objects.buy(aozora, Product.TYPETALK, 5, by=OPERATOR)
    typetalk.end(by=OPERATOR)
    provisioning = ProvisioningSettings.of(aozora)
    provisioning.disable(by=by)
    provisioning.enable(issuer=aiko, by=by)
    provisioning.disable(by=by)
    saml = SamlSettings.of(aozora)
    saml.disable(by=by)
    saml.record_test_result(passed=True, by=by)
    saml.enable(by=by)


def _members(aozora: Organization, idp: Idp, by: Any) -> None:
    mia = idp.create("mia", displayName="Mia Ito")["id"]
    idp.patch(mia, replace("displayName", "Mia M. Ito"))
    idp.patch(mia, replace("active", False))
    fresh(aozora, mia).deactivate(by=by)
    fresh(aozora, mia).lift_lock(by=by)
    idp.patch(mia, replace("active", True))
    fresh(aozora, mia).assign_licence(Product.CACOO, by=by)
    fresh(aozora, mia).withdraw_licence(Product.CACOO, by=by)
    idp.delete(mia)
    restore(aozora.deleted_accounts.get(scim_id=mia), by=by)
    kenji = managed(aozora, "kenji")
    idp.put(kenji.scim_id, user("kenji@aozora.example", displayName="Kenji Mori"))
    kenji = fresh(aozora, kenji.scim_id)
    kenji.change_role(Role.GUEST if kenji.role != Role.GUEST else Role.USER, by=by)
    kenji.change_privileges(by=by, can_invite=True)
    yuki = managed(aozora, "yuki")
    Account.objects.filter(pk=yuki.account_id).update(created_at=LONG_AGO)
    fresh(aozora, yuki.scim_id).bring_up_to_date(by=by)
    fresh(aozora, yuki.scim_id).convert_to_nulab(by=by)
    emi = Member.objects.add(aozora, nulab_account("emi@aozora.example"), role=Role.USER, by=by)
    emi.remove(by=by)


def _teams(aozora: Organization, idp: Idp, by: Any) -> None:
    team = Team.objects.create_team(aozora, "Sales", by=by)
    team.rename("Sales and Support", by=by)
    team.change_external_id("a-1", by=by)
    team.mark_kept(by=by)
    kenji = aozora.members.get(account__user_name="kenji@aozora.example")
    team.add(kenji, by=by)
    team.remove(kenji, by=by)
    team.disband(by=by)


def fresh(organization: Organization, scim_id: str) -> Member:
    found: Member = organization.members.select_related("account", "organization").get(scim_id=scim_id)
    return found


def examples() -> list[str]:
    """The first event of each type, in the order of the table, made alike."""
    events: dict[str, Event] = {}
    for event in Event.objects.select_related("organization").order_by("organization_id", "number"):
        events.setdefault(event.type, event)
    assert TYPES.keys() - events.keys() == set()
    return [_line(events[name], number) for number, name in enumerate(TYPES, 1)]


def _line(event: Event, number: int) -> str:
    told = document(event, event.organization, with_changes=True)
    told["timestamp"] = "2026-11-28T09:00:00+00:00"
    told["data"] |= {"id": f"{KEY}-{number}", "number": number, "organization": KEY}
    ids: dict[str, str] = {}
    text = json.dumps(told, ensure_ascii=False).replace(event.organization.space_key, KEY)
    return IDS.sub(lambda found: ids.setdefault(found[0], f"7f3c0000-0000-4000-8000-00000000000{len(ids) + 1}"), text)


@pytest.mark.django_db
def test_each_type_is_shown_as_it_comes_about(aozora: Organization, idp: Idp, aiko: Member) -> None:
    Event.objects.all().delete()
    lead_through_everything(aozora, idp, aiko)
    found, page = examples(), PAGE.read_text()

    if os.environ.get("MAKE_EXAMPLES"):
        block = "```jsonl\n" + "\n".join(found) + "\n```"
        PAGE.write_text(EXAMPLES.sub(lambda _: block, page))
        return
    [shown] = EXAMPLES.findall(page)
    # PostgreSQL keeps the fields of a change in an order of its own.
    assert [json.loads(line) for line in shown.splitlines()] == [json.loads(line) for line in found]


def test_each_type_is_in_the_table() -> None:
    rows = re.findall(r"^\| `([\w.]+)` \| (\w+) \| (.+) \|$", PAGE.read_text(), re.MULTILINE)
    assert rows == [(name, kind.subject.value, kind.meaning) for name, kind in TYPES.items()]
