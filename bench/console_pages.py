"""The pages of the console that bench.scale_console asks, of one organization."""

from bench.browser import Browser, Page
from bench.log_pages import log_pages
from members.models import Account, Organization

EVERYBODY, FEW = "Everybody", "A few"
# Somebody with a history.
KNOWN = "guest0@{}.guest.example"
EIGHTH = "田中"


def pages_of(organization: Organization) -> dict[str, Page]:
    browser = Browser(Account.objects.get(email=f"admin@{organization.slug}.example"), organization)
    return {
        **members(browser), **teams(browser), **settings(browser), **matching(browser), **files(browser),
        **log_pages(browser, KNOWN.format(organization.slug)),
    }  # fmt: skip


def members(browser: Browser) -> dict[str, Page]:
    get = browser.get
    member = browser.organization.members.filter(account__type=Account.Type.PROVISIONED).order_by("pk")[500]
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


def teams(browser: Browser) -> dict[str, Page]:
    get, organization = browser.get, browser.organization
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


def settings(browser: Browser) -> dict[str, Page]:
    get, slug = browser.get, browser.slug
    return {
        "profile": browser.of_nobody("profile"),
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


def matching(browser: Browser) -> dict[str, Page]:
    get = browser.get
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
        "preview of 500": browser.preview("\n".join(f"p{number}@{browser.slug}.example" for number in range(100, 600))),
    }


def files(browser: Browser) -> dict[str, Page]:
    file = browser.file
    return {
        "members, file": file("members-export"),
        "members, file of the Nulab": file("members-export", type="nulab"),
        "members, file of a search": file("members-export", q=EIGHTH),
        "holders, file": file("licence-holders-export", "pass"),
        "licences, file": file("licences-export"),
    }
