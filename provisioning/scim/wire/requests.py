"""The body and the query of a SCIM request, checked before anything is looked up."""

import re
import zlib
from codecs import BOM_UTF8
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import orjson
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext_noop as _

from provisioning.scim.wire import refusals
from provisioning.scim.wire.attributes import Attributes
from provisioning.scim.wire.depth import MAX_DEPTH, is_too_deep
from provisioning.scim.wire.quoting import QUOTED

MAX_BODY = 1024 * 1024
# Of a Bulk.
MAX_OPERATIONS = 1000
# The second one is the former name (RFC 9110 §8.4.1.3).
GZIP = ("gzip", "x-gzip")
PAGE, MAX_PAGE = 100, 1000
MAX_PARAMETERS = 100
ORDERS = ("ascending", "descending")
# Parameters of which there can be one: which of two filters is meant, nobody knows.
SINGLE = ("filter", "sortBy", "sortOrder", "startIndex", "count", "cursor")
_PARAMETERS = {name.casefold(): name for name in (*SINGLE, "attributes", "excludedAttributes")}
# Far more than a resource has.
MAX_NAMES = 100
# The last one is a misspelling that clients send.
MEDIA_TYPES = ("application/scim+json", "application/json", "application/json+scim")
_OUTSIDE_QUOTES = re.compile(rf'({QUOTED})|([^"]++)', re.DOTALL)
_WHOLE = re.compile(r"[+-]?[0-9]+")


def has_body(request: HttpRequest) -> bool:
    sent = request.META
    return sent.get("CONTENT_LENGTH") not in (None, "", "0") or "HTTP_TRANSFER_ENCODING" in sent


def has_many_parameters(request: HttpRequest) -> bool:
    """Whether there are more than we read, by the “&” alone: whatever reads the query has limits of its own."""
    query: str = request.META.get("QUERY_STRING", "")
    return query.count("&") >= MAX_PARAMETERS


def parameters_of(request: HttpRequest) -> dict[str, Any]:
    """The parameters of the address; lists of names that are given twice are one. Raises RepeatedQueryParameter."""
    if not request.META.get("QUERY_STRING"):
        return {}
    sent: dict[str, Any] = {}
    for written, values in request.GET.lists():
        name = _parameter(written)
        if name in SINGLE and (name in sent or len(values) > 1):
            raise refusals.RepeatedQueryParameter(parameter=name)
        sent[name] = ",".join(map(str, [sent[name], *values] if name in sent else values))
    return sent


def searched(body: dict[str, Any]) -> dict[str, Any]:
    """The parameters in the body of a .search. Raises RepeatedQueryParameter."""
    sent: dict[str, Any] = {}
    for written, value in body.items():
        name = _parameter(written)
        if name in sent:
            raise refusals.RepeatedQueryParameter(parameter=name)
        sent[name] = value
    return sent


def filter_in(sent: Mapping[str, Any]) -> Any:
    """The filter as it was sent, whatever it is; None where there is none."""
    return next((value for name, value in sent.items() if _parameter(name) == "filter"), None)


def _parameter(written: str) -> str:
    """The name of a parameter in our spelling. A filter that is passed over would mean everybody."""
    return _PARAMETERS.get(written.casefold(), written)


def body_of(request: HttpRequest) -> dict[str, Any]:
    """The JSON object that was sent. Raises UnsupportedMediaType, UnsupportedEncoding, BodyTooLarge, InvalidSyntax."""
    if request.content_type and request.content_type.casefold() not in MEDIA_TYPES:
        raise refusals.UnsupportedMediaType
    try:
        body = orjson.loads(_decoded(request).removeprefix(BOM_UTF8))
    except orjson.JSONDecodeError:
        raise refusals.InvalidSyntax(problem=_("it is not valid JSON in UTF-8")) from None
    if not isinstance(body, dict):
        raise refusals.InvalidSyntax(problem=_("it must be a JSON object"))
    if is_too_deep(body):
        raise refusals.InvalidSyntax(problem=_("it is nested deeper than %(most)s levels"), most=MAX_DEPTH)
    return body


def _decoded(request: HttpRequest) -> bytes:
    """The bytes before gzip: one stream, of which no more is inflated than a body may hold."""
    encoding = request.META.get("HTTP_CONTENT_ENCODING", "").strip().casefold()
    if encoding in ("", "identity"):
        return request.body
    if encoding not in GZIP:
        raise refusals.UnsupportedEncoding
    stream = zlib.decompressobj(wbits=16 + zlib.MAX_WBITS)
    try:
        content = stream.decompress(request.body, MAX_BODY + 1)
    except zlib.error:
        content = b""
    if len(content) > MAX_BODY:
        raise refusals.BodyTooLarge(most=MAX_BODY)
    if not stream.eof or stream.unused_data:
        raise refusals.InvalidSyntax(problem=_("it is not valid gzip"))
    return content


@dataclass(frozen=True)
class Query:
    """The parameters of a list, from the URL or from the body of a .search (RFC 7644 §3.4.2, §3.4.3)."""

    filter: str = ""
    # The same with each + standing for itself, "" if there is none.
    literal: str = ""
    start: int = 1
    count: int = PAGE
    sort_by: str = ""
    is_descending: bool = False
    # "" begins a walk by cursor; None is none.
    cursor: str | None = None
    projection: "Projection" = field(default_factory=lambda: Projection())

    @staticmethod
    def of(sent: dict[str, Any], attributes: Attributes, literal: str = "") -> "Query":
        filter_text = sent.get("filter") or ""
        if not isinstance(filter_text, str):
            raise refusals.InvalidFilter(filter=str(filter_text)[:60], problem=_("it must be text"))
        if sent.get("filter") is not None and not filter_text.strip():
            raise refusals.InvalidFilter(filter="", problem=_("it is empty; leave it out to list all"))
        cursor = _cursor(sent)
        return Query(
            filter=filter_text.strip(),
            literal=literal.strip(),
            sort_by=_sort_by(sent),
            is_descending=_is_descending(sent),
            cursor=cursor,
            # RFC 7644 §3.4.2.4: less than 1 means 1, a negative count means 0.
            start=max(1, _number(sent, "startIndex", 1)),
            count=min(MAX_PAGE, max(0, _number(sent, "count", PAGE)) if cursor is None else _count(sent)),
            projection=Projection.of(sent, attributes),
        )


