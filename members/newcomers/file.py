"""A file of people who are to get accounts: its known columns, row by row."""

import csv
import io
from dataclasses import dataclass, field

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from members.lists import decoding
from members.lists.headers import EMAIL, FAMILY_NAME, GIVEN_NAME, GROUPS, LANGUAGE, NAME, ROLE, STATUS, TEAMS, UNIQUE_ID
from members.lists.refusals import EmptyFile, UnknownStatus
from members.lists.table import Columns, Line, Table
from members.newcomers import refusals
from members.refusals import Refusal

MAX_BYTES = 1024 * 1024
MAX_ROWS = 100
# Columns of the template; an address and a name are required.
COLUMNS = (EMAIL, NAME, UNIQUE_ID, LANGUAGE, ROLE, TEAMS)
LABELS: dict[str, Promise] = {
    EMAIL: _("Email"), NAME: _("Name"), UNIQUE_ID: _("Unique ID"), LANGUAGE: _("Language"), ROLE: _("Role"),
    TEAMS: _("Teams"), STATUS: _("Status"),
}  # fmt: skip


@dataclass
class Row:
    """A line of the file: the text of each cell, and its refusals."""

    number: int
    cells: dict[str, str]
    errors: dict[str, list[Refusal]] = field(default_factory=dict)

    def refuse(self, column: str, refusal: Refusal) -> None:
        self.errors.setdefault(column, []).append(refusal)


@dataclass
class PeopleFile:
    columns: list[str]
    rows: list[Row]
    # Columns of the file that are not read.
    unused: list[str]

    @property
    def text(self) -> str:
        """The known columns as CSV, each row where it was; without the states, which no account is made of."""
        rows = {row.number: [row.cells[column] for column in COLUMNS] for row in self.rows}
        out = io.StringIO()
        writer = csv.writer(out)
        writer.writerow([LABELS[column] for column in COLUMNS])
        writer.writerows(rows.get(number, []) for number in range(2, max(rows) + 1))
        return out.getvalue()


def decoded(content: bytes) -> decoding.Decoded:
    """The text of the file. Raises FileTooLarge, UnreadableFile."""
    return decoding.decoded(content, most_bytes=MAX_BYTES, most_people=MAX_ROWS)


def read(text: str) -> PeopleFile:
    """The rows. Raises UnreadableFile, NoAddressColumn, ColumnMissing, ColumnTwice, EmptyFile, TooManyRows."""
    table = Table(decoding.readable(text), MAX_ROWS)
    require_columns(table)
    if not table.lines:
        raise EmptyFile
    columns = [column for column in LABELS if column in table or column in (EMAIL, NAME)]
    if table.has_status and STATUS not in columns:
        columns.append(STATUS)
    return PeopleFile(columns, [_row(table, line) for line in table.lines], [*table.unused, *table.names_of(GROUPS)])


def require_columns(table: Columns) -> None:
    """Require a name, and one meaning of each column. Raises ColumnMissing, ColumnTwice."""
    if not any(column in table for column in (NAME, GIVEN_NAME, FAMILY_NAME)):
        raise refusals.ColumnMissing(column=LABELS[NAME])
    if twice := next(filter(table.is_ambiguous, COLUMNS), ""):
        raise refusals.ColumnTwice(column=LABELS[twice])


def _row(table: Table, line: Line) -> Row:
    cells = {column: table.value(line, column) for column in COLUMNS}
    cells[EMAIL] = cells[EMAIL] or table.sign_in_address(line)
    cells[NAME] = cells[NAME] or table.joined_name(line)
    row = Row(line.number, cells | {STATUS: table.status_words(line)})
    try:
        if not table.is_active(line):
            row.refuse(STATUS, refusals.InactiveInFile())
    except UnknownStatus as refusal:
        row.refuse(STATUS, refusal)
    return row
