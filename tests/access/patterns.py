"""Every URL pattern that the site answers to, by the name that the table calls it by."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import quote

from django.urls import URLPattern, URLResolver, get_resolver

# Of a path() and of a re_path(); a choice that is not taken is left out.
_PARAMETER = re.compile(r"<(?:\w+:)?(\w+)>|\(\?P<(\w+)>(?:[^()]|\([^()]*\))*\)")
_REGEX_ONLY = re.compile(r"[\^$?]|\(\?:|\)|/\*|(?<=/)\+|\\")


@dataclass(frozen=True)
class Pattern:
    name: str
    route: str

    @property
    def parameters(self) -> list[str]:
        return [path or regex for path, regex in _PARAMETER.findall(self.route)]

    def path(self, values: dict[str, str]) -> str:
        """The address with these values in it, whatever they are; reverse() would refuse the odd ones."""
        parts, end = [], 0
        for found in _PARAMETER.finditer(self.route):
            name = found[1] or found[2]
            safe = "/" if "path:" in found[0] else ""
            parts += [_REGEX_ONLY.sub("", self.route[end : found.start()]), quote(values[name], safe=safe)]
            end = found.end()
        return "/" + "".join([*parts, _REGEX_ONLY.sub("", self.route[end:])])


def every_pattern() -> dict[str, Pattern]:
    found = list(_below(get_resolver().url_patterns, "", ""))
    by_name = {pattern.name: pattern for pattern in found}
    assert len(by_name) == len(found), "two patterns share a name, so one of them would have no line of its own"
    return by_name


def _below(patterns: list[URLPattern | URLResolver], route: str, space: str) -> Iterator[Pattern]:
    for one in patterns:
        here = route + str(one.pattern)
        if isinstance(one, URLResolver):
            yield from _below(one.url_patterns, here, f"{space}{one.namespace}:" if one.namespace else space)
        else:
            yield Pattern(f"{space}{one.name or here}", here)
