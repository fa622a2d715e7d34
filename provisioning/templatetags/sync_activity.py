"""Tags that put a call of the sync activity into words."""

from typing import Any

from django import template
from django.utils.translation import gettext as _

from members import words
from members.console import pages
from members.fields import BY_NAME
from members.log.history import Change
from members.models import Organization
from provisioning.models import SyncActivity
from provisioning.monitoring.remedies import Remedy, remedy_for

register = template.Library()


# Fields of who came and who went: there is nothing before.
MOVES = ("members_added", "members_removed")


@register.filter
def remedy(call: SyncActivity) -> Remedy | None:
    """The remedy of a refused call in the identity provider, or None."""
    return remedy_for(call.reason)


@register.filter
def mending(call: SyncActivity, organization: Organization) -> dict[str, Any] | None:
    """The page here on which a refused call's cause can be mended."""
    return pages.mending(call.refusal, organization)


@register.filter
def in_words(changes: dict[str, list[Any]]) -> list[Change]:
    """{"role": ["GUEST", "USER"]} as Change("Role", "Guest", "Member")."""
    if changes.get("display_name") == changes.get("name"):
        # Parts of a name are left out where the name made of them is shown.
        changes = {field: change for field, change in changes.items() if field != "display_name"}
    return [
        Change(_label_of(field), "" if field in MOVES else _in_words(field, before), _in_words(field, after))
        for field, (before, after) in changes.items()
    ]


def _label_of(field: str) -> str:
    """The label of a field: of a synchronized one its own, of the rest the audit log's."""
    return str(BY_NAME[field].label if field in BY_NAME else words.fields().get(field, field))


def _in_words(field: str, value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or _("none")
    if value in ("", None):
        return _("none")
    return str(words.values().get(field, {}).get(value, value))
