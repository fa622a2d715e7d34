"""Filters (RFC 7644 §3.4.2.2) turned into Q objects over the rows of a resource.

filter_text.py has it parsed; what each attribute is in the database is handed in (columns.py).
"""

import datetime
from collections.abc import Callable
from typing import Any, TypeGuard

from django.db.models import F, Q, Value
from django.db.models.functions import Left, Right, StrIndex
from django.db.models.lookups import Exact, GreaterThan
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_noop as _
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

from provisioning.scim.wire import refusals
from provisioning.scim.wire.columns import ALWAYS, NEVER, Column, Filterable
from provisioning.scim.wire.filter_text import tree_of

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
TESTS: dict[CompareOperator, Callable[[Any, Any], bool]] = {
    CompareOperator.eq: lambda one, value: one == value,
    CompareOperator.ne: lambda one, value: one != value,
    CompareOperator.co: lambda one, value: value in one,
    CompareOperator.sw: lambda one, value: one.startswith(value),
    CompareOperator.ew: lambda one, value: one.endswith(value),
}
TEXTUAL = (CompareOperator.co, CompareOperator.sw, CompareOperator.ew)


def _with_case(column: str, op: CompareOperator, value: str) -> Q:
    """The condition of co, sw or ew, without LIKE, which SQLite compares without case."""
    if not value:
        return Q(**{f"{column}__isnull": False})
    if op is CompareOperator.co:
        return Q(GreaterThan(StrIndex(F(column), Value(value)), 0))
    part = Left(column, len(value)) if op is CompareOperator.sw else Right(column, len(value))
    return Q(Exact(part, value))


def to_q(text: str, filterable: Filterable) -> Q:
    """The condition that a filter stands for. Raises InvalidFilter."""
    try:
        tree = tree_of(text)
        conditions = _Conditions(text, filterable)
        return conditions.of_one_person(tree) or conditions.visit(tree)
    except InvalidFilterException:
        raise refusals.InvalidFilter(filter=text[:200], problem=_("it is not well-formed")) from None


