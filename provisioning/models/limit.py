"""The limit of an organization's SCIM requests, and how it is counted (decision 30)."""

from typing import Any

from django.conf import settings
from django.db.models import QuerySet

from members.models import Pace
from operations.pace import Limit

_DOOR = "scim"


def limit() -> Limit:
    return Limit(settings.SCIM_RATE, settings.SCIM_BURST)


def ahead(organization: str) -> "QuerySet[Any, Any]":
    """The seconds by which an organization is ahead of the limit; named by a column of the outer statement."""
    return Pace.ahead(_DOOR, organization)


def counting(organization_id: int, *, after: str = "") -> tuple[str, list[Any]] | None:
    """The statement that counts one request, and its values; None if there is no limit."""
    return Pace.count(_DOOR, limit(), organization_id, after=after) if limit().is_set else None


def take(organization_id: int, requests: int) -> int:
    """Count these at once, if they may be sent now; else the seconds to wait."""
    return Pace.take(_DOOR, limit(), organization_id, requests)
