"""What each page of the console costs with many members, as a ratio to its cost with few.

    python -m bench.fill 1000 100000 && python -m bench.scale_console 15

asks the pages of the two newest organizations that bench.fill has made, in turns, so often, and prints for each the CPU
milliseconds of server and database with few and with many, and the ratio of the medians. Both have the same few people
who differ from the rest, whom the filters look for.
"""

import os
import sys
from collections import defaultdict
from collections.abc import Callable
from statistics import median
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "nulab_org.settings")
django.setup()

from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.urls import reverse  # noqa: E402

from bench.scale_pages import cost_of, ok, signed_in  # noqa: E402
from members.models import Account, Domain, Member, Organization, Role, Team  # noqa: E402
from tests.cast import OPERATOR, nulab_account  # noqa: E402

LONG_AGO = "2020-05-01T00:00:00Z"
EVERYBODY, FEW = "Everybody", "A few"
# An export is read as far as this.
READ = 50_000
Page = Callable[[], object]


def main(rounds: int) -> None:
    newest = list(Organization.objects.filter(slug__startswith="bench-").order_by("-pk")[:2])
    few, many = sorted(newest, key=lambda organization: organization.headcount.members)
    for organization, neighbour in ((few, many), (many, few)):
        if not organization.teams.exists():
            look_lived_in(organization, neighbour)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    both = [pages_of(organization) for organization in (few, many)]
    spent: dict[tuple[str, int], list[float]] = defaultdict(list)
    for turn in range(rounds + 1):
        for name in both[0]:
            for place, pages in enumerate(both):
                cost = sum(cost_of(pages[name]))
                if turn:
                    spent[name, place].append(cost)
    counts = [organization.headcount.members for organization in (few, many)]
    print(f"{'':32}" + "".join(f"{count:>12,}" for count in counts) + "   ratio (range)")
    for name in both[0]:
        report(name, spent[name, 0], spent[name, 1])


def report(name: str, few: list[float], many: list[float]) -> None:
    ratios = [after / before for before, after in zip(few, many, strict=True)]
    between = f"{median(many) / median(few):8.2f} ({min(ratios):.2f}–{max(ratios):.2f})"
    print(f"{name:32}{median(few):9.1f} ms{median(many):9.1f} ms{between}", flush=True)


def look_lived_in(organization: Organization, neighbour: Organization) -> None:
    """The same few exceptions in each: guests, accounts that are not provisioned yet, or cannot be."""
    slug = organization.slug
    managed = list(organization.members.filter(account__type=Account.Type.PROVISIONED).order_by("-pk")[:20])
    for number in range(5):
        guest = nulab_account(f"guest{number}@{slug}.guest.example")
        Member.objects.add(organization, guest, role=Role.GUEST, by=OPERATOR)
    for member in neighbour.members.filter(account__managed_by=neighbour).order_by("pk")[:3]:
        Member.objects.add(organization, member.account, role=Role.GUEST, by=OPERATOR)
    accounts = Account.objects.filter(pk__in=[member.account_id for member in managed[:5]])
    accounts.update(type=Account.Type.MANAGED)
    Account.objects.filter(pk__in=[member.account_id for member in managed[5:8]]).update(created_at=LONG_AGO)
    Domain.objects.add(organization, f"unused.{slug}.example", by=OPERATOR).vouch(by=OPERATOR)
    for name, those in ((FEW, managed), (EVERYBODY, None)):
        team = Team.objects.create_team(organization, name, by=OPERATOR)
        if those is None:
            with connection.cursor() as cursor:
                cursor.execute(
                    "INSERT INTO members_teammembership (team_id, member_id)"
                    " SELECT %s, id FROM members_member WHERE organization_id = %s",
                    [team.pk, organization.pk],
                )
        for member in those or ():
            team.add(member, by=OPERATOR)


