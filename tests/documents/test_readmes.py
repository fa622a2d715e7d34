"""README in two languages: the same sections, commands and links, and a way from each to the other."""

import base64
import re
import shlex
import subprocess
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import load_command_class
from django_otp.oath import totp
from markdown_it.token import Token

from tests.cast.readme import ENGLISH, JAPANESE, READMES, fences, rows, tokens_of

COMMENT = re.compile(r"\s+# .*")
OPTION = re.compile(r"(?<![\w-])--[a-z-]+")
# A label of another product has a space before it.
HALF_WIDTH = re.compile(r"(?<! )\([^()]*[\u3040-\u30ff\u4e00-\u9fff][^()]*\)")
SHAPE = ("heading_open", "tr_open", "th_open", "ordered_list_open", "bullet_list_open", "list_item_open", "fence")


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


@pytest.mark.parametrize("page", [JAPANESE, *map(str, sorted(Path("docs/guides").glob("*.ja.md")))])
def test_japanese_is_in_full_width_parentheses(page: str) -> None:
    assert HALF_WIDTH.findall(Path(page).read_text()) == []


def test_each_leads_to_the_other_and_both_to_the_same_pages() -> None:
    english, japanese = links(ENGLISH), links(JAPANESE)

    english.remove(JAPANESE)
    japanese.remove(ENGLISH)
    assert english == japanese


@pytest.mark.parametrize("readme", READMES)
def test_what_it_links_to_is_there(readme: str) -> None:
    missing = [link for link in links(readme) if "://" not in link and not Path(settings.BASE_DIR, link).exists()]

    assert missing == []


COMMANDS = {row[0].codes[0]: row for row in rows(ENGLISH, "Commands")}


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_is_there_with_the_options_that_are_told_of(command: str) -> None:
    name, *arguments = shlex.split(command)
    (room,) = (path.parts[-4] for path in Path(settings.BASE_DIR).glob(f"*/management/commands/{name}.py"))
    parser = load_command_class(room, name).create_parser("manage.py", name)

    told = {option for cell in COMMANDS[command] for code in cell.codes for option in OPTION.findall(code)}
    assert told <= set(OPTION.findall(parser.format_help()))
    parser.parse_args(arguments)


def test_the_command_for_a_code_shows_what_an_app_would() -> None:
    (command,) = fences(ENGLISH, "Signing in")
    secret = base64.b32encode(b"twenty letters, or so").decode()

    before = totp(base64.b32decode(secret))
    shown = subprocess.run(
        ["bash", "-c", command.replace("SECRET", secret)], cwd=settings.BASE_DIR, capture_output=True, check=True
    )

    # Half a minute may have ended meanwhile.
    assert int(shown.stdout) in (before, totp(base64.b32decode(secret)))
