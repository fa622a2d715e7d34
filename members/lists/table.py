"""A table of people: its header, its columns and the rows below."""

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain, islice
from pathlib import Path

from members.console.spreadsheets import FORMULA
from members.lists import decoding, headers, refusals, states
from members.lists.headers import (
    BLOCKED,
    CONTROL,
    EMAIL,
    FAMILY_NAME,
    GIVEN_NAME,
    LOGIN,
    NAME,
    STATE,
    STATUS,
    USER_NAME,
)
from members.values import CJK

# Lines that may stand above the header: “#TYPE …”, “version:v1.0”, a title, the day.
LINES_BEFORE = 20
# Characters of a file of any length in which its header is looked for.
BEGINNING = 100_000
# A line has more cells than these only by mistake; a cell longer than `Cell.most` is cut, and said.
MAX_COLUMNS, MAX_CHARACTERS = 300, 1_000
FOUND_SHOWN, FOUND_LENGTH = 10, 60
EXAMPLES = ("Example:", "例:", "例：")
_SEPARATOR = re.compile(r'\A"?sep=(.)"?\r?\n', re.IGNORECASE)
_CHOICES = ",;\t|"
# Line behind the last one, of a character that no text has (decoding.py).
_END = "\0"
ADDRESSES = (EMAIL, USER_NAME, LOGIN)
JUDGES = {STATUS: states.by_status, STATE: states.by_status, BLOCKED: states.by_block, CONTROL: states.by_control}


@dataclass(frozen=True)
class Line:
    """A row below the header, with the number that a spreadsheet shows beside it."""

    number: int
    cells: Sequence[str]


@dataclass(frozen=True)
class Again:
    """Lines that are read again by each who asks for them."""

    begin: Callable[[], Iterator[Line]]

    def __iter__(self) -> Iterator[Line]:
        return self.begin()


class Columns:
    """The header of a list of people, and what it means for its lines. Raises NoAddressColumn, QuoteWithoutEnd."""

    lines: Iterable[Line]

    def __init__(self, text: str) -> None:
        self.delimiter, self.start, self.names = _header(text)
        meanings = [headers.meaning_of(name) for name in self.names]
        self._places: dict[str, list[tuple[int, int]]] = {}
        for index, meaning in enumerate(meanings):
            if meaning:
                self._places.setdefault(meaning[0], []).append((meaning[1], index))
        unused = [name for name, meaning in zip(self.names, meanings, strict=True) if not meaning and name]
        self.unused = shortened(unused)

    def __contains__(self, column: str) -> bool:
        return column in self._places

    def indexes(self, column: str) -> list[int]:
        """The places of the columns with that meaning, the most telling spelling first."""
        return [index for _place, index in sorted(self._places.get(column, []))]

    def values(self, line: Line, column: str) -> list[str]:
        """The row's cells in the columns of that meaning, without the empty ones."""
        found = (line.cells[index] for index in self.indexes(column) if index < len(line.cells))
        return [value for value in found if value]

    def value(self, line: Line, column: str) -> str:
        return next(iter(self.values(line, column)), "")

    def names_of(self, column: str) -> list[str]:
        """The names of the columns of that meaning, as they stand in the header."""
        return [self.names[index] for index in self.indexes(column)]

    def is_ambiguous(self, column: str) -> bool:
        """Whether two columns of that meaning contradict each other. Names may differ: the best kind counts."""
        places = sorted(self._places.get(column, []))
        if column == NAME:
            places = [place for place in places if place[0] == places[0][0]]
        if len(places) < 2:
            return False
        indexes = [index for _place, index in places]
        return any(len({line.cells[index] for index in indexes if index < len(line.cells)}) > 1 for line in self.lines)

    def joined_name(self, line: Line) -> str:
        """Given and family name as one, in the order of their language."""
        names = [self.value(line, GIVEN_NAME), self.value(line, FAMILY_NAME)]
        return " ".join(filter(None, reversed(names) if CJK.search("".join(names)) else names))

    @property
    def has_status(self) -> bool:
        return bool(self._status_columns)

    def status_words(self, line: Line) -> str:
        return ", ".join(text for column in self._status_columns for text in self.values(line, column))

    def sign_in_address(self, line: Line) -> str:
        """The sign-in name; an address counts before a short name."""
        login = self.value(line, LOGIN)
        address = login if "@" in login else ""
        return self.value(line, USER_NAME) or address or self.value(line, EMAIL) or login

    def is_active(self, line: Line) -> bool:
        """Whether none of the columns says that the person is not. Raises UnknownStatus."""
        found = {text: JUDGES[column](text) for column in self._status_columns for text in self.values(line, column)}
        if False in found.values():
            return False
        for text, active in found.items():
            if active is None:
                raise refusals.UnknownStatus(value=text[:FOUND_LENGTH])
        return True

    @cached_property
    def _status_columns(self) -> list[str]:
        """A column “state” only where all its words are known: in most lists it is a part of the country."""
        columns = [column for column in JUDGES if column in self]
        states_said = (states.by_status(text) for line in self.lines for text in self.values(line, STATE))
        return columns if None not in states_said else [column for column in columns if column != STATE]

    def _below(self, text: Iterable[str]) -> Iterator[Line]:
        rows = islice(_records(text, self.delimiter), self.start, None)
        for number, cells in enumerate(rows, self.start + 1):
            if self._says(cells):
                yield Line(number, cells)

    def _says(self, cells: list[str]) -> bool:
        """Whether the row is a person: not empty, and not the example in a template of Microsoft's."""
        return any(cells) and not (self.start > 1 and cells[0].startswith(EXAMPLES))


