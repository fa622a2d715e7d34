"""A CSV file of people, as Excel and Google Sheets write it, in English or Japanese."""

import csv
import io
from dataclasses import dataclass, field

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from members import refusals
from members.keys import key_of

MOST_BYTES = 1024 * 1024
MOST_ROWS = 100
EMAIL, NAME, UNIQUE_ID, LANGUAGE, ROLE, TEAMS = "email", "name", "unique_id", "language", "role", "teams"
LABELS: dict[str, Promise] = {
    EMAIL: _("Email"), NAME: _("Name"), UNIQUE_ID: _("Unique ID"), LANGUAGE: _("Language"), ROLE: _("Role"),
    TEAMS: _("Teams"),
}  # fmt: skip
REQUIRED = (EMAIL, NAME)
# Whoever reads English may get a Japanese file, and the other way round: headers are known in both.
HEADERS = {
    "email": EMAIL, "e-mail": EMAIL, "mail": EMAIL, "メールアドレス": EMAIL, "メール": EMAIL, "eメール": EMAIL,
    "name": NAME, "名前": NAME, "氏名": NAME,
    "unique id": UNIQUE_ID, "uniqueid": UNIQUE_ID, "ユニークid": UNIQUE_ID,
    "language": LANGUAGE, "言語": LANGUAGE,
    "role": ROLE, "権限": ROLE, "ロール": ROLE,
    "teams": TEAMS, "team": TEAMS, "チーム": TEAMS,
}  # fmt: skip


@dataclass
class Row:
    """A line of the file: the text of each cell, and what is wrong with it."""

    number: int
    cells: dict[str, str]
    errors: dict[str, list[refusals.Refusal]] = field(default_factory=dict)

    def refuse(self, column: str, refusal: refusals.Refusal) -> None:
        self.errors.setdefault(column, []).append(refusal)


@dataclass
class PeopleFile:
    text: str
    columns: list[str]
    rows: list[Row]
    # Columns of the file that mean nothing here.
    unused: list[str]


def decoded(content: bytes) -> str:
    """UTF-8 with or without a mark, or Shift_JIS as Excel in Japan writes it. Raises FileTooLarge, UnreadableFile."""
    if len(content) > MOST_BYTES:
        raise refusals.FileTooLarge(most=MOST_ROWS)
    for encoding in ("utf-8-sig", "cp932"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise refusals.UnreadableFile


def read(text: str) -> PeopleFile:
    """Raises UnreadableFile, ColumnMissing, ColumnTwice, EmptyFile, TooManyRows."""
    lines = _lines(text)
    header = lines[0][1] if lines else []
    known = [HEADERS.get(" ".join(key_of(name).split()), "") for name in header]
    for column in LABELS:
        if known.count(column) > 1:
            raise refusals.ColumnTwice(column=LABELS[column])
    for column in REQUIRED:
        if column not in known:
            raise refusals.ColumnMissing(column=LABELS[column])
    rows = [Row(number, _cells(known, cells)) for number, cells in lines[1:]]
    if not rows:
        raise refusals.EmptyFile
    if len(rows) > MOST_ROWS:
        raise refusals.TooManyRows(rows=len(rows), most=MOST_ROWS)
    unused = [name for name, column in zip(header, known, strict=True) if not column and name.strip()]
    return PeopleFile(text, [column for column in LABELS if column in known], rows, unused)


def _lines(text: str) -> list[tuple[int, list[str]]]:
    """The lines that say something, each with the number that a spreadsheet shows beside it."""
    if "\0" in text:
        raise refusals.UnreadableFile
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error:
        raise refusals.UnreadableFile from None
    return [(number, cells) for number, cells in enumerate(lines, start=1) if any(cell.strip() for cell in cells)]


def _cells(known: list[str], cells: list[str]) -> dict[str, str]:
    found = {column: cell.strip() for column, cell in zip(known, cells, strict=False) if column}
    return {column: found.get(column, "") for column in LABELS}
