"""What the sync activity keeps of a request: the values of attributes that are stored, and of nothing else.

Names stay, so that an administrator sees what the mapping sends. Every other value may be a secret, whatever it is
called, and is hidden. All of it takes time in proportion to what was sent.
"""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qsl

import orjson

from members.refusals import Refusal
from provisioning.scim.wire.attributes import Attributes, split_urn
from provisioning.scim.wire.depth import is_too_deep
from provisioning.scim.wire.quoting import QUOTED, SINGLE_QUOTED
from provisioning.scim.wire.refusals import InvalidFilter, WithPath

HIDDEN = "•••"
BODY_MOST, NAME_MOST, ENTRIES_MOST, PARAMETERS_MOST = 4000, 200, 100, 20
OPERATORS = ("eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le")
# What an entry of a multi-valued attribute may be called (RFC 7643 §4.1.2), and what is no secret anywhere.
PLAIN = ("work", "home", "other", "mobile", "fax", "pager", "photo", "thumbnail", "true", "false", "null")
RESOURCES = ("users", "groups", "schemas", "resourcetypes")
_TOKEN = re.compile(rf'{QUOTED}|{SINGLE_QUOTED}|[()\[\]]|\s++|[^\s"()\[\]]++', re.DOTALL)
_NAME = re.compile(r"[\w.$][\w.$:-]*+,?")
_SCHEMA = re.compile(r"urn:[\w.:-]++", re.IGNORECASE)
_WHOLE = re.compile(r"[+-]?[0-9]{1,19}")


