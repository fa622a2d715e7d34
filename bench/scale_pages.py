"""What the pages on top of the sync activity and the audit log cost in one database.

    python -m bench.scale_pages 20

asks each page so often, in turns, and prints as JSON, for each: CPU milliseconds of the server and of the database,
and the number of statements.
"""

import datetime
import json
import os
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "nulab_org.settings")
django.setup()

from django.conf import settings  # noqa: E402
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY  # noqa: E402
from django.db import connection  # noqa: E402
from django.test import Client  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402
from django.urls import reverse  # noqa: E402
from django.utils import timezone  # noqa: E402

from members.models import Account, AuditEvent, Organization  # noqa: E402
from members.sessions import SIGNED_IN_AT, SessionStore  # noqa: E402
from members.sign_in.session import BY_CODE  # noqa: E402
from provisioning.models import SyncActivity  # noqa: E402
from provisioning.monitoring.activity import NEWEST_FIRST  # noqa: E402
from provisioning.monitoring.watching import watch  # noqa: E402

# An export is read as far as this: beyond, it costs what it has rows.
READ = 200_000
Page = Callable[[], object]


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


def cost_of(page: Page) -> tuple[float, float]:
    """CPU milliseconds of this process and of its connection."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        schedule = Path(f"/proc/{cursor.fetchone()[0]}/schedstat")
    before = time.process_time(), int(schedule.read_text().split()[0])
    page()
    return (time.process_time() - before[0]) * 1e3, (int(schedule.read_text().split()[0]) - before[1]) / 1e6


def pages_of(organization: Organization) -> dict[str, Page]:
    administrator = Account.objects.get(email="admin@company.example")
    client, key = signed_in(administrator), [organization.space_key]
    member = organization.members.get(account__email="known@company.example")
    known = SyncActivity.objects.get(request_id=f"{0:032x}")
    event = AuditEvent.objects.get(request_id=f"{0:032x}")
    refused = organization.sync_activity.filter(status__gte=400).order_by("-at")[0]
    month = {"since": f"{timezone.now() - 40 * DAY:%Y-%m-%d}", "until": f"{timezone.now() - 10 * DAY:%Y-%m-%d}"}

    def get(name: str, *more: str, **query: Any) -> Page:
        address = reverse(name, args=[*key, *more])
        return lambda: ok(client.get(address, query))

    def second(name: str, rows: Any) -> Page:
        return get(name, after=NEWEST_FIRST.cursor_of(rows.order_by("-at", "-pk")[49]))

    def export(name: str, **query: Any) -> Page:
        address = reverse(name, query=query, args=key)

        def page() -> None:
            answer, read = ok(client.post(address)), 0
            for part in answer.streaming_content:
                read += len(part)
                if read > READ:
                    break
            answer.close()

        return page

    def support(model: str, **query: Any) -> Page:
        address = reverse(f"admin:{model}_changelist")
        return lambda: ok(client.get(address, query))

    activity, audit = "provisioning_syncactivity", "members_auditevent"
    return {
        "home": get("start"),
        "member page": get("member", member.scim_id),
        "overview": get("provisioning"),
        "overview, 30 days": get("provisioning", window="30d"),
        "activity": get("activity"),
        "activity, next page": second("activity", organization.sync_activity),
        "activity, one member": get("activity", account="known@company.example"),
        "activity, name": get("activity", account="known kn"),
        "activity, common name": get("activity", account="田中"),
        "activity, nobody": get("activity", account="nobody@nowhere.example"),
        "activity, request": get("activity", account=known.request_id),
        "activity, kind": get("activity", kind="delete"),
        "activity, rare kind": get("activity", kind="other"),
        "activity, changed": get("activity", outcome="changed"),
        "activity, unchanged": get("activity", outcome="unchanged"),
        "activity, refused": get("activity", outcome="refused"),
        "activity, kept out": get("activity", outcome="kept-out"),
        "activity, cause": get("activity", cause=refused.pk),
        "activity, days": get("activity", **month),
        "activity, file": export("activity-export"),
        "activity, file of one": export("activity-export", account="known@company.example"),
        "audit log": get("audit-log"),
        "audit log, next page": second("audit-log", organization.audit),
        "audit log, actor": get("audit-log", actor="Kobayashi"),
        "audit log, target": get("audit-log", subject="known@company.example"),
        "audit log, one member": get("audit-log", subject=member.scim_id),
        "audit log, request": get("audit-log", subject=event.request_id),
        "audit log, event": get("audit-log", event="account.signed_in"),
        "audit log, rare event": get("audit-log", event="team.created"),
        "audit log, days": get("audit-log", **month),
        "audit log, file": export("audit-log-export"),
        "health (watch)": watch,
        "admin, activity": support(activity),
        "admin, activity, kind": support(activity, kind__exact="delete"),
        "admin, activity, search": support(activity, q=known.request_id),
        "admin, audit": support(audit),
        "admin, audit, event": support(audit, event__exact="account.signed_in"),
        "admin, audit, search": support(audit, q=event.request_id),
        "admin, find": lambda: ok(client.get(reverse("admin:find"), {"q": known.request_id})),
    }


DAY = datetime.timedelta(days=1)


def signed_in(account: Account) -> Client:
    session = SessionStore()
    session[SESSION_KEY] = str(account.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[0]
    session[HASH_SESSION_KEY] = account.get_session_auth_hash()
    session[SIGNED_IN_AT], session[BY_CODE] = time.time() + 24 * 3600, True
    session.create()
    assert session.session_key
    client = Client(SERVER_NAME="localhost")
    client.cookies[settings.SESSION_COOKIE_NAME] = session.session_key
    return client


def ok(answer: Any) -> Any:
    if answer.status_code != 200:
        sys.exit(f"{answer.request['PATH_INFO']}?{answer.request['QUERY_STRING']} answered {answer.status_code}")
    return answer


if __name__ == "__main__":
    main(int(sys.argv[1]))
