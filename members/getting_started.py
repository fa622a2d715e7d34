"""The steps of Get started. Apps above put theirs in when they start, as with the menus."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from members.models import Organization

Text = str | Promise


@dataclass(frozen=True)
class Step:
    title: Text
    text: Text
    is_done: bool
    url: str
    # What the button says while it is the next thing to do.
    action: Text


@dataclass(frozen=True)
class Headline:
    """How what has been set up is doing: the page's title and, where something is the matter, a banner."""

    title: Text
    kind: str = "warning"
    text: Text = ""
    url: str = ""
    link: Text = ""


HeadlineSource = Callable[[Organization], Headline]
_headline_sources: list[HeadlineSource] = []


def headline_source(source: HeadlineSource) -> HeadlineSource:
    """Asked by the page; the app whose doing it is registers itself when it starts."""
    _headline_sources.append(source)
    return source


def headline(organization: Organization) -> Headline | None:
    return next((source(organization) for source in _headline_sources), None)


Source = Callable[[Organization], Step | None]
_sources: list[tuple[int, Source]] = []


def step(order: int) -> Callable[[Source], Source]:
    """Asked for an organization's step; None leaves it out, as a sandbox does with what it waives."""

    def register(source: Source) -> Source:
        _sources.append((order, source))
        return source

    return register


def steps(organization: Organization) -> list[dict[str, Any]]:
    """In order, each done, next or later: next is the first that is not done."""
    asked = [source(organization) for _order, source in sorted(_sources, key=lambda pair: pair[0])]
    told: list[dict[str, Any]] = []
    is_next_found = False
    for one in filter(None, asked):
        state = "done" if one.is_done else "later" if is_next_found else "next"
        is_next_found = is_next_found or not one.is_done
        told.append({"step": one, "state": state})
    return told


@step(1)
def verify_a_domain(organization: Organization) -> Step | None:
    if organization.is_sandbox:
        return None
    verified = organization.domains.filter(verified_at__isnull=False).order_by("name").values_list("name", flat=True)
    return Step(
        title=_("Verify a mail domain"),
        text=", ".join(verified) or _("Managed Accounts need an address in a domain that is yours."),
        is_done=bool(verified),
        url=reverse("domains", args=[organization.space_key]),
        action=_("Add domain"),
    )
