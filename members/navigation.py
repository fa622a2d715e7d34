"""The frame's menus. Apps above put their pages and banners in when they start."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from members.models import Headcount, Organization, Role

Text = str | Promise


@dataclass(frozen=True)
class Entry:
    """A page in the sidebar; `order` places it within its group."""

    group: Text
    label: Text
    icon: str
    url_name: str
    order: int = 0


@dataclass(frozen=True)
class Banner:
    kind: str
    text: Text
    link_url: str = ""
    link_label: Text = ""


ORGANIZATION, ACCESS, BILLING, SECURITY = _("Organization"), _("Access management"), _("Billing"), _("Security")
_entries: list[Entry] = [
    Entry(ORGANIZATION, _("Get started"), "bolt", "start", 0),
    Entry(ORGANIZATION, _("Members"), "users", "members", 2),
    Entry(ORGANIZATION, _("Domains"), "world", "domains", 4),
]
_banner_sources: list[Callable[[Organization], list[Banner]]] = []


def add_entry(entry: Entry) -> None:
    _entries.append(entry)


def banner_source(source: Callable[[Organization], list[Banner]]) -> Callable[[Organization], list[Banner]]:
    """Asked for an organization's banners whenever one of its administrators opens a page."""
    _banner_sources.append(source)
    return source


def _administers(request: HttpRequest) -> bool:
    member = getattr(request, "member", None)
    return member is not None and member.role == Role.ADMIN


def switcher(request: HttpRequest) -> list[dict[str, str]]:
    user = getattr(request, "user", None)
    if user is None or not user.is_authenticated:
        return []
    places = user.memberships.filter(role=Role.ADMIN).select_related("organization").order_by("organization__name")
    return [
        {
            "name": place.organization.name,
            "space_key": place.organization.space_key,
            "home_url": reverse("start", args=[place.organization.space_key]),
        }
        for place in places
    ]


def navigation(request: HttpRequest, organization: Organization | None) -> list[dict[str, Any]]:
    if organization is None or not _administers(request):
        return []
    members = Headcount.objects.filter(pk=organization.pk).values_list("members", flat=True).first()
    groups: dict[str, list[dict[str, Any]]] = {}
    for group in (ORGANIZATION, ACCESS, BILLING, SECURITY):
        for entry in sorted((entry for entry in _entries if entry.group == group), key=lambda entry: entry.order):
            url = reverse(entry.url_name, args=[organization.space_key])
            is_current = request.path == url or (entry.order > 0 and request.path.startswith(url + "/"))
            groups.setdefault(str(group), []).append(
                {
                    "label": entry.label,
                    "url": url,
                    "icon": entry.icon,
                    "is_current": is_current,
                    "count": members if entry.url_name == "members" else None,
                }
            )
    return [{"label": label, "items": items} for label, items in groups.items()]


def banners(request: HttpRequest, organization: Organization | None) -> list[Banner]:
    if organization is None or not _administers(request):
        return []
    return [banner for source in _banner_sources for banner in source(organization)]