def pages_of(organization: Organization) -> dict[str, Page]:
    administrator = Account.objects.get(email=f"admin@{organization.slug}.example")
    client, key = signed_in(administrator), organization.space_key
    everybody, few = (organization.teams.get(name=name).scim_id for name in (EVERYBODY, FEW))
    member = organization.members.filter(account__type=Account.Type.PROVISIONED).order_by("pk")[500]

    def get(name: str, *more: str, **query: Any) -> Page:
        address = reverse(name, args=[key, *more])
        return lambda: ok(client.get(address, query))

    return {
        "start": get("start"),
        "members": get("members"),
        "members, second page": get("members", page=2),
        "members, last page": get("members", page=999_999),
        "members, by role": get("members", sort="role"),
        "members, by role, last page": get("members", sort="role", page=999_999),
        "members, by last sync": get("members", sort="-sync"),
        "members, by last sync, last page": get("members", sort="-sync", page=999_999),
        "members, Nulab (few)": get("members", type="nulab"),
        "members, Managed (few)": get("members", type="managed"),
        "members, Provision (all)": get("members", type="provisioned"),
        "members, active (most)": get("members", status="active"),
        "members, inactive (a tenth)": get("members", status="inactive"),
        "members, locked (nobody)": get("members", status="locked"),
        "members, administrators": get("members", role="ADMIN"),
        "members, Cacoo (nobody)": get("members", product="cacoo"),
        "members, Nulab, inactive": get("members", type="nulab", status="inactive"),
        "members, search (an eighth)": get("members", q="田中"),
        "members, search (one)": get("members", q="p7@"),
        "members, search, Managed": get("members", q="田中", type="managed"),
        "member": get("member", member.scim_id),
        "teams": get("teams"),
        "team of a few": get("team", few),
        "team of all": get("team", everybody),
        "team of all, search (an eighth)": get("team", everybody, q="田中"),
        "team of all, search (one)": get("team", everybody, q="p7@"),
        "team of a few, search": get("team", few, q="田中"),
        "team of all, add": get("team-add", everybody, q="田中"),
        "team of a few, add": get("team-add", few, q="田中"),
        "domains": get("domains"),
        "domain, remove": get("domain-remove", f"unused.{organization.slug}.example"),
        "domain in use, remove": get("domain-remove", f"{organization.slug}.example"),
        "licences": get("licences"),
        "holders": get("licence-holders", "pass"),
        "holders, search": get("licence-holders", "pass", q="田中"),
        "invitations": get("invitations"),
        "general": get("general"),
        "audit log": get("audit-log"),
        "SAML": get("saml"),
        "User Provisioning": get("provisioning"),
        "Manage": get("provisioning-manage"),
        "sync activity": get("activity"),
        "review": get("provisioning-review"),
        "review, ready (few)": get("provisioning-review", state="ready"),
        "review, needs change (few)": get("provisioning-review", state="needs-change"),
        "review, conflict (few)": get("provisioning-review", state="conflict"),
        "review, provisioned (most)": get("provisioning-review", state="provisioned"),
        "review, Nulab (few)": get("provisioning-review", type="nulab"),
        "review, search": get("provisioning-review", q="田中"),
        "preview of 500": _preview(client, organization),
        "members, file": _export(client, reverse("members-export", args=[key])),
        "members, file of the Nulab": _export(client, reverse("members-export", args=[key], query={"type": "nulab"})),
        "holders, file": _export(client, reverse("licence-holders-export", args=[key, "pass"])),
        "audit log, file": _export(client, reverse("audit-log-export", args=[key])),
        "sync activity, file": _export(client, reverse("activity-export", args=[key])),
    }


def _preview(client: Client, organization: Organization) -> Page:
    address = reverse("provisioning-preview", args=[organization.space_key])
    listed = "\n".join(f"p{number}@{organization.slug}.example" for number in range(100, 600))
    return lambda: ok(client.post(address, {"text": listed}))


def _export(client: Client, address: str) -> Page:
    def page() -> None:
        answer, read = ok(client.post(address)), 0
        for part in answer.streaming_content:
            read += len(part)
            if read > READ:
                break
        answer.close()

    return page


if __name__ == "__main__":
    main(int(sys.argv[1]))
