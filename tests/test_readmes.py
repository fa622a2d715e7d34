"""README in two languages: the same sections, commands and links, and a way from each to the other."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from markdown_it import MarkdownIt
from markdown_it.token import Token

READMES = ENGLISH, JAPANESE = "README.md", "README.ja.md"
COMMENT = re.compile(r"\s+# .*")
SHAPE = ("heading_open", "tr_open", "th_open", "ordered_list_open", "bullet_list_open", "list_item_open", "fence")


def tokens_of(readme: str) -> list[Token]:
    return MarkdownIt("commonmark").enable("table").parse(Path(settings.BASE_DIR, readme).read_text("utf-8"))


def within(readme: str) -> list[Token]:
    return [child for token in tokens_of(readme) for child in token.children or []]


def commands(readme: str) -> list[str]:
    """What stands in blocks to be typed, without what is said beside it."""
    return [COMMENT.sub("", token.content) for token in tokens_of(readme) if token.type == "fence"]


def codes(readme: str) -> list[str]:
    return sorted(token.content for token in within(readme) if token.type == "code_inline")


def links(readme: str) -> list[str]:
    return sorted(str(token.attrGet("href")) for token in within(readme) if token.type == "link_open")


def test_both_name_the_same_commands() -> None:
    assert commands(ENGLISH) == commands(JAPANESE)
    assert codes(ENGLISH) == codes(JAPANESE)


def test_both_have_the_same_sections() -> None:
    shapes = [[token.type + token.tag for token in tokens_of(readme) if token.type in SHAPE] for readme in READMES]

    assert shapes[0] == shapes[1]


def test_each_leads_to_the_other_and_both_to_the_same_pages() -> None:
    english, japanese = links(ENGLISH), links(JAPANESE)

    english.remove(JAPANESE)
    japanese.remove(ENGLISH)
    assert english == japanese


@pytest.mark.parametrize("readme", READMES)
def test_what_it_links_to_is_there(readme: str) -> None:
    missing = [link for link in links(readme) if "://" not in link and not Path(settings.BASE_DIR, link).exists()]

    assert missing == []
