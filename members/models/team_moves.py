"""The end of every change of who is in which team: by a page, an invitation, a list, the IdP, a departure."""

from collections.abc import Collection
from typing import TYPE_CHECKING

from django.utils import timezone

from members.actors import Actor
from members.models.work import pending
from members.openings import TEAMS_CHANGED
from members.statements import chosen, for_update, table_of

if TYPE_CHECKING:
    from members.models.organization import Organization


def told(organization: "Organization", members: Collection[int], *, by: Actor) -> None:
    """Tell that these members, by their keys, are in other teams than before. A leaver is none of them.

    Called in the transaction of the change, when it is done or waits.
    """
    if members:
        TEAMS_CHANGED.ask(organization, members, by)


def count(teams: Collection[int]) -> None:
    """Count these teams, by their keys, as changed, also those of an organization that is not locked.

    Called after all else that the transaction locks, the headcount included, so that two of them cannot deadlock.
    """
    from members.models.team import Team

    if not teams:
        return
    waiting, table = pending(), table_of(Team)
    column, keys = chosen("id", teams)
    waiting.send_those_of(Team)
    waiting.add(
        Team,
        f"UPDATE {table} SET revision = revision + 1, modified_at = %s "  # noqa: S608  names of our own
        f"WHERE id IN (SELECT id FROM {table} WHERE {column} ORDER BY id{for_update()}) RETURNING 1",
        [timezone.now(), keys],
    )
