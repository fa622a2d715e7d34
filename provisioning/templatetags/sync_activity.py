"""Putting the changes of a call into words."""

from typing import Any, NamedTuple

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.console import pages
from members.models import Account, Organization, Role
from provisioning.models import SyncActivity
from provisioning.monitoring.remedies import Remedy, remedy_for

register = template.Library()

FIELDS = {
    "user_name": gettext_lazy("User name"),
    "email": gettext_lazy("Email"),
    "name": gettext_lazy("Name"),
    "display_name": gettext_lazy("Display name"),
    "formatted_name": gettext_lazy("Formatted name"),
    "given_name": gettext_lazy("Given name"),
    "family_name": gettext_lazy("Family name"),
    "language": gettext_lazy("Language"),
    "time_zone": gettext_lazy("Time zone"),
    "preferred_language": "preferredLanguage",
    "locale": "locale",
    "time_zone_as_sent": "timezone",
    "email_type": "emails.type",
    "unique_id": gettext_lazy("Unique ID"),
    "external_id": gettext_lazy("externalId"),
    "role": gettext_lazy("Role"),
    "active": gettext_lazy("Active/Inactive"),
    "type": gettext_lazy("Account type"),
    "licences": gettext_lazy("Licences"),
}
VALUES: dict[str, dict[Any, Any]] = {
    "role": dict(Role.choices),
    "active": {True: gettext_lazy("Active"), False: gettext_lazy("Inactive")},
    "language": {"en": gettext_lazy("English"), "ja": gettext_lazy("Japanese")},
    "type": dict(Account.Type.choices),
}


class Change(NamedTuple):
    label: str
    before: str
    after: str


@register.filter
def remedy(call: SyncActivity) -> Remedy | None:
    """What an administrator does about a refused call."""
    return remedy_for(call.reason)


@register.filter
def mending(call: SyncActivity, organization: Organization) -> dict[str, Any] | None:
    """The page here on which a refused call's cause can be mended."""
    return pages.mending(call.refusal, organization)


@register.filter
def in_words(changes: dict[str, list[Any]]) -> list[Change]:
    """{"role": ["GUEST", "USER"]} as Change("Role", "Guest", "Member")."""
    if changes.get("display_name") == changes.get("name"):
        # What people read is made of it: once is enough.
        changes = {field: change for field, change in changes.items() if field != "display_name"}
    return [
        Change(str(FIELDS.get(field, field)), _spoken(field, before), _spoken(field, after))
        for field, (before, after) in changes.items()
    ]


def _spoken(field: str, value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(str, value)) or _("none")
    if value in ("", None):
        return _("none")
    return str(VALUES.get(field, {}).get(value, value))
