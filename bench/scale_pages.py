"""What the pages on top of the sync activity and the audit log cost in one database.

    python -m bench.scale_pages 20

asks each page so often, in turns, and prints as JSON, for each: CPU milliseconds of the server and of the database,
and the number of statements.
"""

import json
import os
import sys
from collections import defaultdict
from statistics import median
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "nulab_org.settings")
django.setup()

from django.db import connection  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402

from bench.browser import Browser, Page, cost_of  # noqa: E402
from bench.log_pages import log_pages  # noqa: E402
from members.models import Account, Organization  # noqa: E402
from provisioning.monitoring.watching import watch  # noqa: E402


def main(rounds: int) -> None:
    pages = pages_of(Organization.objects.get(slug="company-1"))
    spent: dict[str, list[tuple[float, float]]] = defaultdict(list)
    statements = {}
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = '30s'")
    for page in pages.values():
        page()
    for name, page in pages.items():
        with CaptureQueriesContext(connection) as captured:
            page()
        statements[name] = len(captured)
    for _ in range(rounds):
        for name, page in pages.items():
            spent[name].append(cost_of(page))
    print(json.dumps({name: [*map(median, zip(*spent[name], strict=True)), statements[name]] for name in pages}))


def pages_of(organization: Organization) -> dict[str, Page]:
    browser = Browser(Account.objects.get(email="admin@company.example"), organization)
    member = organization.members.get(account__email="known@company.example")
    known = f"{0:032x}"

    def support(model: str, **query: Any) -> Page:
        return browser.of_nobody(f"admin:{model}_changelist", **query)

    activity, audit = "provisioning_syncactivity", "members_auditevent"
    return {
        "home": browser.get("start"),
        "member page": browser.get("member", member.scim_id),
        "overview": browser.get("provisioning"),
        "overview, 30 days": browser.get("provisioning", window="30d"),
        **log_pages(browser, "known@company.example"),
        "health (watch)": watch,
        "admin, activity": support(activity),
        "admin, activity, kind": support(activity, kind__exact="delete"),
        "admin, activity, search": support(activity, q=known),
        "admin, audit": support(audit),
        "admin, audit, event": support(audit, event__exact="account.signed_in"),
        "admin, audit, search": support(audit, q=known),
        "admin, find": browser.of_nobody("admin:find", q=known),
    }


if __name__ == "__main__":
    main(int(sys.argv[1]))
