"""Handlers of Groups: what is particular to them, between the steps of every handler."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from typing import Any

from members.models import Team
from provisioning.models import Kind
from provisioning.scim.groups import lookups
from provisioning.scim.groups.adapter import GroupAdapter
from provisioning.scim.groups.attributes import GROUP
from provisioning.scim.groups.dialects import from_resource
from provisioning.scim.groups.filterable import FILTERABLE
from provisioning.scim.groups.identities import identities, known
from provisioning.scim.groups.patch import GroupPatch
from provisioning.scim.groups.refusals import NoSuchGroup
from provisioning.scim.groups.resource import location, render, version
from provisioning.scim.groups.rows import Found, people_of
from provisioning.scim.groups.schema import SCHEMAS
from provisioning.scim.groups.wanted import Wanted
from provisioning.scim.wire.caller import Caller
from provisioning.scim.wire.operations import Operation, Outcome
from provisioning.scim.wire.resource_type import ResourceType
from provisioning.scim.wire.steps import Steps


def _answer(caller: Caller, operation: Operation, adapter: GroupAdapter, status: int) -> Outcome:
    row, projection = adapter.row, operation.projection
    group = None
    if status != 204:
        people = people_of(row.pk) if projection.shows("members") else None
        group = projection.of_resource(render(row, people, caller.base))
    return Outcome(status, group, adapter.version, location(row, caller.base))


STEPS: Steps[Found, GroupAdapter] = Steps(
    model=Team,
    called=lambda organization, operation: Team(organization=organization, scim_id=operation.id),
    locked=Team.locked,
    adapter=GroupAdapter,
    find=lookups.group,
    missing=NoSuchGroup,
    known=known,
    answer=_answer,
)


@contextmanager
def search(caller: Caller, operation: Operation) -> Iterator[Outcome]:
    page = lookups.found(caller.organization, operation)
    yield STEPS.page(operation, page, lambda one: render(one.row, one.people, caller.base))


@contextmanager
def read(caller: Caller, operation: Operation) -> Iterator[Outcome]:
    row = STEPS.found(caller, operation).row
    now = version(row)
    # A reader who has this version already gets none of it.
    is_read = operation.projection.shows("members") and not operation.conditions.knows(now)
    group = render(row, people_of(row.pk) if is_read else None, caller.base)
    yield Outcome(200, operation.projection.of_resource(group), now, group["meta"]["location"])


def create(caller: Caller, operation: Operation) -> AbstractContextManager[Outcome]:
    write = partial(GroupAdapter.create, caller.organization, by=caller.actor)
    read = partial(from_resource, replaces=False)
    return STEPS.create(caller, operation, called="displayName", read=read, write=write)


def replace(caller: Caller, operation: Operation) -> AbstractContextManager[Outcome]:
    read, write = partial(from_resource, replaces=True), partial(GroupAdapter.replace, by=caller.actor)
    return STEPS.change(caller, operation, read=read, write=write)


def patch(caller: Caller, operation: Operation) -> AbstractContextManager[Outcome]:
    """The answer has no body, unless some of it is asked for (RFC 7644 §3.5.2)."""
    status = 204 if operation.projection.wanted is None else 200
    write = partial(GroupAdapter.patch, by=caller.actor)
    return STEPS.change(caller, operation, read=_wanted, write=write, status=status)


def _wanted(body: dict[str, Any]) -> Wanted:
    return GroupPatch(body).wanted


@contextmanager
def delete(caller: Caller, operation: Operation) -> Iterator[Outcome]:
    with STEPS.held(caller, operation) as adapter:
        adapter.team.disband(by=caller.actor)
        yield Outcome(204)


HANDLERS = {
    Kind.SEARCH: search,
    Kind.READ: read,
    Kind.CREATE: create,
    Kind.REPLACE: replace,
    Kind.PATCH: patch,
    Kind.DELETE: delete,
}

GROUPS = ResourceType(
    name="Group",
    endpoint="Groups",
    description="Teams of the organization",
    attributes=GROUP,
    filterable=FILTERABLE,
    schemas=SCHEMAS,
    handlers=HANDLERS,
    paths={"name": "displayName"},
    identities=identities,
    sought=lookups.sought,
)
