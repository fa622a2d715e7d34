"""A file of any number of people who are to get accounts: read in pieces, written in batches, for the operator.

It reads what Create from CSV and Preview read, and makes of each person what the two together would: an account with
sign-in address, email and externalId, inactive where the person is.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from members import values
from members.actors import Actor
from members.keys import key_of
from members.lists.headers import EMAIL, EXTERNAL_ID, LANGUAGE, NAME, ROLE, TEAMS, UNIQUE_ID
from members.lists.table import Line, LongTable
from members.mail.one_mail import of_one_act
from members.models import Organization, Role
from members.models.member.many import Batch, Person, Refused
from members.models.member.profile import Profile
from members.newcomers import cells
from members.newcomers.file import require_columns
from members.refusals import Refusal

# Accounts in a transaction: the organization is locked for about half a second, and calls of its IdP wait for as long.
BATCH = 1_000


@dataclass(frozen=True)
class Progress:
    """A batch that is done: the last line in it, the number of accounts made, and the lines that were refused."""

    line: int
    created: int
    refused: list[Refused]


def write(
    people: Iterable[Person | Refused], organization: Organization, *, by: Actor, size: int = BATCH
) -> Iterator[Progress]:
    """Create the accounts, batch by batch; each is written whole or not at all, and stays if a later one fails."""
    waiting = iter(people)
    with of_one_act():
        while rows := list(islice(waiting, size)):
            batch = Batch(organization, [row for row in rows if isinstance(row, Person)], by=by)
            batch.write()
            refused = [*batch.refused, *(row for row in rows if isinstance(row, Refused))]
            yield Progress(rows[-1].line, len(batch.members), sorted(refused, key=lambda one: one.line))


class LongFile:
    """The people in a file. Raises the refusals of a list that cannot be read, ColumnMissing, ColumnTwice."""

    def __init__(self, path: Path, organization: Organization, language: str) -> None:
        self.table, self.language = LongTable(path), language
        require_columns(self.table)
        self.teams = cells.teams_by_key(organization)

    def __iter__(self) -> Iterator[Person | Refused]:
        for line in self.table.lines:
            try:
                yield self._person(line)
            except Refusal as refusal:
                yield Refused(line.number, refusal)

    def _person(self, line: Line) -> Person:
        """The person of a line. Raises the first refusal of its cells."""
        for cell in line.cells:
            cells.require_short(cell)
        teams, unknown = cells.teams_of(self.table.value(line, TEAMS), self.teams)
        for refusal in unknown:
            raise refusal
        return Person(
            line.number, self._profile(line), role=cells.role_of(self.table.value(line, ROLE)) or Role.USER,
            unique_id=self.table.value(line, UNIQUE_ID) or None, teams=teams,
            external_id=self.table.value(line, EXTERNAL_ID) or None, is_active=self.table.is_active(line),
        )  # fmt: skip

    def _profile(self, line: Line) -> Profile:
        user_name, email = self.table.sign_in_address(line), self.table.value(line, EMAIL)
        profile = Profile(
            user_name=user_name,
            display_name=values.name(self.table.value(line, NAME) or self.table.joined_name(line)),
            language=cells.language_of(self.table.value(line, LANGUAGE)) or self.language,
        )
        if key_of(email) != key_of(user_name):
            profile["email"] = email
        return profile
