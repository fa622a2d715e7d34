"""The text of a file in any of the usual encodings."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from members.lists import refusals

# Encodings by byte order mark, and by the place of the NULs in UTF-16 without one.
MARKS = ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"\xef\xbb\xbf", "utf-8-sig"))
# Bytes that tell the encoding.
BEGINNING = 200
MIB = 1024 * 1024
# Names of the encodings of which no byte tells: what Excel writes in the West and in Japan.
GUESSED = {"cp1252": "Windows-1252", "cp932": "Shift_JIS"}
# Letters of Windows-1252 stand alone between those of ASCII; those of Shift_JIS begin below C0 or stand side by side.
# Below C0 are apostrophe, dashes and Š, Œ, Ž, š, œ, ž, Ÿ: they are meant where letters of ASCII come before and behind
# them, or two behind them, of which Shift_JIS takes one for its own.
_BEYOND_ASCII, _SIDE_BY_SIDE = re.compile(rb"[\x80-\xff]+"), re.compile(rb"[\x80-\xff]{2}")
_WESTERN = re.compile(
    rb"(?<![\x80-\xff])(?:[\xc0-\xd6\xd8-\xf6\xf8-\xff]"
    rb"|(?:(?<=[A-Za-z])(?=.[A-Za-z])|(?=.[A-Za-z]{2}))[\x8a\x8c\x8e\x92\x96\x97\x9a\x9c\x9e\x9f])(?![\x80-\xff])",
    re.DOTALL,
)


@dataclass(frozen=True)
class Decoded:
    """A text, and the name of its encoding where that was guessed, else ""."""

    text: str
    guess: str = ""


def decoded(content: bytes, *, most_bytes: int, most_people: int) -> Decoded:
    """The text of UTF-8 or UTF-16, or else of Windows-1252 or Shift_JIS. Raises FileTooLarge, UnreadableFile."""
    if len(content) > most_bytes:
        raise refusals.FileTooLarge(size=most_bytes // MIB, most=most_people)
    for encoding in _candidates(content[:BEGINNING], [content]):
        try:
            return Decoded(readable(content.decode(encoding)), GUESSED.get(encoding, ""))
        except UnicodeDecodeError:
            continue
    raise refusals.UnreadableFile


def encoding_of(path: Path) -> str:
    """The encoding of a file of any length, which is read piece by piece. Raises UnreadableFile."""
    with path.open("rb") as file:
        beginning = file.read(BEGINNING)
    for encoding in _candidates(beginning, _pieces(path)):
        try:
            with path.open(encoding=encoding, newline="") as file:
                while piece := file.read(MIB):
                    readable(piece)
            return encoding
        except UnicodeDecodeError:
            continue
    raise refusals.UnreadableFile


def readable(text: str) -> str:
    """The text without byte order mark. Raises UnreadableFile where it is no text."""
    if "\0" in text:
        raise refusals.UnreadableFile
    return text.removeprefix("\ufeff")


def _pieces(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while piece := file.read(MIB):
            yield piece


def _candidates(beginning: bytes, pieces: Iterable[bytes]) -> Iterator[str]:
    """The encodings to try, the likeliest first; `pieces` are the whole content."""
    if marked := next((encoding for mark, encoding in MARKS if beginning.startswith(mark)), ""):
        yield marked
    elif b"\0" in beginning:
        yield "utf-16-le" if beginning[1::2].count(0) > beginning[::2].count(0) else "utf-16-be"
    else:
        yield "utf-8"
        western, others, is_alone = _counts(pieces)
        if western > others:
            yield "cp1252"
        yield "cp932"
        # Signs such as a dash, which say nothing before Shift_JIS has failed. Other encodings of Asia have pairs only.
        if western or is_alone:
            yield "cp1252"


def _counts(pieces: Iterable[bytes]) -> tuple[int, int, bool]:
    """The runs beyond ASCII that are letters of Windows-1252, the others, and whether none is longer than a byte."""
    western, all_runs, is_alone = 0, 0, True
    for piece in pieces:
        western += len(_WESTERN.findall(piece))
        all_runs += len(_BEYOND_ASCII.findall(piece))
        is_alone = is_alone and not _SIDE_BY_SIDE.search(piece)
    return western, all_runs - western, is_alone
