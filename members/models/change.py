"""A change, as the audit log records it and the apps above are asked about it."""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db.models import TextChoices

if TYPE_CHECKING:
    from members.actors import Actor
    from members.models.member.row import MemberRow
    from members.models.organization import Organization
    from members.models.team import Team


@dataclass(frozen=True)
class Change:
    event: TextChoices
    organization: "Organization"
    by: "Actor"
    # Member that was changed, or is deleted.
    member: "MemberRow | None" = None
    # Name of the thing that was changed: a member, a domain, a token, a team.
    subject: str = ""
    # {"field": [before, after]}
    fields: dict[str, list[Any]] = field(default_factory=dict)
    # The same of what follows from those, such as the parts of a name: an IdP reads it, the audit log does without.
    derived: dict[str, list[Any]] = field(default_factory=dict)
    # Team that was changed, or is deleted, or that the member came into or left.
    team: "Team | None" = None
