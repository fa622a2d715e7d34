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


# Names as administrators write them, beside those of exports.
READ_AS = {
    headers.BLOCKED: [
        "Disabled?", "Account is disabled", "Account suspended", "User blocked", "Login disabled", "isDeactivated",
        "停止フラグ", "利用停止フラグ", "退職済み", "アカウントの停止", "ログイン停止", "Locked flag",
    ],
    headers.STATUS: [
        "Active?", "User enabled", "Sign-in enabled", "Account active", "有効フラグ",
        "アカウントの有効/無効", "在職状況",
    ],
    headers.STATE: ["ユーザー状態", "在籍", "userState"],
    headers.EMAIL: ["User email", "Login e-mail", "emails.value", 'emails[type eq "work"].value', "会社メールアドレス"],
    headers.GIVEN_NAME: ["name.givenName"],
    headers.NAME: ["name.fullName"],
    None: ["Account name", "Account type", "userType", "isGuest", "Login count", "退職日", "accountExpires", "flag"],
}  # fmt: skip


@pytest.mark.parametrize("column", READ_AS)
def test_whose_a_column_is_may_be_said_in_its_name(column: str | None) -> None:
    for name in READ_AS[column]:
        meaning = headers.meaning_of(name)
        assert (meaning and meaning[0]) == column, name


@pytest.mark.parametrize(
    ("words", "is_active"),
    [(["停止済", "退職済", "無効化", "休止中", "✗", "Left company"], False), (["有効化", "利用可能", "✔"], True)],
)
def test_words_are_known_in_their_short_forms(words: list[str], is_active: bool) -> None:
    for word in words:
        assert states.by_status(word) == is_active, word
        assert states.by_block(word) in (is_active, None) or word in "✗✔", word


def test_the_pages_that_take_a_list_say_which_exports_are_known(desk: Client, aozora: Organization) -> None:
    for name in ("members-import", "provisioning-preview"):
        page = desk.get(reverse(name, args=[aozora.space_key])).content.decode()
        assert "Microsoft 365, Google Workspace, Okta, OneLogin and JumpCloud" in page
