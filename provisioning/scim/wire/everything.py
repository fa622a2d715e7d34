"""A list over all resource types (RFC 7644 §3.4.2.1, §3.4.3): the root, and /.search there.

One type after the other, each asked as if alone. An attribute that only another type has is taken for one without a
value; one that none has is refused.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.utils.translation import gettext_noop as _
from scim2_models.exceptions import InvalidFilterException
from scim2_models.path import (
    AttrPath,
    CompareOperator,
    Comparison,
    FilterNode,
    FilterVisitor,
    LogicalExpr,
    Not,
    Present,
    ValuePath,
)

from provisioning.models import Kind
from provisioning.scim.wire import refusals
from provisioning.scim.wire.caller import Caller
from provisioning.scim.wire.columns import Filterable
from provisioning.scim.wire.filter_text import tree_of
from provisioning.scim.wire.operations import Operation
from provisioning.scim.wire.rendering import list_response
from provisioning.scim.wire.requests import Query
from provisioning.scim.wire.resource_type import ResourceType

CURSORS = ("previousCursor", "nextCursor")
_HAS_ID = Present(AttrPath("id"))


def search(caller: Caller, resources: Sequence[ResourceType], sent: dict[str, Any]) -> dict[str, Any]:
    """The ListResponse. Raises what the query is refused for."""
    lists = [_List(caller, one, _query(sent, one, resources)) for one in resources]
    query = lists[0].query
    return _by_number(lists, query) if query.cursor is None else _by_cursor(lists, query.cursor)


@dataclass(frozen=True)
class _List:
    """The list of one type."""

    caller: Caller
    resource: ResourceType
    query: Query

    def page(self, **changes: Any) -> dict[str, Any]:
        operation = Operation(Kind.SEARCH, query=replace(self.query, **changes))
        with self.resource.handlers[Kind.SEARCH](self.caller, operation) as outcome:
            assert outcome.document
            return outcome.document

    @property
    def total(self) -> int:
        total: int = self.page(count=0, cursor=None, start=1)["totalResults"]
        return total


def _by_number(lists: list[_List], query: Query) -> dict[str, Any]:
    found: list[dict[str, Any]] = []
    total, behind, left = 0, query.start - 1, query.count
    for one in lists:
        page = one.page(start=behind + 1, count=left)
        here, own = page["Resources"], page["totalResults"]
        found += here
        # A type may answer fewer than asked for; the next one comes after all of it.
        left = left - len(here) if behind + len(here) >= own else 0
        total, behind = total + own, max(0, behind - own)
    return list_response(found, total, query.start)


def _by_cursor(lists: list[_List], cursor: str) -> dict[str, Any]:
    """A page of one type; its cursors are that type's, behind its name. Raises InvalidCursor."""
    names = [one.resource.endpoint for one in lists]
    name, dot, own = cursor.partition(".") if cursor else (names[0], ".", "")
    if name not in names or not dot:
        raise refusals.InvalidCursor
    place = names.index(name)
    page = lists[place].page(cursor=own)
    cursors: dict[str, str] = {key: f"{name}.{page[key]}" for key in CURSORS if key in page}
    if "nextCursor" not in cursors and place + 1 < len(names) and lists[place].query.count:
        cursors["nextCursor"] = f"{names[place + 1]}."
    total = page["totalResults"] + sum(one.total for one in lists if one is not lists[place])
    return list_response(page["Resources"], total, 1, cursors)


def _query(sent: dict[str, Any], resource: ResourceType, resources: Sequence[ResourceType]) -> Query:
    query = Query.of(sent, resource.attributes)
    others = [one.filterable for one in resources if one is not resource]
    by = query.sort_by if _is_sortable(query.sort_by, resource.filterable, others) else ""
    return replace(query, filter=_filter(query.filter, resource.filterable, others), sort_by=by)


def _is_sortable(sort_by: str, own: Filterable, others: Sequence[Filterable]) -> bool:
    """Whether this type is sorted by it. What no type knows is left, to be refused."""
    return own.knows(_named(sort_by, own)) or not any(one.knows(_named(sort_by, one)) for one in others)


def _filter(text: str, own: Filterable, others: Sequence[Filterable]) -> str:
    """The filter as this type is asked it."""
    if not text:
        return ""
    try:
        return str(_OfType(own, others).visit(tree_of(text)))
    except InvalidFilterException:
        raise refusals.InvalidFilter(filter=text[:200], problem=_("it is not well-formed")) from None


class _OfType(FilterVisitor[FilterNode]):
    """Puts in place of what only other types have what it comes to without a value."""

    def __init__(self, own: Filterable, others: Sequence[Filterable]) -> None:
        self.own, self.others = own, others

    def visit_comparison(self, node: Comparison) -> FilterNode:
        is_met = node.op is CompareOperator.ne or (node.op is CompareOperator.eq and node.value is None)
        is_met = is_met and not (node.op is CompareOperator.ne and node.value is None)
        return self._or(node, node.attr_path, Filterable.knows, is_met=is_met)

    def visit_present(self, node: Present) -> FilterNode:
        return self._or(node, node.attr_path, Filterable.knows, is_met=False)

    def visit_value_path(self, node: ValuePath) -> FilterNode:
        return self._or(node, node.attr_path, lambda one, name: name in one.entries, is_met=False)

    def visit_not(self, node: Not) -> FilterNode:
        return Not(self.visit(node.expr))

    def visit_logical_expr(self, node: LogicalExpr) -> FilterNode:
        return LogicalExpr(node.op, tuple(self.visit(term) for term in node.terms))

    def _or(
        self, node: FilterNode, path: AttrPath, knows: Callable[[Filterable, str], bool], *, is_met: bool
    ) -> FilterNode:
        is_foreign = not self._is_known(path, self.own, knows) and any(
            self._is_known(path, one, knows) for one in self.others
        )
        return node if not is_foreign else _HAS_ID if is_met else Not(_HAS_ID)

    def _is_known(self, path: AttrPath, filterable: Filterable, knows: Callable[[Filterable, str], bool]) -> bool:
        name = _named(str(path), filterable)
        return name == "schemas" or knows(filterable, name)


def _named(name: str, filterable: Filterable) -> str:
    return name.strip().casefold().removeprefix(filterable.core.casefold() + ":")