class _Conditions(FilterVisitor[Q]):
    def __init__(self, text: str, filterable: Filterable, prefix: str = "") -> None:
        self.text, self.filterable, self.prefix = text, filterable, prefix

    def refuse(self, problem: str, attribute: AttrPath | None = None) -> refusals.InvalidFilter:
        return refusals.InvalidFilter(filter=self.text[:200], problem=problem, attribute=str(attribute or "")[:200])

    def name_of(self, path: AttrPath) -> str:
        sub = f".{path.sub_attr}" if path.sub_attr else ""
        name = (f"{path.uri}:{path.attr}{sub}" if path.uri else f"{path.attr}{sub}").casefold()
        return f"{self.prefix}{name.removeprefix(self.filterable.core.casefold() + ':')}"

    def of_one_person(self, tree: FilterNode) -> Q | None:
        """NEVER, where one person is named by id and asked for a reference that is kept of nobody; else None."""
        if not isinstance(tree, LogicalExpr) or tree.op is not LogicalOperator.and_:
            return None
        names = [self.name_of(term.attr_path) if _is_equality(term) else "" for term in tree.terms]
        if "id" not in names or self.filterable.references.isdisjoint(names):
            return None
        for term, name in zip(tree.terms, names, strict=True):
            if name not in self.filterable.references:
                self.visit(term)  # It may be one to refuse.
        return NEVER

    def visit_comparison(self, node: Comparison) -> Q:
        name = self.name_of(node.attr_path)
        if name in self.filterable.constants:
            return self._constant(name, node)
        if name == "schemas":
            return self._schemas(node)
        attribute = self.filterable.columns.get(name)
        if attribute is None:
            raise self.refuse(_("“%(attribute)s” cannot be filtered by"), node.attr_path)
        if node.op in ORDERING and not attribute.has_order:
            raise self.refuse(_("“%(attribute)s” has no order"), node.attr_path)
        if node.value is None:
            return self._null(attribute, node)
        value = self._value(attribute, node)
        if attribute.is_exact and node.op in TEXTUAL:
            return self._within(attribute, _with_case(attribute.column, node.op, value)) & attribute.present
        if node.op is CompareOperator.ne:
            return ~(self._within(attribute, attribute.where("exact", value)) & attribute.present)
        return self._within(attribute, attribute.where(LOOKUPS[node.op], value)) & attribute.present

    def visit_present(self, node: Present) -> Q:
        name = self.name_of(node.attr_path)
        if name in self.filterable.constants:
            return self._having(name)
        if name == "schemas":
            return ALWAYS
        attribute = self.filterable.columns.get(name)
        if attribute is None:
            raise self.refuse(_("“%(attribute)s” cannot be filtered by"), node.attr_path)
        return self._within(attribute, Q()) & attribute.present

    def visit_not(self, node: Not) -> Q:
        return ~self.visit(node.expr)

    def visit_logical_expr(self, node: LogicalExpr) -> Q:
        first, *rest = (self.visit(term) for term in node.terms)
        for condition in rest:
            first = first & condition if node.op is LogicalOperator.and_ else first | condition
        return first

    def visit_value_path(self, node: ValuePath) -> Q:
        """The condition of having one entry that meets all of what stands in the brackets."""
        name = self.name_of(node.attr_path)
        if name not in self.filterable.entries:
            raise self.refuse(_("“%(attribute)s” has no values to choose from"), node.attr_path)
        of_entry = _Conditions(self.text, self.filterable, f"{name}.").visit(node.val_filter)
        return self.filterable.columns[name].within(of_entry) & self.filterable.columns[name].present

    def _within(self, attribute: Column, condition: Q) -> Q:
        """The condition on the row of the resource; in brackets that on an entry, which are put around all at once."""
        return condition if self.prefix else attribute.within(condition)

    def _null(self, attribute: Column, node: Comparison) -> Q:
        there = self._within(attribute, Q()) & attribute.present
        if node.op is CompareOperator.eq:
            return ~there
        if node.op is CompareOperator.ne:
            return there
        raise self.refuse(_("null can only be compared by eq and ne"))

    def _constant(self, name: str, node: Comparison) -> Q:
        known, present = self.filterable.constants[name][0], self._having(name)
        value = node.value
        if known == [True]:
            value = self._boolean(node)
        elif not isinstance(value, str) or not known:
            raise self.refuse(_("“%(attribute)s” cannot be compared with that"), node.attr_path)
        else:
            value = value.strip().casefold()
        holds = any(self._test(node)(one, value) for one in known)
        if node.op is CompareOperator.ne:
            return ALWAYS if holds else ~present
        return present if holds else NEVER

    def _having(self, name: str) -> Q:
        """The condition of having an attribute that is the same for all who have it; of entries, all have it."""
        entry = self.filterable.columns.get(self.prefix.rstrip("."))
        return ALWAYS if entry and entry.has_rows else self.filterable.constants[name][1]

    def _schemas(self, node: Comparison) -> Q:
        """The condition on schemas: one of them must fit; with `ne` none may be it."""
        if not isinstance(node.value, str):
            raise self.refuse(_("“%(attribute)s” cannot be compared with that"), node.attr_path)
        is_not = node.op is CompareOperator.ne
        test = TESTS[CompareOperator.eq] if is_not else self._test(node)
        fitting = NEVER
        for urn, those in self.filterable.schemas.items():
            if test(urn, node.value.strip().casefold()):
                fitting = fitting | those
        return ~fitting if is_not else fitting

    def _test(self, node: Comparison) -> Callable[[Any, Any], bool]:
        if node.op not in TESTS:
            raise self.refuse(_("“%(attribute)s” has no order"), node.attr_path)
        return TESTS[node.op]

    def _boolean(self, node: Comparison) -> bool:
        if node.op not in (CompareOperator.eq, CompareOperator.ne):
            raise self.refuse(
                _("“%(attribute)s” is true or false and can only be compared by eq and ne"), node.attr_path
            )
        # [Entra] sends "True" in quotes.
        word = str(node.value).casefold()
        if word not in ("true", "false"):
            raise self.refuse(_("“%(attribute)s” is true or false"), node.attr_path)
        return word == "true"

    def _value(self, attribute: Column, node: Comparison) -> Any:
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
        return attribute.form_of_part(value) if node.op in TEXTUAL else attribute.form(value)


def _is_equality(term: FilterNode) -> TypeGuard[Comparison]:
    return isinstance(term, Comparison) and term.op is CompareOperator.eq


def _instant(text: str) -> datetime.datetime | None:
    """The moment in UTC, as it is stored; None also for one outside of the calendar there."""
    try:
        at = parse_datetime(text)
        return at and (at.astimezone(datetime.UTC) if at.tzinfo else at.replace(tzinfo=datetime.UTC))
    except (ValueError, OverflowError):
        return None
