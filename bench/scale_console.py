"""What each page of the console costs with many members, as a ratio to its cost with few.

    python -m bench.fill 1000 20000 100000 && python -m bench.scale_console 15

asks the pages of the organizations that bench.fill has made, in turns, so often, and prints for each the CPU
milliseconds of server and database, and the ratio of the medians to those of the smallest organization, with the range
of the largest.
All have the same few people who differ from the rest, whom the filters look for.
"""

import os
import sys
from collections import defaultdict
from statistics import median

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "nulab_org.settings")
django.setup()

from django.db import connection  # noqa: E402

from bench.browser import cost_of  # noqa: E402
from bench.console_pages import EVERYBODY, FEW, KNOWN, pages_of  # noqa: E402
from bench.scale_data import give_history  # noqa: E402
from members.models import Account, Domain, Member, Organization, Role, Team  # noqa: E402
from tests.cast import OPERATOR, nulab_account  # noqa: E402

LONG_AGO = "2020-05-01T00:00:00Z"
PEOPLE_A_TEAM = 20
TEAMS = """
INSERT INTO members_team (organization_id, scim_id, name, name_key, created_at, modified_at)
SELECT %s, gen_random_uuid(), 'Team ' || n, 'team ' || n, now(), now() FROM generate_series(1, %s) n
"""


def main(rounds: int) -> None:
    organizations = Organization.objects.filter(slug__startswith="bench-").select_related("headcount")
    by_size = sorted(organizations, key=lambda organization: organization.headcount.members)
    for organization, neighbour in zip(by_size, [*by_size[1:], by_size[0]], strict=True):
        if not organization.teams.exists():
            look_lived_in(organization, neighbour)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    pages = [pages_of(organization) for organization in by_size]
    spent: dict[str, list[list[float]]] = defaultdict(list)
    for turn in range(rounds + 1):
        for name in pages[0]:
            costs = [sum(cost_of(of_one[name])) for of_one in pages]
            if turn:
                spent[name].append(costs)
    print(f"{'':34}" + "".join(f"{organization.headcount.members:>13,}" for organization in by_size))
    for name, rows in spent.items():
        report(name, rows)


def report(name: str, rows: list[list[float]]) -> None:
    middle = [median(costs) for costs in zip(*rows, strict=True)]
    ratios = [costs[-1] / costs[0] for costs in rows]
    print(
        f"{name:34}" + "".join(f"{cost:10.1f} ms" for cost in middle)
        + "".join(f"{cost / middle[0]:7.2f}" for cost in middle[1:]) + f" ({min(ratios):.2f}–{max(ratios):.2f})",
        flush=True,
    )  # fmt: skip


def look_lived_in(organization: Organization, neighbour: Organization) -> None:
    """The same few exceptions in each: guests, accounts that are not provisioned yet, or cannot be."""
    slug = organization.slug
    managed = list(organization.members.filter(account__type=Account.Type.PROVISIONED).order_by("-pk")[:20])
    for number in range(5):
        guest = nulab_account(f"guest{number}@{slug}.guest.example")
        Member.objects.add(organization, guest, role=Role.GUEST, by=OPERATOR)
    give_history(organization.members.get(account__email=KNOWN.format(slug)))
    for member in neighbour.members.filter(account__managed_by=neighbour).order_by("pk")[:3]:
        Member.objects.add(organization, member.account, role=Role.GUEST, by=OPERATOR)
    accounts = Account.objects.filter(pk__in=[member.account_id for member in managed[:5]])
    accounts.update(type=Account.Type.MANAGED)
    Account.objects.filter(pk__in=[member.account_id for member in managed[5:8]]).update(created_at=LONG_AGO)
    with connection.cursor() as cursor:
        cursor.execute(TEAMS, [organization.pk, organization.headcount.members // PEOPLE_A_TEAM])
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


if __name__ == "__main__":
    main(int(sys.argv[1]))
