"""The text of a file in any of the usual encodings."""

from pathlib import Path

from members.lists import refusals

# Encodings by byte order mark, and by the place of the NULs in UTF-16 without one.
MARKS = ((b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"), (b"\xef\xbb\xbf", "utf-8-sig"))
# Bytes that tell the encoding.
BEGINNING = 200
MIB = 1024 * 1024


def decoded(content: bytes, *, most_bytes: int, most_people: int) -> str:
    """The text of UTF-8, UTF-16 or else Shift_JIS, as Excel in Japan writes it. Raises FileTooLarge, UnreadableFile."""
    if len(content) > most_bytes:
        raise refusals.FileTooLarge(size=most_bytes // MIB, most=most_people)
    for encoding in _candidates(content):
        try:
            return readable(content.decode(encoding))
        except UnicodeDecodeError:
            continue
    raise refusals.UnreadableFile


def encoding_of(path: Path) -> str:
    """The encoding of a file of any length, which is read piece by piece. Raises UnreadableFile."""
    with path.open("rb") as file:
        beginning = file.read(BEGINNING)
    for encoding in _candidates(beginning):
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


def _candidates(content: bytes) -> list[str]:
    for mark, encoding in MARKS:
        if content.startswith(mark):
            return [encoding]
    beginning = content[:BEGINNING]
    if b"\0" in beginning:
        return ["utf-16-le" if beginning[1::2].count(0) > beginning[::2].count(0) else "utf-16-be"]
    return ["utf-8", "cp932"]
