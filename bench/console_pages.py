"""The pages of the console that bench.scale_console asks, of one organization."""

from collections.abc import Callable
from typing import Any

from django.urls import reverse

from bench.scale_pages import ok, signed_in
from members.log import listing as audit_log
from members.models import Account, Organization
from provisioning.monitoring.activity import NEWEST_FIRST

# An export is read as far as this.
READ = 50_000
EVERYBODY, FEW = "Everybody", "A few"
EIGHTH = "田中"
Page = Callable[[], object]


def pages_of(organization: Organization) -> dict[str, Page]:
    asked = Asked(organization)
    return {**members(asked), **teams(asked), **settings(asked), **logs(asked), **matching(asked), **files(asked)}


class Asked:
    """An administrator of the organization at her browser."""

    def __init__(self, organization: Organization) -> None:
        self.organization, self.slug = organization, organization.slug
        self.client = signed_in(Account.objects.get(email=f"admin@{self.slug}.example"))

    def get(self, name: str, *more: str, **query: Any) -> Page:
        address = reverse(name, args=[self.organization.space_key, *more])
        return lambda: ok(self.client.get(address, query))

    def of_nobody(self, name: str) -> Page:
        return lambda: ok(self.client.get(reverse(name)))

    def preview(self, listed: str) -> Page:
        address = reverse("provisioning-preview", args=[self.organization.space_key])
        return lambda: ok(self.client.post(address, {"text": listed}))

    def file(self, name: str, *more: str, **query: Any) -> Page:
        address = reverse(name, args=[self.organization.space_key, *more], query=query)

        def page() -> None:
            answer, read = ok(self.client.post(address)), 0
            for part in answer.streaming_content:
                read += len(part)
                if read > READ:
                    break
            answer.close()

        return page


def members(asked: Asked) -> dict[str, Page]:
    get = asked.get
    member = asked.organization.members.filter(account__type=Account.Type.PROVISIONED).order_by("pk")[500]
    orders = {
        f"members{by}{place}": get("members", **sort, **page)
        for by, sort in {
            "": {}, ", by name down": {"sort": "-name"}, ", by role": {"sort": "role"},
            ", by last sync": {"sort": "sync"}, ", by last sync down": {"sort": "-sync"},
        }.items()
        for place, page in {"": {}, ", second page": {"page": 2}, ", last page": {"page": 999_999}}.items()
    }  # fmt: skip
    return {
        **orders,
        "members, Nulab (few)": get("members", type="nulab"),
        "members, Managed (few)": get("members", type="managed"),
        "members, Provision (all)": get("members", type="provisioned"),
        "members, active (most)": get("members", status="active"),
        "members, inactive (a tenth)": get("members", status="inactive"),
        "members, inactive, by last sync": get("members", status="inactive", sort="-sync"),
        "members, locked (nobody)": get("members", status="locked"),
        "members, administrators": get("members", role="ADMIN"),
        "members, Pass (most)": get("members", product="pass"),
        "members, Cacoo (nobody)": get("members", product="cacoo"),
        "members, Nulab, inactive": get("members", type="nulab", status="inactive"),
        "members, search (an eighth)": get("members", q=EIGHTH),
        "members, search, last page": get("members", q=EIGHTH, page=40),
        "members, search, by last sync": get("members", q=EIGHTH, sort="-sync"),
        "members, search, by role": get("members", q=EIGHTH, sort="role"),
        "members, search (all)": get("members", q="example"),
        "members, search, two words": get("members", q=f"{EIGHTH} 1"),
        "members, search (one)": get("members", q="p7@"),
        "members, search (nobody)": get("members", q="nobody at all"),
        "members, search, Managed": get("members", q=EIGHTH, type="managed"),
        "members, search, inactive": get("members", q=EIGHTH, status="inactive"),
        "member": get("member", member.scim_id),
        "member, edit": get("member-edit", member.scim_id),
        "member, deactivate": get("member-deactivate", member.scim_id),
        "member, delete": get("member-delete", member.scim_id),
        "member, privileges": get("member-privileges", member.scim_id),
        "several, role": get("members-role", member=member.scim_id),
        "invitations": get("invitations"),
        "invite": get("invite"),
        "import": get("members-import"),
        "new member": get("member-new"),
    }


