"""What holds for every template, whichever page it is of."""

import re
from collections.abc import Iterator

from django.conf import settings
from django.template.loader import get_template

TEMPLATES = settings.BASE_DIR / "templates"
COLUMNS = 120
TAKEN_IN = re.compile(r"{% (?:include|extends) [\"']([^\"']+)[\"']")
NAMED = re.compile(r"[\"']((?:[a-z_]+/)*[a-z_0-9]+\.html)\b")
COMPONENTS = re.compile(r'{% component "([a-z_]+)"')
COMMENTS = re.compile(r"{#.*?#}|{% comment %}.*?{% endcomment %}", re.DOTALL)
# The frame of a letter, which is found by its kind; a part of the Django admin's pages, which Django names.
FOUND_BY_KIND = {"mail/frame/letter.html", "admin/change_form_object_tools.html"}
APPS = {"api", "demo", "members", "provisioning", "saml"}


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


def test_a_template_that_is_named_is_there_and_each_is_named_somewhere() -> None:
    named = {name for text in written() for name in NAMED.findall(text)}
    named |= {f"components/{name}.html" for text in written() for name in COMPONENTS.findall(text)}

    for name in named:
        get_template(name)
    assert {name for name, _ in lines()} - named == FOUND_BY_KIND


def written() -> Iterator[str]:
    """Code and templates, without the comments that say how a component is used."""
    for app in (*APPS, "nulab_org", "operations"):
        yield from (path.read_text() for path in (settings.BASE_DIR / app).rglob("*.py"))
    for path in TEMPLATES.rglob("*.html"):
        yield COMMENTS.sub("", path.read_text())
