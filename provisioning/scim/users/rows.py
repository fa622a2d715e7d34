"""Users as rows with their teams, all of a page in one statement."""

from typing import Any, NamedTuple

import orjson
from django.db.models import OuterRef, Subquery, TextField
from django.db.models.functions import JSONArray

from members.models import TeamMembership
from provisioning.scim.users.resource import Teams, UserRow


class Found(NamedTuple):
    row: UserRow
    teams: Teams


def found_in(columns: tuple[Any, ...]) -> Found:
    """A user of COLUMNS and `teams_of`."""
    return Found(UserRow(*columns[:-1]), _teams_in(columns[-1]))


class Listed(Subquery):
    """The JSON values of a subquery's column `one`, as the text of an array; their order is any."""

    output_field = TextField()
    template = "(SELECT json_agg(one)::text FROM (%(subquery)s) listed)"

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, Any]:
        template = "(SELECT json_group_array(json(one)) FROM (%(subquery)s))"
        return self.as_sql(compiler, connection, template=template, **context)


def teams_of(member: str) -> Listed:
    """The teams as a column; `member` names the column with the member's key."""
    memberships = TeamMembership.objects.filter(member_id=OuterRef(member)).order_by()
    return Listed(memberships.annotate(one=JSONArray("team_id", "team__scim_id", "team__name")).values("one"))


def _teams_in(listed: str | None) -> Teams:
    """The teams, oldest first."""
    return [(scim_id, name) for _, scim_id, name in sorted(orjson.loads(listed))] if listed else ()
