"""The language of the site for a text in the form of Accept-Language (RFC 7643 §4.1.1)."""

import re

from members.values import LANGUAGES

_WEIGHT = re.compile(r"q\s*=\s*([01](?:\.[0-9]{0,3})?)", re.IGNORECASE)


def language_of(sent: str) -> str | None:
    """The first that fits of "ja-JP", "ja_JP", "fr;q=0.3, ja;q=0.8": the heaviest, among equals the one named first."""
    weighed = [(_weight(parameters), tag) for tag, _, parameters in (one.partition(";") for one in sent.split(","))]
    for weight, tag in sorted(weighed, key=lambda pair: -pair[0]):
        primary = tag.replace("_", "-").partition("-")[0].strip().casefold()
        if weight and primary in LANGUAGES:
            return primary
    return None


def _weight(parameters: str) -> float:
    """The q of an entry, 1 unless it is given; 0 means “not this one”."""
    found = _WEIGHT.fullmatch(parameters.strip())
    return min(1.0, float(found[1])) if found else 1.0
