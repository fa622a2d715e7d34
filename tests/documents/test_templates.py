"""What holds for every template, whichever page it is of."""

import re
from collections.abc import Iterator

from django.conf import settings

TEMPLATES = settings.BASE_DIR / "templates"
COLUMNS = 120
TAKEN_IN = re.compile(r"{% (?:include|extends) [\"']([^\"']+)[\"']")
APPS = {"demo", "members", "provisioning", "saml"}


def lines() -> Iterator[tuple[str, str]]:
    """Name of the template and line, of all that are written in HTML; in a mail's text the width is what is sent."""
    for path in sorted(TEMPLATES.rglob("*.html")):
        for line in path.read_text().splitlines():
            yield path.relative_to(TEMPLATES).as_posix(), line


def test_a_line_is_seen_whole() -> None:
    assert [(name, line) for name, line in lines() if len(line) > COLUMNS] == []


def test_no_app_takes_in_a_template_of_another() -> None:
    taken = [(name, other) for name, line in lines() for other in TAKEN_IN.findall(line)]
    owned = [(name, other) for name, other in taken if owner(other) in APPS and owner(other) != owner(name)]

    assert taken
    assert owned == []


def owner(name: str) -> str:
    """The app, or what belongs to all: components, the frame."""
    return name.partition("/")[0]
