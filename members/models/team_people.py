"""Verbs on the sets of people in a team: each names the people meant, and touches nobody else."""

from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import orjson
from django.db import connection, models

from members.actors import Actor
from members.models import audit
from members.models.account import Account
from members.models.audit import Event
from members.models.change import Change
from members.models.member.member import Member
from members.models.organization import Organization
from members.models.team_moves import told
from members.models.work import pending
from members.statements import Rows, chosen, for_update, table_of

if TYPE_CHECKING:
    from members.models.team import Team


class PeopleVerbs(models.Model):
    """All that is asked is asked of the people named, so that it costs the same in a team of any size."""

    # Members by their keys and whether they are in it, as looked up while it is held.
    _standing: Mapping[int, bool] = MappingProxyType({})

    class Meta:
        abstract = True

    if TYPE_CHECKING:
        organization: Any
        name: Any

        def locked(self) -> AbstractContextManager[None]: ...
        def write(self, **fields: str | None) -> None: ...

    def add(self, *members: Member, by: Actor, displays: Mapping[str, str] = MappingProxyType({})) -> list[Member]:
        """Those who were not in it are now, and are returned. Raises Member.DoesNotExist of somebody who has gone or
        is in another organization. `displays` are the IdP's words for them by their SCIM ids.
        """
        with self.locked():
            joining = self._those(members, are_in=False)
            if joining:
                sql, rows = _addition({member.pk: _other_words(member, displays) for member in joining})
                pending().add(_memberships(), sql, [self.pk, *rows])
                self._moved(joining, Event.TEAM_MEMBER_ADDED, by)
        return joining

    def remove(self, *members: Member, by: Actor) -> list[Member]:
        """Those who were in it are no longer, and are returned. Raises Member.DoesNotExist as `add` does."""
        with self.locked():
            leaving = self._those(members, are_in=True)
            if leaving:
                column, keys = chosen("member_id", [member.pk for member in leaving])
                pending().add(_memberships(), _removal(column), [self.pk, keys])
                self._moved(leaving, Event.TEAM_MEMBER_REMOVED, by)
        return leaving

    def people_called(self, scim_ids: Collection[str]) -> dict[str, Member]:
        """The organization's members with these SCIM ids, by them; their accounts are locked then."""
        with self.locked():
            column, ids = chosen("m.scim_id", scim_ids)
            rows = _rows(_named(column), [self.pk, self.organization.pk, ids])
            found = [_member(self.organization, *row[:-1]) for row in rows]
            self._know({member.pk: bool(row[-1]) for member, row in zip(found, rows, strict=True)})
        return {member.scim_id: member for member in found}

    def people_beside(self, members: Collection[Member]) -> list[Member]:
        """Everybody in it but these."""
        with self.locked():
            column, keys = chosen("m.id", [member.pk for member in members])
            found = [_member(self.organization, *row) for row in _rows(_others(column), [self.pk, keys])]
            self._know({member.pk: True for member in found})
        return found

    def those_in(self, keys: Sequence[int]) -> set[int]:
        """Those of these keys that are of members who are in it."""
        column, chosen_keys = chosen("member_id", keys)
        return {key for (key,) in _rows(_inside(column), [self.pk, chosen_keys])}

    def _those(self, members: Sequence[Member], *, are_in: bool) -> list[Member]:
        named = {member.pk: member for member in members}
        if unknown := [member.scim_id for key, member in named.items() if key not in self._standing]:
            self.people_called(unknown)
        if not named.keys() <= self._standing.keys():
            raise Member.DoesNotExist
        return [member for key, member in named.items() if self._standing[key] == are_in]

    def _know(self, standing: Mapping[int, bool]) -> None:
        self._standing = {**self._standing, **standing}

    def _moved(self, members: list[Member], event: Event, by: Actor) -> None:
        self._know({member.pk: not self._standing[member.pk] for member in members})
        self.write()
        sides = ["", self.name] if event == Event.TEAM_MEMBER_ADDED else [self.name, ""]
        audit.record_all([
            Change(event, self.organization, by, member, member.account.name, {"team": sides}, team=self._itself())
            for member in members
        ])  # fmt: skip
        told(self.organization, [member.pk for member in members], by=by)

    def _itself(self) -> "Team":
        return self  # type: ignore[return-value]  # nothing else is made of these verbs


def _memberships() -> type[models.Model]:
    from members.models.team import TeamMembership

    return TeamMembership


def _other_words(member: Member, displays: Mapping[str, str]) -> str | None:
    words = displays.get(member.scim_id)
    return words if words != member.account.name else None


def _addition(people: dict[int, str | None]) -> tuple[str, list[Any]]:
    """The INSERT of these members with the IdP's words for them, and its parameters behind the team.

    Nothing is in the way where the team is held; the release before knows no such lock.
    """
    if connection.vendor == "postgresql":
        rows = "unnest(%s::bigint[], %s::text[]) AS p (id, display)"
        values: list[Any] = [list(people), list(people.values())]
    else:
        rows = "(SELECT json_extract(value, '$[0]') AS id, json_extract(value, '$[1]') AS display FROM json_each(%s)) p"
        values = [orjson.dumps(list(people.items())).decode()]
    return (
        f"INSERT INTO {table_of(_memberships())} (team_id, member_id, display) "  # noqa: S608  names of our own
        f"SELECT %s, p.id, p.display FROM {rows} WHERE true ORDER BY p.id ON CONFLICT DO NOTHING RETURNING 1"
    ), values


def _removal(column: str) -> str:
    return f"DELETE FROM {table_of(_memberships())} WHERE team_id = %s AND {column} RETURNING 1"  # noqa: S608


def _inside(column: str) -> str:
    return f"SELECT member_id FROM {table_of(_memberships())} WHERE team_id = %s AND {column}"  # noqa: S608


def _named(column: str) -> str:
    is_in = f"EXISTS (SELECT 1 FROM {table_of(_memberships())} t WHERE t.team_id = %s AND t.member_id = m.id)"  # noqa: S608
    return (
        f"SELECT m.id, m.scim_id, m.account_id, a.name, {is_in} FROM {table_of(Member)} m "  # noqa: S608
        f"JOIN {table_of(Account)} a ON a.id = m.account_id WHERE m.organization_id = %s AND {column} "
        f"ORDER BY a.id{for_update('NO KEY UPDATE OF a')}"
    )


def _others(column: str) -> str:
    return (
        f"SELECT m.id, m.scim_id, m.account_id, a.name FROM {table_of(_memberships())} t "  # noqa: S608
        f"JOIN {table_of(Member)} m ON m.id = t.member_id JOIN {table_of(Account)} a ON a.id = m.account_id "
        f"WHERE t.team_id = %s AND NOT ({column}) ORDER BY m.id"
    )


def _rows(sql: str, parameters: list[Any]) -> Rows:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        found: Rows = cursor.fetchall()
    return found


def _member(organization: Organization, key: int, scim_id: str, account_id: int, name: str) -> Member:
    """A member as the audit log names it. Its other columns are read when somebody asks for them."""
    # In the order of the model's fields.
    columns, values = ["id", "organization_id", "account_id", "scim_id"], [key, organization.pk, account_id, scim_id]
    member = Member.from_db(connection.alias, columns, values)
    account = Account.from_db(connection.alias, ["id", "name"], [account_id, name])
    member._state.fields_cache = {"organization": organization, "account": account}
    return member
