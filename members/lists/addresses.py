"""A list without columns: addresses alone, or with names as mail programs write them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice

_LINES = re.compile(r"[;；\t\r\n]+")
_COMMAS = re.compile(r"[,，、]")
_BETWEEN = re.compile(r"[,;，、；\t]")
_NAMED = re.compile(r"\A(?P<name>[^<]*)<(?P<address>[^<>]*)>\Z")
# Characters that are kept of an address and of a name: more than any has.
MAX_KEPT = 1_000


@dataclass(frozen=True)
class Addressee:
    address: str
    name: str = ""


def addressees_in(text: str) -> Iterator[Addressee]:
    """The addresses with their names, in the order of the text. A part that is no address is returned as it is."""
    for one in _whole(text):
        yield Addressee(one.address[:MAX_KEPT], one.name[:MAX_KEPT])


def _whole(text: str) -> Iterator[Addressee]:
    for piece in _LINES.split(text):
        for part in _parts(piece):
            named = _NAMED.match(part)
            if named:
                yield Addressee(named["address"].strip(), named["name"].strip(" \"'"))
            elif all("@" in word for word in part.split()):
                yield from (Addressee(word.strip("\"'")) for word in part.split())
            else:
                yield Addressee(part)


def _parts(piece: str) -> Iterator[str]:
    """Split at commas, except the one in “Ono, Riku <riku.ono@aozora.example>”."""
    parts = [part.strip() for part in _COMMAS.split(piece)]
    waiting: list[str] = []
    for part in parts:
        waiting.append(part)
        if "@" in part:
            yield from [", ".join(filter(None, waiting))] if "<" in part else filter(None, waiting)
            waiting = []
    yield from filter(None, waiting)


def is_list(text: str, most: int) -> bool:
    """Whether the text has no columns: only addresses, or one entry a line with an address first."""
    found = list(islice(addressees_in(text), most))
    if not found or "@" not in found[0].address:
        return False
    return all("@" in one.address for one in found) or not _BETWEEN.search(text)
