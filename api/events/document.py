"""An event as readers of the API and receivers of webhooks see it."""

from typing import Any

from api.models import Event
from members.models import Organization


def event_id(space_key: str, number: int) -> str:
    """Identifies an event for ever: an event that comes twice is recognized by it."""
    return f"{space_key}-{number}"


def document(event: Event, organization: Organization, *, with_changes: bool) -> dict[str, Any]:
    """Thin: what of whom, and when; before and after for those who ask."""
    data: dict[str, Any] = {
        "id": event_id(organization.space_key, event.number),
        "number": event.number,
        "organization": organization.space_key,
        "subject": {"type": event.subject_type, "id": event.subject_id},
    }
    if event.team_id and event.team_id != event.subject_id:
        data["team"] = {"id": event.team_id}
    if with_changes:
        data["changes"] = {name: {"before": before, "after": after} for name, (before, after) in event.changes.items()}
    return {"type": event.type, "timestamp": event.at.isoformat(), "data": data}
