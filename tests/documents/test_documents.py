"""What the documents for developers name is there: files, commands of make, fixtures, refusals of a wrong name."""

import re
from fnmatch import fnmatch
from functools import cache
from pathlib import Path

import pytest
from django.conf import settings

from tests.conftest import ONCE

ROOT = Path(settings.BASE_DIR)
TESTS = ROOT / "tests"
APPS = ("api", "members", "nulab_org", "operations", "provisioning", "saml")
OF_A_DATABASE = re.compile(r"vendor [!=]=|MigrationExecutor\(|ThreadPoolExecutor\(")
DOCUMENTS = ["CONTRIBUTING.md", "README.md", *sorted(f"docs/{path.name}" for path in (ROOT / "docs").glob("*.md"))]
CODE = re.compile(r"`([^`\n]+)`")
# Names in the sources that whoever runs the site has to know.
METRIC = re.compile(r"""(?:Counter|Histogram|auge)\(\s*"(nulab_\w+)\"""")
VARIABLE = re.compile(r"""\benv(?:\.\w+)?\(\s*"([A-Z_]+)\"""")
FENCE = re.compile(r"^```.*?^```", re.DOTALL | re.MULTILINE)
# A file or folder of ours: no address, no variable of a sentence such as STORY or <app>, nothing that is made at work.
PATH = re.compile(r"(?!/|build/|\.|test_x)[a-z_*.@/-]+(?:/|\.(?:py|md|txt|html|css|js|po|in|conf|service|timer))")
MADE_AT_WORK = {".git", ".venv", "build", "node_modules", "__pycache__"}


def codes(document: str) -> set[str]:
    return set(CODE.findall(FENCE.sub("", (ROOT / document).read_text("utf-8"))))


@cache
def everything() -> list[str]:
    """Files and folders, these with a slash behind."""
    found = []
    for path in ROOT.rglob("*"):
        parts = path.relative_to(ROOT).parts
        if not MADE_AT_WORK & set(parts):
            found.append("/".join(parts) + "/" * path.is_dir())
    return found


def is_there(named: str) -> bool:
    """The path, or its end where the sentence has said which folder it is in."""
    return any(fnmatch(path, named) or fnmatch(path, f"*/{named}") for path in everything())


@pytest.mark.parametrize("document", DOCUMENTS)
def test_each_file_that_a_document_names_is_there(document: str) -> None:
    named = {code.partition(":")[0] for code in codes(document)}

    assert sorted(path for path in named if PATH.fullmatch(path) and not is_there(path)) == []


def test_each_metric_each_door_and_each_variable_is_told_of() -> None:
    told = codes("docs/operations.md")
    sources = [path.read_text("utf-8") for app in APPS for path in (ROOT / app).rglob("*.py")]
    metrics = {name for source in sources for name in METRIC.findall(source)}
    variables = {name for source in sources for name in VARIABLE.findall(source)}

    assert len(metrics) > 9
    assert len(variables) > 29
    assert sorted(name for name in metrics if not any(code.startswith(name) for code in told)) == []
    assert sorted(variables - told) == []
    (doors,) = re.findall(r"Doors are (.*?) \|", (ROOT / "docs/operations.md").read_text("utf-8"))
    assert set(CODE.findall(doors)) == {*settings.DOORS, "page"}


def test_each_command_of_make_that_is_told_of_is_one() -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    told = "\n".join((ROOT / document).read_text("utf-8") for document in DOCUMENTS)

    assert set(re.findall(r"(?<=`|\n)(?:\w+=\S+ )*make ([a-z]+)", told)) - targets == set()


def test_each_fixture_that_is_told_of_is_there() -> None:
    rows = re.findall(r"^\| (`.+?) \|", (ROOT / "CONTRIBUTING.md").read_text("utf-8"), re.MULTILINE)
    told = {name for row in rows for name in CODE.findall(row) if name.isidentifier()}
    sources = "\n".join(path.read_text("utf-8") for path in (ROOT / "tests").rglob("*.py"))
    ours = set(re.findall(r"^@pytest\.fixture.*\ndef (\w+)", sources, re.MULTILINE))

    assert {"support_desk", "postman"} <= told
    assert told - ours == {"client", "db", "page"}


def test_each_room_that_runs_on_one_database_only_is_there_and_asks_for_none() -> None:
    modules = {one: [*TESTS.glob(f"{one}.py"), *TESTS.glob(f"{one}/test_*.py")] for one in ONCE}

    assert [one for one, found in modules.items() if not found] == []
    assert [
        one for one, found in modules.items() if any(OF_A_DATABASE.search(path.read_text()) for path in found)
    ] == []
