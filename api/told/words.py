"""A delivery as people read it, and what the member page shows of them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from api.models import Delivery
from members import words
from members.models import Member
from members.openings import BELOW_MEMBER
from members.panels import Panel

SHOWN = 5


@dataclass(frozen=True)
class Line:
    delivery: Delivery
    title: str
    app: str
    state: str
    tone: str
    # Name of the member or team that it is about, if it is still there.
    name: str = ""

    @property
    def in_timeline(self) -> dict[str, Any]:
        return {"when": self.delivery.at, "title": self.title, "text": f"{self.app} · {self.state}", "tone": self.tone}


def lines(deliveries: Iterable[Delivery], names: Mapping[str, str]) -> list[Line]:
    return [_line(one, names.get(one.subject_id, "")) for one in deliveries]


def _line(delivery: Delivery, name: str = "") -> Line:
    known = words.events().get(delivery.type)
    title = str(known.label) if known else delivery.type
    return Line(delivery, title, delivery.endpoint.get_app_display(), *_outcome(delivery), name)


def _outcome(delivery: Delivery) -> tuple[str, str]:
    if delivery.is_taken:
        return _("received"), "green"
    if delivery.is_given_up:
        return _("not received, given up"), "red"
    return _("not received"), "yellow"


@BELOW_MEMBER.register
def what_was_told(member: Member) -> Panel | None:
    """The last deliveries about a member; nothing where no app listens."""
    about = Delivery.objects.filter(organization=member.organization_id, subject_id=member.scim_id)
    found = list(about.select_related("endpoint").order_by("-pk")[:SHOWN])
    if not found:
        return None
    page = f"{reverse('told', args=[member.organization.space_key])}?subject={member.scim_id}"
    return Panel("api/told/card.html", {"events": [line.in_timeline for line in lines(found, {})], "page": page})
