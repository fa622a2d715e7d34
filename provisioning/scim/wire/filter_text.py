"""The text of a filter: parsed by scim2-models, within limits far above what any IdP sends."""

import re

from django.utils.translation import gettext_noop as _
from scim2_models import ScimFilter
from scim2_models.exceptions import InvalidFilterException
from scim2_models.path import FilterNode, LogicalExpr, Not, ValuePath

from provisioning.scim.wire import refusals
from provisioning.scim.wire.quoting import QUOTED, completed

MAX_BYTES, MAX_TERMS, MAX_DEPTH, MAX_PATH = 10_240, 100, 20, 1000
_BRACKET = re.compile(rf"{QUOTED}|([()\[\]])", re.DOTALL)
_JOINT = re.compile(rf"{QUOTED}|\b(and|or)\b", re.DOTALL | re.IGNORECASE)


def is_too_much(path: str, spent: int) -> bool:
    """Whether the path of a PATCH exceeds the limits of a filter; `spent` are the bytes of other paths."""
    return len(path) > MAX_PATH or spent + len(path.encode()) > MAX_BYTES or _is_tangled(path)


def tree_of(text: str) -> FilterNode:
    """The tree of the filter. Raises InvalidFilter, InvalidFilterException."""
    if len(text) > MAX_BYTES or len(text.encode()) > MAX_BYTES:
        raise refusals.InvalidFilter(filter=text[:60], problem=_("it is longer than %(most)s bytes"), most=MAX_BYTES)
    if _is_tangled(text):
        raise _too_much(text)
    tree = _parse(text)
    _limit(tree)
    return tree


def _is_tangled(text: str) -> bool:
    """Whether the text exceeds the limits. Asked before the parser, which takes long for each term."""
    # A short one cannot.
    return len(text) > MAX_DEPTH and (_brackets(text) > MAX_DEPTH or sum(map(bool, _JOINT.findall(text))) >= MAX_TERMS)


def _brackets(text: str) -> int:
    """The depth of brackets outside of quotes; the parser drops superfluous ones."""
    deepest = depth = 0
    for bracket in filter(None, _BRACKET.findall(text)):
        depth += 1 if bracket in "([" else -1
        deepest = max(deepest, depth)
    return deepest


def _parse(text: str) -> FilterNode:
    try:
        return ScimFilter(text).ast
    except (InvalidFilterException, RecursionError):
        whole = completed(text)
        if whole == text:
            raise InvalidFilterException from None
        return ScimFilter(whole).ast


def _limit(tree: FilterNode) -> None:
    """Raise a refusal above the limits, which keep SQL small enough to plan and are far above any IdP's filters."""
    todo, terms = [(tree, 1)], 0
    while todo:
        node, depth = todo.pop()
        terms += not isinstance(node, LogicalExpr | Not)
        if depth > MAX_DEPTH or terms > MAX_TERMS:
            raise _too_much(str(tree))
        inner = {LogicalExpr: "terms", Not: "expr", ValuePath: "val_filter"}.get(type(node))
        below = getattr(node, inner) if inner else ()
        todo += [(child, depth + 1) for child in (below if isinstance(below, tuple) else (below,))]


def _too_much(text: str) -> refusals.InvalidFilter:
    problem = _("it has more than %(terms)s terms or is nested deeper than %(depth)s")
    return refusals.InvalidFilter(filter=text[:60], problem=problem, terms=MAX_TERMS, depth=MAX_DEPTH)