def _cursor(sent: dict[str, Any]) -> str | None:
    """The cursor, if that is how the list is paged. Raises InvalidCursor, TwoWaysOfPaging."""
    cursor = sent.get("cursor")
    if cursor is None:
        return None
    if not isinstance(cursor, str):
        raise refusals.InvalidCursor
    if sent.get("startIndex") not in (None, ""):
        raise refusals.TwoWaysOfPaging
    return cursor


def _count(sent: dict[str, Any]) -> int:
    """The size of a page by cursor. Raises InvalidCount (RFC 9865 §2.1)."""
    try:
        count = _number(sent, "count", PAGE)
    except refusals.InvalidParameter:
        count = -1
    if count < 0:
        raise refusals.InvalidCount(most=MAX_PAGE)
    return count


def _sort_by(sent: dict[str, Any]) -> str:
    named = sent.get("sortBy")
    if not isinstance(named, str | None):
        raise refusals.InvalidSort(attribute=str(named)[:60], problem=_("it must be the name of an attribute"))
    return (named or "").strip()


def _is_descending(sent: dict[str, Any]) -> bool:
    named = sent.get("sortOrder")
    if named in (None, ""):
        return False
    if not isinstance(named, str) or named.casefold() not in ORDERS:
        raise refusals.InvalidOrder
    return named.casefold() == ORDERS[1]


def literal_filter(request: HttpRequest) -> str:
    """The filter with each + of the address standing for itself; "" where none can.

    Clients that encode blanks only send `a+b@x.example` so, where it means `a b@x.example`. Outside of quotes it stands
    for itself if the blanks there are written otherwise.
    """
    query = request.META.get("QUERY_STRING", "")
    if "+" not in query and "%2b" not in query.casefold():
        return ""
    raw = query.encode("latin-1", "replace")
    text = filter_in(QueryDict(raw.replace(b"+", b"%2B"))) or ""
    if " " not in _OUTSIDE_QUOTES.sub(lambda match: match[2] or "", text):
        text = _OUTSIDE_QUOTES.sub(lambda match: match[1] or match[2].replace("+", " "), text)
    return "" if text == filter_in(request.GET) else text


def _number(sent: dict[str, Any], name: str, default: int) -> int:
    value = sent.get(name)
    if value is None or value == "":
        return default
    text = str(value).strip()
    if isinstance(value, bool) or not _WHOLE.fullmatch(text):
        raise refusals.InvalidParameter(parameter=name)
    # More digits than any page needs; int() of thousands of them is refused by Python.
    return min(int(text[:19]), 2**31)


@dataclass(frozen=True)
class Projection:
    """`attributes` and `excludedAttributes` (RFC 7644 §3.9); names that are not stored match nothing."""

    wanted: frozenset[str] | None = None
    unwanted: frozenset[str] = frozenset()

    @staticmethod
    def of(sent: dict[str, Any], attributes: Attributes) -> "Projection":
        if not sent:
            return WHOLE
        wanted, unwanted = (_names(sent, parameter, attributes) for parameter in ("attributes", "excludedAttributes"))
        if wanted and unwanted:
            raise refusals.BothAttributeLists
        return Projection(frozenset(wanted) if wanted else None, frozenset(unwanted))

    def shows(self, name: str) -> bool:
        """Whether any of an attribute is returned, so that it has to be read."""
        if self.wanted is not None:
            return any(path == name or path.startswith(f"{name}.") for path in self.wanted)
        return name not in self.unwanted

    def of_resource(self, document: dict[str, Any]) -> dict[str, Any]:
        """`id` and `schemas` are always returned."""
        if self.wanted is None and not self.unwanted:
            return document
        shown: dict[str, Any] = {}
        for name, value in document.items():
            if name in ("schemas", "id"):
                shown[name] = value
            elif (part := self._part(name, value)) is not None:
                shown[name] = part
        return shown

    def _part(self, name: str, value: Any) -> Any:
        if self.wanted is not None:
            if name in self.wanted:
                return value
            return _only(value, lambda sub: f"{name}.{sub}" in (self.wanted or ()))
        if name in self.unwanted:
            return None
        if any(path.startswith(f"{name}.") for path in self.unwanted):
            return _only(value, lambda sub: f"{name}.{sub}" not in self.unwanted)
        return value


WHOLE = Projection()


def _only(value: Any, is_wanted: Any) -> Any:
    """Those sub-attributes of a complex value; None where there are none, as of a simple one."""
    if isinstance(value, dict):
        return {sub: inner for sub, inner in value.items() if is_wanted(sub)} or None
    if isinstance(value, list):
        return [part for entry in value if (part := _only(entry, is_wanted))] or None
    return None


def _names(sent: dict[str, Any], parameter: str, attributes: Attributes) -> list[str]:
    """The names in our spelling. Raises TooManyNames."""
    listed = sent.get(parameter)
    named = listed.split(",", MAX_NAMES) if isinstance(listed, str) else listed if isinstance(listed, list) else []
    if len(named) > MAX_NAMES:
        raise refusals.TooManyNames(parameter=parameter, most=MAX_NAMES)
    return [attributes.projected(str(name).strip()) for name in named if str(name).strip()]