class Table(Columns):
    """A list of people with a header. Raises NoAddressColumn, EmptyFile, QuoteWithoutEnd, TooManyRows."""

    lines: list[Line]

    def __init__(self, text: str, most: int) -> None:
        super().__init__(text)
        said = self._below(_stream(text))
        self.lines = list(islice(said, most))
        if more := sum(1 for _line in said):
            raise refusals.TooManyRows(rows=len(self.lines) + more, most=most)


class LongTable(Columns):
    """The same of a file that need not fit into memory: it is read from its beginning for each question.

    Raises UnreadableFile, NoAddressColumn, QuoteWithoutEnd, EmptyFile, before any line is used.
    """

    def __init__(self, path: Path) -> None:
        self._path, self._encoding = path, decoding.encoding_of(path)
        with path.open(encoding=self._encoding, newline="") as file:
            super().__init__(decoding.readable(file.read(BEGINNING)))
        self.lines = Again(self._again)
        if not sum(1 for _line in self.lines):
            raise refusals.EmptyFile

    def _again(self) -> Iterator[Line]:
        with self._path.open(encoding=self._encoding, newline="") as file:
            yield from self._below(file)


def _header(text: str) -> tuple[str, int, list[str]]:
    """The delimiter, how many lines there are up to the header, and the names in it."""
    best: tuple[int, str, int, list[str]] = (0, "", 0, [""])
    broken: refusals.QuoteWithoutEnd | None = None
    said = _SEPARATOR.match(text)
    for delimiter in [said[1]] if said else _CHOICES:
        try:
            for number, names in enumerate(islice(_records(_stream(text), delimiter), LINES_BEFORE), 1):
                columns = {meaning[0] for name in names if (meaning := headers.meaning_of(name))}
                if columns.intersection(ADDRESSES) and len(columns) > best[0]:
                    best = (len(columns), delimiter, number, names)
        except refusals.QuoteWithoutEnd as refusal:
            broken = refusal
    if best[0]:
        return best[1:]
    if broken:
        raise broken
    if found := _found(text):
        raise refusals.NoAddressColumn(found=found)
    raise refusals.EmptyFile


def _found(text: str) -> list[str]:
    """The first line that says something, as it would be read."""
    first = next((line for line in text.splitlines() if line.strip() and not _SEPARATOR.match(line + "\n")), "")
    delimiter = max(_CHOICES, key=first.count)
    names = (name.strip(' "') for name in first[: 2 * FOUND_SHOWN * FOUND_LENGTH].split(delimiter))
    return shortened([name for name in names if name])


def shortened(names: list[str]) -> list[str]:
    """The first names of columns, each cut to the length of a name, for a refusal."""
    shown = [name if len(name) <= FOUND_LENGTH else f"{name[:FOUND_LENGTH]}…" for name in names[:FOUND_SHOWN]]
    return [*shown, "…"] if len(names) > FOUND_SHOWN else shown


def _stream(text: str) -> Iterable[str]:
    return io.StringIO(text, newline="")


def _records(text: Iterable[str], delimiter: str) -> Iterator[list[str]]:
    """Values of a spreadsheet, trimmed; without the apostrophe that our own files put before formulas.

    Raises QuoteWithoutEnd: a quoted value that is not closed would hold all the rows behind it.
    """
    row = 1
    try:
        for record in csv.reader(chain(text, [_END]), delimiter=delimiter):
            if record == [_END]:
                return
            if record and record[-1].endswith(_END):
                raise csv.Error
            yield [_armed(cell[: MAX_CHARACTERS + 1].strip()) for cell in record[:MAX_COLUMNS]] if any(record) else []
            row += 1
    except csv.Error:
        raise refusals.QuoteWithoutEnd(row=row) from None


def _armed(cell: str) -> str:
    """The cell without the apostrophe that keeps a spreadsheet from calculating it."""
    return cell[1:] if cell.startswith("'") and cell[1:].lstrip().startswith(FORMULA) else cell
