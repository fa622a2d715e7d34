"""Filters (RFC 7644 §3.4.2.2) turned into Q objects over one organization's members.

scim2-models parses; this file says what each attribute is in the database. An attribute
that is not here cannot be filtered by and is refused: leaving it out would widen the answer.
"""

import datetime
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import CharField, Exists, F, OuterRef, Q, Value
from django.db.models.functions import Left, Lower, Right, StrIndex
from django.db.models.lookups import Exact, GreaterThan
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_noop as _
from scim2_models import ScimFilter
from scim2_models.exceptions import InvalidFilterException
from scim2_models.path import (
    AttrPath,
    CompareOperator,
    Comparison,
    FilterNode,
    FilterVisitor,
    LogicalExpr,
    LogicalOperator,
    Not,
    Present,
    ValuePath,
)

from members.keys import key_of
from members.models import TeamMembership
from provisioning.scim import refusals
from provisioning.scim.attributes import without_core
from provisioning.scim.resource import CORE, NULAB

MOST_BYTES, MOST_TERMS, MOST_DEPTH = 10_240, 100, 20
# The names of time zones are ASCII and not worth a key column.
CharField.register_lookup(Lower)
# Of their own, because an empty Q would vanish from an OR.
NEVER = Q(pk__in=[])
ALWAYS = ~NEVER

LOOKUPS = {
    CompareOperator.eq: "exact",
    CompareOperator.co: "contains",
    CompareOperator.sw: "startswith",
    CompareOperator.ew: "endswith",
    CompareOperator.gt: "gt",
    CompareOperator.ge: "gte",
    CompareOperator.lt: "lt",
    CompareOperator.le: "lte",
}
ORDERING = (CompareOperator.gt, CompareOperator.ge, CompareOperator.lt, CompareOperator.le)
TEXTUAL = (CompareOperator.co, CompareOperator.sw, CompareOperator.ew)


@dataclass(frozen=True)
class Attribute:
    """A column, how a value is brought to its form, and when it counts as present."""

    column: str
    kind: type = str
    form: Callable[[str], str] = str
    present: Q = ALWAYS
    # Compared with case; the others have a key column or are plain ASCII.
    is_exact: bool = False
    # Put around the whole condition: a member's teams are rows of their own.
    within: Callable[[Q], Q] = lambda condition: condition


def _of_teams(condition: Q) -> Q:
    return Q(Exists(TeamMembership.objects.filter(condition, member=OuterRef("pk"))))


def _with_case(column: str, op: CompareOperator, value: str) -> Q:
    """Contains, starts or ends with, without LIKE, which SQLite compares without case."""
    if not value:
        return Q(**{f"{column}__isnull": False})
    if op is CompareOperator.co:
        return Q(GreaterThan(StrIndex(F(column), Value(value)), 0))
    part = Left(column, len(value)) if op is CompareOperator.sw else Right(column, len(value))
    return Q(Exact(part, value))


_HAS_EMAIL = ~Q(email_key="")
_CHOSEN = Q(unique_id_is_chosen=True)
_ADDRESS = Attribute("email_key", form=key_of, present=_HAS_EMAIL)
_ROLE = Attribute("role", form=str.upper)
_HANDLE = Attribute("unique_id_key", form=key_of, present=_CHOSEN)
_LANGUAGE = Attribute("account__language", form=str.casefold)
_TEAM = Attribute("team__scim_id", within=_of_teams)

ATTRIBUTES: dict[str, Attribute] = {
    "id": Attribute("scim_id", is_exact=True),
    "externalid": Attribute("external_id", present=Q(external_id__isnull=False), is_exact=True),
    "username": Attribute("user_name_key", form=key_of),
    "emails": _ADDRESS,
    "emails.value": _ADDRESS,
    "displayname": Attribute("account__display_name_key", form=key_of, present=~Q(account__display_name_key="")),
    **{
        f"name.{name}": Attribute(f"account__{column}", form=key_of, present=~Q(**{f"account__{column}": ""}))
        for name, column in (
            ("formatted", "formatted_name_key"), ("givenname", "given_name_key"), ("familyname", "family_name_key"),
        )
    },
    "preferredlanguage": _LANGUAGE,
    "locale": _LANGUAGE,
    "timezone": Attribute("account__time_zone__lower", form=str.casefold),
    "active": Attribute("account__is_active", kind=bool),
    "roles": _ROLE,
    "roles.value": _ROLE,
    "nickname": _HANDLE,
    f"{NULAB}:uniqueid".casefold(): _HANDLE,
    "groups": _TEAM,
    "groups.value": _TEAM,
    "groups.display": Attribute("team__name_key", form=key_of, within=_of_teams),
    "meta.created": Attribute("created_at", kind=datetime.datetime),
    "meta.lastmodified": Attribute("modified_at", kind=datetime.datetime),
}  # fmt: skip

