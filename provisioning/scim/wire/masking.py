"""Requests as the sync activity keeps them: with the values of stored attributes, and of nothing else.

Names stay, so that an administrator sees what the mapping sends. Every other value may be a secret, whatever it is
called, and is hidden. All of it takes time in proportion to what was sent.
"""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote_plus

import orjson

from members.refusals import Refusal
from provisioning.scim.wire.attributes import Attributes
from provisioning.scim.wire.depth import is_too_deep
from provisioning.scim.wire.masked_text import HIDDEN, IS_NAME, MAX_NAME, MaskedText
from provisioning.scim.wire.refusals import InvalidFilter, InvalidSort, WithPath

MAX_BODY, MAX_ENTRIES, MAX_PARAMETERS = 4000, 100, 20
# Resources whose ids are no secret: they are the same everywhere.
DISCOVERY = ("schemas", "resourcetypes")
_SCHEMA = re.compile(r"urn:[\w.:-]++", re.IGNORECASE)
_WHOLE = re.compile(r"[+-]?[0-9]{1,19}")


def without_nul(value: Any) -> Any:
    """The value without NUL, which PostgreSQL keeps neither in text nor in JSON."""
    if isinstance(value, dict):
        return {without_nul(key): without_nul(inner) for key, inner in value.items()}
    if isinstance(value, list):
        return [without_nul(inner) for inner in value]
    return value.replace("\x00", "\\0") if isinstance(value, str) else value


class Masking(MaskedText):
    """The masking of bodies, addresses and refusals of one resource's calls."""

    def __init__(self, attributes: Attributes, is_filterable: Callable[[str], bool], endpoint: str = "") -> None:
        super().__init__(attributes, is_filterable)
        self.endpoint = endpoint.casefold()

    def refusal(self, refusal: Refusal) -> None:
        """Masks the figures that hold what was sent; the sentence is made of them."""
        figures = refusal.figures
        if isinstance(refusal, WithPath):
            figures["path"] = self.path(figures.get("path", ""))
        elif isinstance(refusal, InvalidSort):
            figures["attribute"] = self._shown_value("sortby", figures.get("attribute", ""))
        elif isinstance(refusal, InvalidFilter):
            figures["filter"] = self.filter(figures.get("filter", ""))

    # -- bodies

    def body(self, body: Any) -> str:
        """A body as JSON: a resource, or the operations of a PATCH."""
        if b"\\u0000" in orjson.dumps(body):
            body = without_nul(body)
        shown = self._object(body) if isinstance(body, dict) else HIDDEN
        return orjson.dumps(shown).decode()[:MAX_BODY]

    def _object(self, sent: dict[str, Any]) -> dict[str, Any]:
        is_patch = any(key.casefold() == "operations" for key in sent)
        shown: dict[str, Any] = {}
        for key, value in list(sent.items())[:MAX_ENTRIES]:
            if is_patch and key.casefold() == "operations":
                shown[key] = (
                    [self._operation(one) for one in value[:MAX_ENTRIES]] if isinstance(value, list) else HIDDEN
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
        under = path.strip() if isinstance(path, str) else ""
        shown: dict[str, Any] = {}
        for key, value in sent.items():
            match key.casefold():
                case "op":
                    shown[key] = value if str(value).casefold() in ("add", "replace", "remove") else HIDDEN
                case "path":
                    shown[key] = self.path(value) if isinstance(value, str) else HIDDEN
                case "value":
                    shown[key] = self._under(under, value) if under else self._resource(value)
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
        return {self._name(key): self._under(key, value) for key, value in list(sent.items())[:MAX_ENTRIES]}

    def _under(self, key: str, value: Any) -> Any:
        """The value that stands under a name or a path."""
        name = key.casefold()
        if self.attributes.is_core(self.attributes.without_core(key)):
            return self._resource(value)
        if name == "schemas" and isinstance(value, list):
            return [one if isinstance(one, str) and _SCHEMA.fullmatch(one[:MAX_NAME]) else HIDDEN for one in value[:10]]
        if name == "id" and isinstance(value, str):
            return value[:MAX_NAME]
        known = self._stored(key)
        return self._value(*known, value) if known else None if value is None else HIDDEN

    def _value(self, name: str, sub: str, value: Any) -> Any:
        if isinstance(value, str):
            # [Entra] Only where there are parts can it be JSON; any other text is the value.
            is_json = self.attributes.stored[name] and value.lstrip()[:1] in ("{", "[")
            return self._inside(value, lambda inner: self._value(name, "", inner)) if is_json else value
        if value is None or isinstance(value, bool | int | float):
            return value
        if isinstance(value, list):
            return [self._value(name, sub, entry) for entry in value[:MAX_ENTRIES]]
        if sub or not self.attributes.stored[name] or not isinstance(value, dict):
            return HIDDEN
        return {self._name(key): self._part(name, key, inner) for key, inner in list(value.items())[:MAX_ENTRIES]}

    def _part(self, name: str, key: str, value: Any) -> Any:
        is_stored = self.attributes.canonical_sub(name, key) or self.attributes.is_read(name, key)
        return self._value(name, key, value) if is_stored else None if value is None else HIDDEN

    def _inside(self, text: str, mask: Any) -> str:
        try:
            inside = orjson.loads(text)
        except orjson.JSONDecodeError:
            return HIDDEN
        return HIDDEN if is_too_deep(inside) else orjson.dumps(mask(inside)).decode()

    def _name(self, key: str) -> str:
        return key if len(key) <= MAX_NAME and IS_NAME.fullmatch(key) else self.path(key)

    # -- addresses

    def address(self, path: str, query: str) -> str:
        """The part of the address behind the SCIM URL, masked."""
        shown = self._shown_path(path)
        pairs = [self._shown_parameter(pair) for pair in query.split("&", MAX_PARAMETERS)[:MAX_PARAMETERS] if pair]
        return shown + ("?" + "&".join(pairs) if pairs else "")

    def _shown_path(self, path: str) -> str:
        words: list[str] = []
        for segment in path[: 3 * MAX_NAME].split("/"):
            is_id = len(words) == 1 and words[0].casefold() in (*DISCOVERY, self.endpoint)
            if segment:
                words.append(segment[:60] if not words or is_id else HIDDEN)
        return "/" + "/".join(words).replace("\x00", "\\0")

    def _shown_parameter(self, pair: str) -> str:
        name, equals, raw = pair.partition("=")
        # Parameter without “=”: no name but a word.
        if not equals:
            return name if name.casefold() in ("aadoptscim062020", "cursor") else HIDDEN
        value = unquote_plus(raw)
        shown = self._shown_value(name.casefold(), value)
        return f"{name if len(name) <= 40 and IS_NAME.fullmatch(name) else HIDDEN}={raw if shown == value else shown}"

    def _shown_value(self, name: str, value: str) -> str:
        match name:
            case "filter":
                return self.filter(value)
            case "startindex" | "count":
                return value if _WHOLE.fullmatch(value) else HIDDEN
            case "attributes" | "excludedattributes" | "sortby":
                names = [one.strip() for one in value[: 3 * MAX_NAME].split(",")]
                return ",".join(
                    one if self._is_compared(one, "") or self.attributes.canonical(one) else HIDDEN
                    for one in names
                    if one
                )
            case "sortorder":
                return value if value.casefold() in ("ascending", "descending") else HIDDEN
        return HIDDEN if value else ""
