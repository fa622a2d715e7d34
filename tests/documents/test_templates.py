"""What holds for every template, whichever page it is of."""

from collections.abc import Iterator

from django.conf import settings

TEMPLATES = settings.BASE_DIR / "templates"
COLUMNS = 120


def lines() -> Iterator[tuple[str, str]]:
    """Name of the template and line, of all that are written in HTML; in a mail's text the width is what is sent."""
    for path in sorted(TEMPLATES.rglob("*.html")):
        for line in path.read_text().splitlines():
            yield path.relative_to(TEMPLATES).as_posix(), line


def test_a_line_is_seen_whole() -> None:
    assert [(name, line) for name, line in lines() if len(line) > COLUMNS] == []