# The same for everybody who has the attribute at all.
CONSTANTS: dict[str, tuple[list[Any], Q]] = {
    "emails.type": (["work"], _HAS_EMAIL),
    "emails.primary": ([True], _HAS_EMAIL),
    "roles.primary": ([True], ALWAYS),
    "meta.resourcetype": (["user"], ALWAYS),
    "schemas": ([CORE.casefold()], ALWAYS),
    "name": ([], ~Q(account__formatted_name="") | ~Q(account__given_name="") | ~Q(account__family_name="")),
}


def to_q(text: str) -> Q:
    """The condition that a filter stands for. Raises InvalidFilter."""
    if len(text.encode()) > MOST_BYTES:
        raise refusals.InvalidFilter(filter=text[:60], problem=_("it is longer than %(most)s bytes"), most=MOST_BYTES)
    try:
        if _brackets(text) > MOST_DEPTH:
            raise _too_much(text)
        tree = _parse(text)
        _limit(tree)
        return _Conditions(text).visit(tree)
    except InvalidFilterException:
        raise refusals.InvalidFilter(filter=text[:200], problem=_("it is not well-formed")) from None


def _brackets(text: str) -> int:
    """How deep they are nested, outside of quotes; the parser drops those that say nothing."""
    deepest = depth = 0
    for bracket in re.findall(r"[()\[\]]", re.sub(r'"(?:[^"\\]|\\.)*"', "", text)):
        depth += 1 if bracket in "([" else -1
        deepest = max(deepest, depth)
    return deepest


def _parse(text: str) -> FilterNode:
    try:
        return ScimFilter(text).ast
    except (InvalidFilterException, RecursionError):
        quoted = _quote_bare_words(text)
        if quoted == text:
            raise InvalidFilterException from None
        return ScimFilter(quoted).ast


_BARE_WORD = (
    r'("(?:[^"\\]|\\.)*")|(?<=\s)(eq|ne|co|sw|ew|gt|ge|lt|le)(\s+)'
    r"""([^\s"'()\[\]][^\s"()\[\]]*)"""
)


def _quote_bare_words(text: str) -> str:
    """Values may come unquoted; what stands in quotes already is passed over."""
    word = re.compile(_BARE_WORD, re.IGNORECASE)

    def quote(match: re.Match[str]) -> str:
        value = match[4]
        if match[1] or value.casefold() in ("true", "false", "null"):
            return match[0]
        return match[2] + match[3] + ScimFilter.quote(value)

    return word.sub(quote, text)


def _limit(tree: FilterNode) -> None:
    """Both are far above what any IdP sends, and keep SQL small enough to plan."""
    todo, terms = [(tree, 1)], 0
    while todo:
        node, depth = todo.pop()
        terms += not isinstance(node, LogicalExpr | Not)
        if depth > MOST_DEPTH or terms > MOST_TERMS:
            raise _too_much(str(tree))
        inner = {LogicalExpr: "terms", Not: "expr", ValuePath: "val_filter"}.get(type(node))
        below = getattr(node, inner) if inner else ()
        todo += [(child, depth + 1) for child in (below if isinstance(below, tuple) else (below,))]


def _too_much(text: str) -> refusals.InvalidFilter:
    problem = _("it has more than %(terms)s terms or is nested deeper than %(depth)s")
    return refusals.InvalidFilter(filter=text[:60], problem=problem, terms=MOST_TERMS, depth=MOST_DEPTH)


