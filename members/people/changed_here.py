"""The synchronized fields of a member that somebody has changed here after the IdP did.

Read from the audit trail, which knows who wrote each field last.
"""

import datetime

from members.actors import Kind
from members.fields import FIELDS
from members.kept_fields import is_kept
from members.models import Event, Member

# Names of fields in the audit log -> on the member page.
ON_PAGE = {field.name: field.on_page for field in FIELDS if field.on_page}
LOOKED_BACK = 200


def changed_here(member: Member) -> dict[str, datetime.datetime]:
    """The time of the change, by field. The IdP overwrites each when it next sends that field."""
    if not is_kept(member):
        return {}
    changes = member.organization.audit.filter(
        subject_id=member.scim_id, event__in=[Event.ACCOUNT_CHANGED, Event.ROLE_CHANGED]
    ).order_by("-at", "-pk")
    newest: dict[str, tuple[str, datetime.datetime]] = {}
    for event in changes[:LOOKED_BACK]:
        for field in event.changes.keys() & ON_PAGE.keys():
            newest.setdefault(ON_PAGE[field], (event.operator_kind, event.at))
    # A rule's role is no one's change: the member page says which rule it is.
    return {field: at for field, (kind, at) in newest.items() if kind not in (Kind.PROVISIONING, Kind.TEAM_RULE)}
