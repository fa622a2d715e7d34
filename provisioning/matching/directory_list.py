"""A list of users, downloaded from an identity provider or typed, as a synchronization would read it."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

from members.lists import decoding
from members.lists.addresses import addressees_in, is_list
from members.lists.headers import (
    EMAIL,
    EXTERNAL_ID,
    FAMILY_NAME,
    GIVEN_NAME,
    GROUPS,
    LINE,
    NAME,
    ROLE,
    TEAMS,
)
from members.lists.refusals import TooManyRows, UnknownStatus
from members.lists.table import MAX_CHARACTERS, Line, Table
from members.refusals import Refusal
from provisioning.matching.refusals import NobodyInList

MAX_BYTES, MAX_PEOPLE = 2 * 1024 * 1024, 5_000


@dataclass(frozen=True)
class Person:
    line: int
    user_name: str
    email: str = ""
    display_name: str = ""
    given_name: str = ""
    family_name: str = ""
    external_id: str = ""
    is_active: bool = True
    role: str = ""
    # Names of teams or groups, as one text; None where the list has no such column.
    teams: str | None = None
    # Refusal of an unknown word for active or inactive.
    unclear: Refusal | None = None

    @property
    def name(self) -> str:
        return self.display_name or f"{self.given_name} {self.family_name}".strip() or self.user_name


def decoded(content: bytes) -> decoding.Decoded:
    """The text of the list. Raises FileTooLarge, UnreadableFile."""
    return decoding.decoded(content, most_bytes=MAX_BYTES, most_people=MAX_PEOPLE)


def people_in(text: str) -> list[Person]:
    """The people of a table with a header, or of a plain list of addresses. Raises the refusals of the list."""
    text = decoding.readable(text)
    people = _listed(text) if is_list(text, MAX_PEOPLE) else list(_in_rows(Table(text, MAX_PEOPLE)))
    if not people:
        raise NobodyInList
    return people


def _listed(text: str) -> list[Person]:
    found = islice(addressees_in(text), MAX_PEOPLE)
    people = [Person(number, one.address, display_name=one.name) for number, one in enumerate(found, 1)]
    if more := sum(1 for _one in addressees_in(text)) - len(people):
        raise TooManyRows(rows=len(people) + more, most=MAX_PEOPLE)
    return people


def _in_rows(table: Table) -> Iterator[Person]:
    """The people of a table: its rows with an address."""
    for line in table.lines:
        if user_name := table.sign_in_address(line):
            yield _person(table, line, user_name)


def _person(table: Table, line: Line, user_name: str) -> Person:
    is_active, unclear = False, None
    try:
        is_active = table.is_active(line)
    except UnknownStatus as refusal:
        unclear = refusal
    said = table.value(line, LINE)
    number = int(said) if said.isdecimal() and len(said) < 8 else line.number
    return Person(
        number, user_name, email=table.value(line, EMAIL), display_name=table.value(line, NAME),
        given_name=table.value(line, GIVEN_NAME), family_name=table.value(line, FAMILY_NAME),
        external_id=table.value(line, EXTERNAL_ID), is_active=is_active, unclear=unclear,
        role=table.value(line, ROLE), teams=_teams(table, line),
    )  # fmt: skip


def _teams(table: Table, line: Line) -> str | None:
    columns = [column for column in (TEAMS, GROUPS) if column in table]
    found = ";".join(name for column in columns for name in table.values(line, column))
    return found[: MAX_CHARACTERS + 1] if columns else None
