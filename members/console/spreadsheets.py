"""CSV for spreadsheets: sent while it is made, readable in Excel, and never a formula."""

import csv
from collections.abc import Callable, Iterable, Iterator, Sequence
from threading import BoundedSemaphore
from typing import Any

from django.db.models import TextChoices
from django.http import StreamingHttpResponse
from django.utils import timezone, translation

from members.console.pages import OrganizationRequest
from members.console.refusals import TooManyExports
from members.models import Organization, audit
from members.models.changing import changing

# Byte order mark: by this Excel knows that the file is UTF-8.
MARK = "\ufeff"
# First characters that make a spreadsheet calculate a cell; the wide forms do so in Japanese ones.
FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")


def cell(value: Any) -> str:
    """The value as text. A would-be formula gets an apostrophe in front, so that it is shown and not calculated."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.lstrip().startswith(FORMULA) or text.startswith(("\t", "\r", "\n")) else text


class _Echo:
    """A stand-in for the file that csv writes into: returns each line."""

    def write(self, line: str) -> str:
        return line


# Files at once in a process: those of a million lines must leave threads for people who sign in.
_room = BoundedSemaphore(2)


class _Lines:
    """The lines of one file. The server closes them when all are sent, or the reader has gone."""

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines, self._room = lines, _room
        self._is_open = self._room.acquire(blocking=False)
        if not self._is_open:
            raise TooManyExports

    def __iter__(self) -> Iterator[str]:
        return iter(self._lines)

    def close(self) -> None:
        if self._is_open:
            self._is_open = False
            self._room.release()

    # A response that nobody closed is no reason to refuse the next one.
    __del__ = close


def exported(
    request: OrganizationRequest,
    event: TextChoices,
    name: str,
    header: Sequence[str],
    batches: Iterable[Sequence[Any]],
    row_of: Callable[[Any], Sequence[Any]],
    chosen: dict[str, list[Any]],
) -> StreamingHttpResponse:
    """The file of today. Taking a copy is an event, with what was chosen for it. Raises TooManyExports."""
    file = download(of_today(name, request.organization), header, batches, row_of)
    try:
        with changing():
            audit.record(event, request.organization, by=request.actor, changes=chosen)
    except BaseException:
        file.close()
        raise
    return file


def of_today(name: str, organization: Organization) -> str:
    return f"{name}-{timezone.localdate():%Y%m%d}-{organization.slug}"


def download(
    name: str, header: Sequence[str], batches: Iterable[Sequence[Any]], row_of: Callable[[Any], Sequence[Any]]
) -> StreamingHttpResponse:
    """The file NAME.csv: a batch of rows at a time, in the language and time zone of the request.

    Raises TooManyExports.
    """
    language, zone = translation.get_language(), timezone.get_current_timezone()
    writer = csv.writer(_Echo(), quoting=csv.QUOTE_ALL)

    def lines() -> Iterable[str]:
        yield MARK + str(writer.writerow(header))
        for batch in batches:
            # The middleware that chose them is long through when this runs.
            with translation.override(language), timezone.override(zone):
                text = "".join(str(writer.writerow([cell(value) for value in row_of(row)])) for row in batch)
            yield text

    response = StreamingHttpResponse(_Lines(lines()), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    response["Cache-Control"] = "no-store"
    return response
