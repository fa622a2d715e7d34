"""From an HTTP request to an operation, and from its outcome to the answer.

The line of the sync activity is written with the answer, in the transaction of a change; a refusal undoes that
transaction first.
"""

from collections.abc import Callable
from contextlib import suppress
from typing import Any

from django.http import HttpResponse

from members.models.changing import trying
from members.pending import LockNeeded
from members.refusals import Refusal
from provisioning.models import Kind
from provisioning.scim.wire.call import Call
from provisioning.scim.wire.caller import Caller
from provisioning.scim.wire.operations import UNCONDITIONAL, Conditions, Operation, Outcome, Subject
from provisioning.scim.wire.requests import Projection, Query, body_of, literal_filter, parameters_of, searched
from provisioning.scim.wire.resource_type import ResourceType


def answered(call: Call, kind: Kind, answer: Callable[[Caller], HttpResponse]) -> HttpResponse:
    """Refusals become SCIM errors here, before django-scim2 would put them in its own words."""
    call.kind = kind
    try:
        # Authenticated callers only come this far.
        assert call.caller is not None
        return answer(call.caller)
    except Refusal as refusal:
        # The line of a change was undone with it.
        call.is_recorded = False
        return call.refuse(refusal)
    except Exception as error:
        return call.fail(error)


def operate(call: Call, resource: ResourceType, kind: Kind, scim_id: str = "") -> HttpResponse:
    """The answer to one operation on a resource."""

    def answer(caller: Caller) -> HttpResponse:
        return done(call, caller, resource, operation_of(call, resource, kind, scim_id))

    return answered(call, kind, answer)


def done(call: Call, caller: Caller, resource: ResourceType, operation: Operation) -> HttpResponse:
    """The answer, first without holding the organization's lock where that can be tried; what is refused so is said by
    the plain way, which is the truth.
    """
    if operation.kind in resource.tried:
        with suppress(LockNeeded, Refusal), trying():
            return _done(call, caller, resource, operation)
        call.is_recorded, call.outcome, operation.subject = False, None, Subject()
    return _done(call, caller, resource, operation)


def _done(call: Call, caller: Caller, resource: ResourceType, operation: Operation) -> HttpResponse:
    call.subject = operation.subject
    with resource.handlers[operation.kind](caller, operation) as outcome:
        return call.finish(_as_known(operation, outcome) if operation.kind is Kind.READ else outcome)


def _as_known(operation: Operation, outcome: Outcome) -> Outcome:
    """The answer to a reader who says which versions are known. Raises PreconditionFailed."""
    operation.conditions.check_read(outcome.version)
    if not operation.conditions.knows(outcome.version):
        return outcome
    return Outcome(304, version=outcome.version, location=outcome.location)


def operation_of(call: Call, resource: ResourceType, kind: Kind, scim_id: str) -> Operation:
    """Raises what is wrong with the parameters and the body, in this order."""
    conditions = _conditions(call.request.META)
    if kind is Kind.SEARCH:
        return Operation(kind, query=_query(call, resource))
    if kind is Kind.DELETE:
        return Operation(kind, scim_id, conditions=conditions)
    projection = Projection.of(parameters_of(call.request), resource.attributes)
    if kind is not Kind.READ:
        call.body = body_of(call.request)
    if kind is Kind.CREATE:
        conditions.check_new()
    return Operation(kind, scim_id, call.body or {}, conditions, projection)


def _query(call: Call, resource: ResourceType) -> Query:
    """The query, from the address or from the body of a .search."""
    if call.request.method == "POST":
        call.body = body_of(call.request)
        return Query.of(searched(call.body), resource.attributes)
    return Query.of(parameters_of(call.request), resource.attributes, literal_filter(call.request))


def _conditions(sent: dict[str, Any]) -> Conditions:
    wanted, unwanted = sent.get("HTTP_IF_MATCH"), sent.get("HTTP_IF_NONE_MATCH")
    return Conditions(versions_in(wanted or ""), versions_in(unwanted or "")) if wanted or unwanted else UNCONDITIONAL


def versions_in(sent: str) -> frozenset[str]:
    """Weak or strong, quoted or not: the same version."""
    tags = [tag.strip().removeprefix("W/").strip('"') for tag in sent.split(",") if tag.strip()]
    return frozenset(tag if tag == "*" else f'W/"{tag}"' for tag in tags)
