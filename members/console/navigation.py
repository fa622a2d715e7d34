"""The frame's menus, with the pages and banners of the apps above."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from members.models import Account, Headcount, Member
from members.openings import BANNERS, PAGE_NAMES, SIDEBAR
from members.texts import Text


@dataclass(frozen=True)
class Entry:
    """A page in the sidebar; `order` places it within its group, `opens_to` says who finds it there."""

    group: Text
    label: Text
    icon: str
    url_name: str
    order: int = 0
    opens_to: Callable[[Member], bool] = Member.may_open_settings


@dataclass(frozen=True)
class Banner:
    kind: str
    text: Text
    link_url: str = ""
    link_label: Text = ""


ORGANIZATION, ACCESS, BILLING, SECURITY = _("Organization"), _("Access management"), _("Billing"), _("Security")
OWN_ENTRIES = [
    Entry(ORGANIZATION, _("Get started"), "bolt", "start", 0),
    Entry(ORGANIZATION, _("General"), "settings", "general", 1),
    Entry(ORGANIZATION, _("Members"), "users", "members", 2),
    Entry(ORGANIZATION, _("Invitations"), "mail", "invitations", 2, Member.may_invite),
    Entry(ORGANIZATION, _("Teams"), "users-group", "teams", 3),
    Entry(ORGANIZATION, _("Domains"), "world", "domains", 4),
    Entry(BILLING, _("Licences"), "receipt", "licences", 1, Member.may_see_licences),
    Entry(SECURITY, _("Audit log"), "history", "audit-log", 1, Member.may_read_audit_log),
]
# Pages beside those in the sidebar that something leads to.
OWN_PAGES: dict[str, Text] = {"team-rules": _("Team rules")}


def _entries() -> list[Entry]:
    return [*OWN_ENTRIES, *SIDEBAR.ask()]


def page_names() -> dict[str, Text]:
    """The titles of an organization's pages, by the names of their URLs."""
    named: dict[str, Text] = {entry.url_name: entry.label for entry in _entries()} | OWN_PAGES
    for names in PAGE_NAMES.ask():
        named |= names
    return named


def _entries_for(member: Member) -> list[Entry]:
    """The pages that the member may open, in the sidebar's order."""
    groups = (ORGANIZATION, ACCESS, BILLING, SECURITY)
    mine = [entry for entry in _entries() if entry.opens_to(member)]
    return sorted(mine, key=lambda entry: (groups.index(entry.group), entry.order))


def opens(url_name: str, member: Member) -> bool:
    """Whether the member may open the page of that name; those that are not in the sidebar are administrators'."""
    return member.may_open_settings() or any(entry.url_name == url_name for entry in _entries_for(member))


def home_of(member: Member) -> str:
    """The first page of Organization Settings that the member may open; "" where there is none."""
    entries = _entries_for(member)
    return reverse(entries[0].url_name, args=[member.organization.space_key]) if entries else ""


def places_by_name(account: Account) -> QuerySet[Member]:
    return account.memberships.select_related("organization").order_by("organization__name", "pk")


def settings_of(account: Account) -> list[tuple[Member, str]]:
    """The account's places where it may open a page, and the first one: what it administers before the rest."""
    found = [(place, home) for place in places_by_name(account) if (home := home_of(place))]
    return sorted(found, key=lambda pair: not pair[0].is_administrator)


def switcher(request: HttpRequest) -> list[dict[str, str]]:
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return []
    return [
        {"name": place.organization.name, "space_key": place.organization.space_key, "home_url": home}
        for place, home in settings_of(user)
    ]


def navigation(request: HttpRequest, member: Member | None) -> list[dict[str, Any]]:
    if member is None:
        return []
    groups: dict[str, list[dict[str, Any]]] = {}
    for entry in _entries_for(member):
        url = reverse(entry.url_name, args=[member.organization.space_key])
        is_current = request.path == url or (entry.order > 0 and request.path.startswith(url + "/"))
        groups.setdefault(str(entry.group), []).append(
            {
                "label": entry.label,
                "url": url,
                "icon": entry.icon,
                "is_current": is_current,
                "count": _headcount(member) if entry.url_name == "members" else None,
            }
        )
    return [{"label": label, "items": items} for label, items in groups.items()]


def _headcount(member: Member) -> int | None:
    return Headcount.objects.filter(pk=member.organization_id).values_list("members", flat=True).first()


def banners(member: Member | None) -> list[Banner]:
    """The banners of things to be done, for those who can do them."""
    if member is None or not member.is_administrator:
        return []
    return [banner for told in BANNERS.ask(member.organization) for banner in told]
