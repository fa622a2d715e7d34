"""The limit of an organization's SCIM requests, and how it is counted (decision 30)."""

from math import inf
from typing import Any

from django.conf import settings
from django.db.models import QuerySet

from members.models import Pace
from operations.pace import Limit

_DOOR = "scim"


def limit() -> Limit:
    return Limit(settings.SCIM_RATE, settings.SCIM_BURST)


def most_uncounted() -> float:
    """The number of requests of an organization that may wait in one process to be counted: the other processes do not
    know of them, and let so many more in.
    """
    most = limit()
    return max(1, most.burst // 10) if most.is_set else inf


def ahead(organization: str) -> "QuerySet[Any, Any]":
    """The seconds by which an organization is ahead of the limit; named by a column of the outer statement."""
    return Pace.ahead(_DOOR, organization)


def counting(organization_id: int) -> tuple[str, list[Any]] | None:
    """The statement that counts one request, and its values; None if there is no limit."""
    most = limit()
    return Pace.count(_DOOR, most, organization_id) if most.is_set else None


def counting_many(rows: str, *, after: str) -> tuple[str, list[Any]] | None:
    """The statement that counts a request for each row with an `organization_id`, and its values: Pace.count_many."""
    most = limit()
    return Pace.count_many(_DOOR, most, "organization_id", rows, after=after) if most.is_set else None


def take(organization_id: int, requests: int) -> int:
    """Count these at once, if they may be sent now; else the seconds to wait."""
    return Pace.take(_DOOR, limit(), organization_id, requests)
