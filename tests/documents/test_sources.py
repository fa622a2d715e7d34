"""Rules of the sources that no tool checks: where refusals stand, and how comments begin."""

import ast
import io
import re
import tokenize
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

from tests.cast.every_refusal import every_refusal

APPS = ("members", "saml", "provisioning", "api", "operations", "demo", "nulab_org")
# Clauses in place of a noun: the reader has to find out what is returned.
CLAUSE = re.compile(r"(What|Whatever|Who|Whoever|Whom|Whose)\b")


def sources() -> Iterator[tuple[Path, str]]:
    for app in APPS:
        for path in (settings.BASE_DIR / app).rglob("*.py"):
            if "migrations" not in path.parts:
                yield path.relative_to(settings.BASE_DIR), path.read_text("utf-8")


def beginnings(source: str) -> Iterator[tuple[int, str]]:
    """Line and text of each docstring and of the first line of each comment."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and (text := ast.get_docstring(node)):
            yield node.body[0].lineno, text
    last = 0
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            if token.start[0] != last + 1:
                yield token.start[0], token.string.lstrip("#- ")
            last = token.start[0]


def test_every_refusal_stands_in_a_file_of_refusals() -> None:
    elsewhere = {kind.__name__: kind.__module__ for kind in every_refusal().values()}

    assert [name for name, module in elsewhere.items() if not module.endswith("refusals")] == []


def test_a_comment_begins_with_its_noun() -> None:
    clauses = [
        f"{path}:{line} {text.splitlines()[0]}"
        for path, source in sources()
        for line, text in beginnings(source)
        if CLAUSE.match(text)
    ]

    assert clauses == []
