"""The pages of sync activity and audit log, with each of their filters."""

import datetime

from django.utils import timezone

from bench.browser import Browser, Page
from members.log import listing as audit_log
from provisioning.monitoring.activity import NEWEST_FIRST

DAY = datetime.timedelta(days=1)
# The row behind which the next page begins, and whose people are searched for.
FURTHER_ON = 200


def log_pages(browser: Browser, known: str) -> dict[str, Page]:
    """`known` is the address of somebody with a history."""
    month = {"since": f"{timezone.now() - 40 * DAY:%Y-%m-%d}", "until": f"{timezone.now() - 10 * DAY:%Y-%m-%d}"}
    return {**_audit_log(browser, month), **_activity(browser, known, month)}


def _audit_log(browser: Browser, month: dict[str, str]) -> dict[str, Page]:
    get, event = browser.get, browser.organization.audit.order_by("-at")[FURTHER_ON]
    return {
        "audit log": get("audit-log"),
        "audit log, next page": get("audit-log", after=audit_log.NEWEST_FIRST.cursor_of(event)),
        "audit log, actor": get("audit-log", actor="Kobayashi"),
        "audit log, target": get("audit-log", subject=event.subject),
        "audit log, one member": get("audit-log", subject=event.subject_id),
        "audit log, request": get("audit-log", subject=event.request_id),
        "audit log, event": get("audit-log", event="account.signed_in"),
        "audit log, rare event": get("audit-log", event="team.created"),
        "audit log, days": get("audit-log", **month),
        "audit log, file": browser.file("audit-log-export"),
        "audit log, file of an actor": browser.file("audit-log-export", actor="Kobayashi"),
    }


def _activity(browser: Browser, known: str, month: dict[str, str]) -> dict[str, Page]:
    get, calls = browser.get, browser.organization.sync_activity.order_by("-at")
    pages = {
        "activity": get("activity"),
        "activity, file": browser.file("activity-export"),
        "activity, file of a kind": browser.file("activity-export", kind="delete"),
    }
    if call := calls[FURTHER_ON : FURTHER_ON + 1].first():
        pages |= {
            "activity, next page": get("activity", after=NEWEST_FIRST.cursor_of(call)),
            "activity, one member": get("activity", account=known),
            "activity, part of a name": get("activity", account=call.subject[:-1]),
            "activity, common name": get("activity", account="田中"),
            "activity, nobody": get("activity", account="nobody@nowhere.example"),
            "activity, request": get("activity", account=call.request_id),
            "activity, kind": get("activity", kind="delete"),
            "activity, rare kind": get("activity", kind="other"),
            "activity, changed": get("activity", outcome="changed"),
            "activity, unchanged": get("activity", outcome="unchanged"),
            "activity, refused": get("activity", outcome="refused"),
            "activity, kept out": get("activity", outcome="kept-out"),
            "activity, days": get("activity", **month),
            "activity, file of one": browser.file("activity-export", account=known),
        }
    if refused := calls.filter(status__gte=400).first():
        pages["activity, cause"] = get("activity", cause=refused.pk)
    return pages
