"""docs/lists.md says what the code reads: the names of columns, the words for active and inactive, known exports."""

import re

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from members.lists import headers, states
from members.lists.table import JUDGES
from members.models import Organization

PAGE = (settings.BASE_DIR / "docs/lists.md").read_text()
EXPORTS, COLUMNS, WORDS = re.split(r"^## .*$", PAGE, flags=re.MULTILINE)[1:]


def cells(section: str) -> list[list[str]]:
    rows = [line.strip("| ").split(" | ") for line in section.splitlines() if line.startswith("| ")]
    return rows[1:]


def quoted(text: str) -> list[str]:
    return re.findall(r"`([^`]+)`", text)


def test_every_name_of_a_column_is_on_the_page_and_no_other() -> None:
    assert [quoted(names) for _meaning, names in cells(COLUMNS)] == [
        spellings.split("|") for spellings in headers.SPELLINGS.values()
    ]


def test_every_word_is_on_the_page_and_no_other() -> None:
    told = {title: set(quoted(words)) for title, words in re.findall(r"^\* (\w+): (.*)$", WORDS, flags=re.MULTILINE)}
    assert told == {
        "Yes": states.YES, "No": states.NO, "Active": states.ACTIVE, "Inactive": states.INACTIVE,
    }  # fmt: skip


@pytest.mark.parametrize("row", cells(EXPORTS), ids=lambda row: row[0])
def test_a_known_export_is_read_as_the_page_says(row: list[str]) -> None:
    _program, columns, active, inactive = row
    meanings = [headers.meaning_of(name) for name in quoted(columns)]

    assert None not in meanings
    assert {headers.USER_NAME, headers.LOGIN, headers.EMAIL} & {meaning[0] for meaning in meanings if meaning}
    for told, expected in ((active, True), (inactive, False)):
        name, *words = quoted(told)
        meaning = headers.meaning_of(name)
        assert meaning
        assert words
        assert {JUDGES[meaning[0]](word) for word in words} == {expected}


def test_the_pages_that_take_a_list_say_which_exports_are_known(desk: Client, aozora: Organization) -> None:
    for name in ("members-import", "provisioning-preview"):
        page = desk.get(reverse(name, args=[aozora.space_key])).content.decode()
        assert "Microsoft 365, Google Workspace, Okta, OneLogin and JumpCloud" in page
