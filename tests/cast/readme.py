"""The README as something to be followed: its numbered paths, tables and commands, and the words to press in them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from django.conf import settings
from markdown_it import MarkdownIt
from markdown_it.token import Token

READMES = ENGLISH, JAPANESE = "README.md", "README.ja.md"
ADDRESS = re.compile(r"http://localhost:800\d/\w*")


@dataclass(frozen=True)
class Sentence:
    """A step, or a cell; what is bold in it is what the reader presses or sees."""

    text: str
    # The same with ** in the place of what is bold.
    frame: str
    words: list[str] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)

    @property
    def addresses(self) -> list[str]:
        return ADDRESS.findall(self.text)


def tokens_of(readme: str) -> list[Token]:
    return MarkdownIt("commonmark").enable("table").parse(Path(settings.BASE_DIR, readme).read_text("utf-8"))


def sections(readme: str) -> list[list[Token]]:
    """What stands below each heading, in order: the languages have the same ones."""
    found: list[list[Token]] = [[]]
    for token in tokens_of(readme):
        if token.type == "heading_open" and token.tag == "h2":
            found.append([])
        found[-1].append(token)
    return found


def section_titled(title: str) -> int:
    """The place of the section that the English README calls so."""
    return next(
        place for place, tokens in enumerate(sections(ENGLISH)) if len(tokens) > 1 and tokens[1].content == title
    )


def steps(readme: str, title: str) -> list[Sentence]:
    """The items of the numbered lists of a section; the title is the English one."""
    found, is_within = [], False
    for token in sections(readme)[section_titled(title)]:
        is_within = (is_within or token.type == "ordered_list_open") and token.type != "ordered_list_close"
        if is_within and token.type == "inline":
            found.append(sentence_of(token))
    return found


def rows(readme: str, title: str) -> list[list[Sentence]]:
    """The rows of the tables of a section, without their heads."""
    found: list[list[Sentence]] = []
    is_cell = False
    for token in sections(readme)[section_titled(title)]:
        if token.type == "tr_open":
            found.append([])
        if token.type in ("td_open", "td_close"):
            is_cell = token.type == "td_open"
        if is_cell and token.type == "inline":
            found[-1].append(sentence_of(token))
    return [row for row in found if row]


def fences(readme: str, title: str) -> list[str]:
    """What a section gives to be typed into a shell."""
    return [token.content for token in sections(readme)[section_titled(title)] if token.type == "fence"]


def sentence_of(token: Token) -> Sentence:
    text = "".join(_texts(token))
    words = re.findall(r"\*\*(.+?)\*\*", text)
    codes = [child.content for child in token.children or [] if child.type == "code_inline"]
    return Sentence(text, re.sub(r"\*\*.+?\*\*", "**", text), words, codes)


def _texts(token: Token) -> Iterator[str]:
    for child in token.children or []:
        if child.type in ("strong_open", "strong_close"):
            yield "**"
        elif child.type == "softbreak":
            yield " "
        else:
            yield child.content