class _Conditions(FilterVisitor[Q]):
    def __init__(self, text: str, prefix: str = "") -> None:
        self.text, self.prefix = text, prefix

    def refuse(self, problem: str, attribute: AttrPath | None = None) -> refusals.InvalidFilter:
        return refusals.InvalidFilter(filter=self.text[:200], problem=problem, attribute=str(attribute or ""))

    def name_of(self, path: AttrPath) -> str:
        sub = f".{path.sub_attr}" if path.sub_attr else ""
        name = without_core(f"{path.uri}:{path.attr}{sub}" if path.uri else f"{path.attr}{sub}")
        return f"{self.prefix}{name}".casefold()

    def visit_comparison(self, node: Comparison) -> Q:
        name = self.name_of(node.attr_path)
        if name in CONSTANTS:
            return self._constant(name, node)
        attribute = ATTRIBUTES.get(name)
        if attribute is None:
            raise self.refuse(_("“%(attribute)s” cannot be filtered by"), node.attr_path)
        if node.value is None:
            return self._null(attribute, node)
        value = self._value(attribute, node)
        if attribute.is_exact and node.op in TEXTUAL:
            return _with_case(attribute.column, node.op, value)
        if node.op is CompareOperator.ne:
            return ~(attribute.within(Q(**{attribute.column: value})) & attribute.present)
        return attribute.within(Q(**{f"{attribute.column}__{LOOKUPS[node.op]}": value})) & attribute.present

    def visit_present(self, node: Present) -> Q:
        name = self.name_of(node.attr_path)
        if name in CONSTANTS:
            return CONSTANTS[name][1]
        attribute = ATTRIBUTES.get(name)
        if attribute is None:
            raise self.refuse(_("“%(attribute)s” cannot be filtered by"), node.attr_path)
        return attribute.within(Q()) & attribute.present

    def visit_not(self, node: Not) -> Q:
        return ~self.visit(node.expr)

    def visit_logical_expr(self, node: LogicalExpr) -> Q:
        first, *rest = (self.visit(term) for term in node.terms)
        for condition in rest:
            first = first & condition if node.op is LogicalOperator.and_ else first | condition
        return first

    def visit_value_path(self, node: ValuePath) -> Q:
        """Nobody has more than one address or role, so a condition on the entry is one on the member."""
        name = self.name_of(node.attr_path)
        if name not in ("emails", "roles", "groups"):
            raise self.refuse(_("“%(attribute)s” has no values to choose from"), node.attr_path)
        return _Conditions(self.text, f"{name}.").visit(node.val_filter)

    def _null(self, attribute: Attribute, node: Comparison) -> Q:
        there = attribute.within(Q()) & attribute.present
        if node.op is CompareOperator.eq:
            return ~there
        if node.op is CompareOperator.ne:
            return there
        raise self.refuse(_("null can only be compared by eq and ne"))

    def _constant(self, name: str, node: Comparison) -> Q:
        known, present = CONSTANTS[name]
        value = node.value
        if known == [True]:
            value = self._boolean(node)
        elif not isinstance(value, str) or not known:
            raise self.refuse(_("“%(attribute)s” cannot be compared with that"), node.attr_path)
        else:
            value = value.casefold()
        tests: dict[CompareOperator, Callable[[Any], bool]] = {
            CompareOperator.eq: lambda one: one == value,
            CompareOperator.ne: lambda one: one != value,
            CompareOperator.co: lambda one: value in one,
            CompareOperator.sw: lambda one: one.startswith(value),
            CompareOperator.ew: lambda one: one.endswith(value),
        }
        if node.op not in tests:
            raise self.refuse(_("“%(attribute)s” has no order"), node.attr_path)
        holds = any(tests[node.op](one) for one in known)
        if node.op is CompareOperator.ne:
            return ALWAYS if holds else ~present
        return present if holds else NEVER

    def _boolean(self, node: Comparison) -> bool:
        if node.op not in (CompareOperator.eq, CompareOperator.ne):
            raise self.refuse(
                _("“%(attribute)s” is true or false and can only be compared by eq and ne"), node.attr_path
            )
        # [Entra] sends "True" in quotes.
        spoken = str(node.value).casefold()
        if spoken not in ("true", "false"):
            raise self.refuse(_("“%(attribute)s” is true or false"), node.attr_path)
        return spoken == "true"

    def _value(self, attribute: Attribute, node: Comparison) -> Any:
        if attribute.kind is bool:
            return self._boolean(node)
        if attribute.kind is datetime.datetime:
            if node.op in TEXTUAL:
                raise self.refuse(_("“%(attribute)s” is a time and has no parts"), node.attr_path)
            at = _instant(str(node.value))
            if at is None:
                raise self.refuse(
                    _("“%(attribute)s” is compared with a time such as 2026-01-31T09:00:00Z"), node.attr_path
                )
            return at
        if isinstance(node.value, bool):
            raise self.refuse(_("“%(attribute)s” is text"), node.attr_path)
        value = str(node.value)
        if "\x00" in value:
            raise self.refuse(_("it contains a NUL character"))
        if any("\ud800" <= character <= "\udfff" for character in value):
            # Half of a surrogate pair, which no database can be asked for.
            raise self.refuse(_("it is not well-formed"))
        return attribute.form(value)


def _instant(spoken: str) -> datetime.datetime | None:
    """In UTC, as it is stored; None also for one that falls out of the calendar there."""
    try:
        at = parse_datetime(spoken)
        return at and (at.astimezone(datetime.UTC) if at.tzinfo else at.replace(tzinfo=datetime.UTC))
    except (ValueError, OverflowError):
        return None