def without_nul(value: Any) -> Any:
    """What was sent, as PostgreSQL can keep it: NUL has no place in its text and JSON."""
    if isinstance(value, dict):
        return {without_nul(key): without_nul(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [without_nul(inner) for inner in value]
    return value.replace("\x00", "\\0") if isinstance(value, str) else value


def _hidden(token: str) -> str:
    return f'"{HIDDEN}"' if token.startswith('"') else HIDDEN


class Masking:
    """For one resource: its attributes, and whether a name can be filtered by."""

    def __init__(self, attributes: Attributes, is_filterable: Callable[[str], bool]) -> None:
        self.attributes, self.is_filterable = attributes, is_filterable

    def refusal(self, refusal: Refusal) -> None:
        """Masks the figures that hold what was sent; the sentence is made of them."""
        figures = refusal.figures
        if isinstance(refusal, WithPath):
            figures["path"] = self.path(figures.get("path", ""))
        elif isinstance(refusal, InvalidFilter):
            figures["filter"] = self.filter(figures.get("filter", ""))

    # -- bodies

    def body(self, body: Any) -> str:
        """A body as JSON: a resource, or the operations of a PATCH."""
        shown = self._object(without_nul(body)) if isinstance(body, dict) else HIDDEN
        return orjson.dumps(shown).decode()[:BODY_MOST]

    def _object(self, sent: dict[str, Any]) -> dict[str, Any]:
        is_patch = any(key.casefold() == "operations" for key in sent)
        shown: dict[str, Any] = {}
        for key, value in list(sent.items())[:ENTRIES_MOST]:
            if is_patch and key.casefold() == "operations":
                shown[key] = (
                    [self._operation(one) for one in value[:ENTRIES_MOST]] if isinstance(value, list) else HIDDEN
                )
            elif is_patch and key.casefold() != "schemas":
                shown[self._name(key)] = HIDDEN
            else:
                shown[self._name(key)] = self._under(key, value)
        return shown

    def _operation(self, sent: Any) -> Any:
        if not isinstance(sent, dict):
            return HIDDEN
        path = next((value for key, value in sent.items() if key.casefold() == "path"), None)
        shown: dict[str, Any] = {}
        for key, value in sent.items():
            match key.casefold():
                case "op":
                    shown[key] = value if str(value).casefold() in ("add", "replace", "remove") else HIDDEN
                case "path":
                    shown[key] = self.path(value) if isinstance(value, str) else HIDDEN
                case "value" if (
                    isinstance(path, str)
                    and path.strip()
                    and path.strip().casefold() != self.attributes.core.casefold()
                ):
                    shown[key] = self._under(path.strip(), value)
                case "value":
                    shown[key] = self._resource(value)
                case _:
                    shown[self._name(key)] = HIDDEN
        return shown

    def _resource(self, sent: Any) -> Any:
        """[Entra] Also inside a list of one, or as JSON inside a string."""
        if isinstance(sent, str):
            return self._inside(sent, self._resource)
        if isinstance(sent, list) and len(sent) == 1:
            return [self._resource(sent[0])]
        if not isinstance(sent, dict):
            return None if sent is None else HIDDEN
        return {self._name(key): self._under(key, value) for key, value in list(sent.items())[:ENTRIES_MOST]}

    def _under(self, key: str, value: Any) -> Any:
        """The value that stands under a name or a path."""
        if self.attributes.without_core(key).casefold() == self.attributes.core.casefold():
            return self._resource(value)
        if key.casefold() == "schemas" and isinstance(value, list):
            return [
                one if isinstance(one, str) and _SCHEMA.fullmatch(one[:NAME_MOST]) else HIDDEN for one in value[:10]
            ]
        if key.casefold() == "id" and isinstance(value, str):
            return value[:NAME_MOST]
        known = self._stored(key)
        return self._value(*known, value) if known else None if value is None else HIDDEN

    def _value(self, name: str, sub: str, value: Any) -> Any:
        if value is None or isinstance(value, bool | int | float):
            return value
        if isinstance(value, list):
            return [self._value(name, sub, entry) for entry in value[:ENTRIES_MOST]]
        if isinstance(value, str):
            # [Entra] Only where there are parts can it be JSON; any other text is the value.
            is_json = self.attributes.stored[name] and value.lstrip()[:1] in ("{", "[")
            return self._inside(value, lambda inner: self._value(name, "", inner)) if is_json else value
        if sub or not self.attributes.stored[name] or not isinstance(value, dict):
            return HIDDEN
        return {self._name(key): self._part(name, key, inner) for key, inner in list(value.items())[:ENTRIES_MOST]}

    def _part(self, name: str, key: str, value: Any) -> Any:
        is_stored = self.attributes.canonical_sub(name, key) or self.attributes.is_read(name, key)
        return self._value(name, key, value) if is_stored else None if value is None else HIDDEN

    def _inside(self, text: str, mask: Any) -> str:
        try:
            inside = orjson.loads(text)
        except orjson.JSONDecodeError:
            return HIDDEN
        return HIDDEN if is_too_deep(inside) else orjson.dumps(mask(inside)).decode()

    def _stored(self, path: str) -> tuple[str, str] | None:
        """The stored attribute that a name or a path means, and its part."""
        path = self.attributes.without_core(path[:NAME_MOST])
        if self.attributes.is_extension(path):
            return self.attributes.extension, ""
        urn, attribute = split_urn(path)
        if urn:
            known = self.attributes.canonical_sub(self.attributes.extension, attribute)
            return (self.attributes.extension, known) if known and self.attributes.is_extension(urn) else None
        head, _, chosen = path.partition("[")
        top, _, sub = head.partition(".")
        sub = sub or chosen.rpartition("]")[2].removeprefix(".")
        name = self.attributes.canonical(top.strip())
        if name is None or name not in self.attributes.stored:
            return None
        return (name, sub) if not sub or self.attributes.canonical_sub(name, sub) else None

    def _name(self, key: str) -> str:
        return key if len(key) <= NAME_MOST and _NAME.fullmatch(key) else self.path(key)

    # -- paths and filters

    def path(self, text: str) -> str:
        """The path of a PATCH: its names, and of its values those of stored attributes."""
        return self._scan(text, is_path=True)

    def filter(self, text: str) -> str:
        """A word that stands in the place of no name may be anything, so it is hidden."""
        return self._scan(text, is_path=False)

    def ignored(self, said: str) -> str:
        """An attribute that was ignored: its path, or the name of a stored one and the value that could not be used."""
        name, colon, _ = said.partition(": ")
        return said[:NAME_MOST] if colon and "[" not in name and self._stored(name) else self.path(said)

    def _scan(self, text: str, *, is_path: bool) -> str:
        shown: list[str] = []
        last, attribute, outer, closed = "", "", "", ""
        tokens = _TOKEN.findall(text[: 3 * NAME_MOST].replace("\x00", "\\0"))
        words = [token for token in tokens if not token.isspace()] + ["", ""]
        at = 0
        for token in tokens:
            if token.isspace():
                shown.append(" ")
                continue
            at += 1
            following = words[at].casefold()
            if token in "()[]":
                closed = outer if token == "]" else closed
                outer = attribute if token == "[" else "" if token == "]" else outer
                shown.append(token)
            elif last.casefold() in OPERATORS and attribute:
                is_kept = token.strip("\"'").casefold() in PLAIN or self._is_compared(attribute, outer)
                shown.append(token if is_kept else _hidden(token))
            elif token.casefold() in ("and", "or", "not") or (attribute and token.casefold() in (*OPERATORS, "pr")):
                shown.append(token)
            elif _NAME.fullmatch(token) and (
                following in (*OPERATORS, "pr", "[")
                or self._is_compared(token, outer)
                or (last == "]" and self._is_compared(closed + token, ""))
                or (is_path and (at == 1 or last in ("]", "[") or last.endswith(",")))
            ):
                # What follows the brackets is a part of what stood before them.
                attribute = closed + token if last == "]" else token
                shown.append(token)
            else:
                shown.append(_hidden(token))
            last = token
        return "".join(shown)[:NAME_MOST]

    def _is_compared(self, attribute: str, outer: str) -> bool:
        """Whether it is a stored one, on its own or within the brackets of another."""
        name = self.attributes.without_core(attribute)
        name = f"{outer}.{name}".casefold() if outer else name.casefold()
        return self.is_filterable(name) or self._stored(name) is not None

    # -- addresses

    def address(self, path: str, query: str) -> str:
        """What follows the SCIM URL: the part that tells one call from another."""
        shown = self._shown_path(path)
        pairs = [self._shown_parameter(pair) for pair in query.split("&", PARAMETERS_MOST)[:PARAMETERS_MOST] if pair]
        return shown + ("?" + "&".join(pairs) if pairs else "")

    def _shown_path(self, path: str) -> str:
        words: list[str] = []
        for segment in path[: 3 * NAME_MOST].split("/"):
            is_id = len(words) == 1 and words[0].casefold() in RESOURCES
            if segment:
                words.append(segment[:60] if not words or is_id else HIDDEN)
        return "/" + "/".join(words).replace("\x00", "\\0")

    def _shown_parameter(self, pair: str) -> str:
        name, equals, raw = pair.partition("=")
        # Without its sign it is no name but a word.
        if not equals:
            return name if name.casefold() == "aadoptscim062020" else HIDDEN
        [(_, value)] = parse_qsl(f"x={raw}", keep_blank_values=True, separator="\n") or [("x", "")]
        shown = self._shown_value(name.casefold(), value)
        return f"{name if len(name) <= 40 and _NAME.fullmatch(name) else HIDDEN}={raw if shown == value else shown}"

    def _shown_value(self, name: str, value: str) -> str:
        match name:
            case "filter":
                return self.filter(value)
            case "startindex" | "count":
                return value if _WHOLE.fullmatch(value) else HIDDEN
            case "attributes" | "excludedattributes" | "sortby":
                names = [one.strip() for one in value[: 3 * NAME_MOST].split(",")]
                return ",".join(
                    one if self._is_compared(one, "") or self.attributes.canonical(one) else HIDDEN
                    for one in names
                    if one
                )
            case "sortorder":
                return value if value.casefold() in ("ascending", "descending") else HIDDEN
        return HIDDEN if value else ""
