"""CSV for spreadsheets: sent while it is made, readable in Excel, and never a formula."""

import csv
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django.http import StreamingHttpResponse
from django.utils import timezone, translation

# By this Excel knows that the file is UTF-8.
MARK = "\ufeff"
# What makes a spreadsheet calculate a cell; the wide forms count where Japanese is typed.
FORMULA = ("=", "+", "-", "@", "＝", "＋", "－", "＠")


def cell(value: Any) -> str:
    """As text; what would be a formula begins with an apostrophe and is shown as it is."""
    text = "" if value is None else str(value)
    return f"'{text}" if text.lstrip().startswith(FORMULA) or text.startswith(("\t", "\r", "\n")) else text


class _Echo:
    """csv writes into files; here a line is wanted."""

    def write(self, line: str) -> str:
        return line


def download(
    name: str, header: Sequence[str], batches: Iterable[Sequence[Any]], row_of: Callable[[Any], Sequence[Any]]
) -> StreamingHttpResponse:
    """The file NAME.csv: a batch of rows at a time, in the language and time zone of whoever asked for it."""
    language, zone = translation.get_language(), timezone.get_current_timezone()
    writer = csv.writer(_Echo())

    def lines() -> Iterable[str]:
        yield MARK + str(writer.writerow(header))
        for batch in batches:
            # The middleware that chose them is long through when this runs.
            with translation.override(language), timezone.override(zone):
                text = "".join(str(writer.writerow([cell(value) for value in row_of(row)])) for row in batch)
            yield text

    response = StreamingHttpResponse(lines(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    response["Cache-Control"] = "no-store"
    return response