def teams(asked: Asked) -> dict[str, Page]:
    get, organization = asked.get, asked.organization
    everybody, few = (organization.teams.get(name=name).scim_id for name in (EVERYBODY, FEW))
    row = organization.members.order_by("name_order", "pk")[600]
    return {
        "teams": get("teams"),
        "teams, search": get("teams", q="team"),
        "teams, search (one)": get("teams", q="few"),
        "team of a few": get("team", few),
        "team of all": get("team", everybody),
        "team of all, further on": get("team", everybody, after=f"{row.name_order}|{row.pk}"),
        "team of all, search (an eighth)": get("team", everybody, q=EIGHTH),
        "team of all, search (one)": get("team", everybody, q="p7@"),
        "team of a few, search": get("team", few, q=EIGHTH),
        "team of all, add": get("team-add", everybody),
        "team of all, add, search": get("team-add", everybody, q=EIGHTH),
        "team of all, add, search (one)": get("team-add", everybody, q="p7@"),
        "team of a few, add": get("team-add", few),
        "team of a few, add, search": get("team-add", few, q=EIGHTH),
        "team of a few, add, search (one)": get("team-add", few, q="p7@"),
        "team of all, delete": get("team-delete", everybody),
        "team rules": get("team-rules"),
    }


def settings(asked: Asked) -> dict[str, Page]:
    get, slug = asked.get, asked.slug
    return {
        "profile": asked.of_nobody("profile"),
        "start": get("start"),
        "general": get("general"),
        "domains": get("domains"),
        "domain, remove": get("domain-remove", f"unused.{slug}.example"),
        "domain in use, remove": get("domain-remove", f"{slug}.example"),
        "licences": get("licences"),
        "holders": get("licence-holders", "pass"),
        "holders, search": get("licence-holders", "pass", q=EIGHTH),
        "SAML": get("saml"),
        "User Provisioning": get("provisioning"),
        "User Provisioning, 30 days": get("provisioning", window="30d"),
        "Manage": get("provisioning-manage"),
        "disable": get("provisioning-disable"),
        "told": get("told"),
    }


def logs(asked: Asked) -> dict[str, Page]:
    get, organization = asked.get, asked.organization
    call = organization.sync_activity.order_by("-at")[200:201].first()
    event = organization.audit.order_by("-at")[200]
    found = {
        "audit log": get("audit-log"),
        "audit log, next page": get("audit-log", after=audit_log.NEWEST_FIRST.cursor_of(event)),
        "audit log, actor": get("audit-log", actor="Kobayashi"),
        "audit log, target": get("audit-log", subject="p7@"),
        "audit log, one member": get("audit-log", subject=event.subject_id),
        "audit log, request": get("audit-log", subject=event.request_id),
        "audit log, event": get("audit-log", event="account.signed_in"),
        "audit log, rare event": get("audit-log", event="team.created"),
        "audit log, days": get("audit-log", since="2026-09-01", until="2026-09-30"),
        "sync activity": get("activity"),
    }
    if call:
        found |= {
            "activity, next page": get("activity", after=NEWEST_FIRST.cursor_of(call)),
            "activity, address": get("activity", account="p7@company.example"),
            "activity, name": get("activity", account="田中 7"),
            "activity, request": get("activity", account=call.request_id),
            "activity, kind": get("activity", kind="delete"),
            "activity, rare kind": get("activity", kind="other"),
            "activity, changed": get("activity", outcome="changed"),
            "activity, unchanged": get("activity", outcome="unchanged"),
            "activity, refused": get("activity", outcome="refused"),
            "activity, kept out": get("activity", outcome="kept-out"),
            "activity, days": get("activity", since="2026-09-01", until="2026-09-30"),
        }
    return found


def matching(asked: Asked) -> dict[str, Page]:
    get = asked.get
    return {
        "review": get("provisioning-review"),
        "review, ready (few)": get("provisioning-review", state="ready"),
        "review, needs change (few)": get("provisioning-review", state="needs-change"),
        "review, conflict (few)": get("provisioning-review", state="conflict"),
        "review, provisioned (most)": get("provisioning-review", state="provisioned"),
        "review, Nulab (few)": get("provisioning-review", type="nulab"),
        "review, search": get("provisioning-review", q=EIGHTH),
        "review, search (one)": get("provisioning-review", q="p7@"),
        "preview": get("provisioning-preview"),
        "preview of 500": asked.preview("\n".join(f"p{number}@{asked.slug}.example" for number in range(100, 600))),
    }


def files(asked: Asked) -> dict[str, Page]:
    file = asked.file
    return {
        "members, file": file("members-export"),
        "members, file of the Nulab": file("members-export", type="nulab"),
        "members, file of a search": file("members-export", q=EIGHTH),
        "holders, file": file("licence-holders-export", "pass"),
        "licences, file": file("licences-export"),
        "audit log, file": file("audit-log-export"),
        "audit log, file of an actor": file("audit-log-export", actor="Kobayashi"),
        "sync activity, file": file("activity-export"),
        "sync activity, file of a kind": file("activity-export", kind="delete"),
    }
