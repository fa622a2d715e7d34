"""Handlers of Groups: each finds, checks, calls a verb and gives an Outcome."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from members.models import Team
from members.refusals import Refusal
from members.values import MAX_TEXT
from provisioning.models import Kind
from provisioning.scim.groups import lookups, refusals
from provisioning.scim.groups.adapter import GroupAdapter
from provisioning.scim.groups.attributes import GROUP
from provisioning.scim.groups.dialects import from_resource
from provisioning.scim.groups.filterable import FILTERABLE
from provisioning.scim.groups.identities import identities, known
from provisioning.scim.groups.patch import GroupPatch
from provisioning.scim.groups.resource import GroupRow, location, render, row_of, version
from provisioning.scim.groups.rows import people_of
from provisioning.scim.groups.schema import SCHEMAS
from provisioning.scim.groups.wanted import Wanted
from provisioning.scim.wire.authentication import require_still_open
from provisioning.scim.wire.caller import Caller
from provisioning.scim.wire.operations import Operation, Outcome, Subject
from provisioning.scim.wire.rendering import list_response
from provisioning.scim.wire.resource_type import ResourceType


@contextmanager
def search(caller: Caller, operation: Operation) -> Iterator[Outcome]:
    query = operation.query
    page = lookups.found(caller.organization, operation)
    groups = [query.projection.of_resource(render(one.row, one.people, caller.base)) for one in page.found]
    if len(groups) == 1:
        _is_about(operation, page.found[0].row)
    yield Outcome(200, list_response(groups, page.total, query.start, page.cursors), position=page.position)


@contextmanager
def read(caller: Caller, operation: Operation) -> Iterator[Outcome]:
    found = lookups.group(caller.organization, operation)
    if found is None:
        raise refusals.NoSuchGroup(id=operation.id[:60])
    _is_about(operation, found.row)
    now = version(found.row)
    # A reader who has this version already gets none of it.
    is_read = operation.projection.shows("members") and not operation.conditions.knows(now)
    group = render(found.row, people_of(found.row.pk) if is_read else None, caller.base)
    yield Outcome(200, operation.projection.of_resource(group), now, group["meta"]["location"])


@contextmanager
def create(caller: Caller, operation: Operation) -> Iterator[Outcome]:
    name = operation.body.get("displayName")
    operation.subject.name = name[:MAX_TEXT].replace("\x00", "") if isinstance(name, str) else ""
    wanted = _from_resource(operation.body)
    with caller.organization.locked():
        adapter = GroupAdapter.create(caller.organization, wanted, by=caller.actor)
        require_still_open(caller)
        yield _outcome(caller, operation, adapter, wanted, 201)


def replace(caller: Caller, operation: Operation) -> AbstractContextManager[Outcome]:
    return _write(caller, operation, _from_resource_replacing, GroupAdapter.replace, 200)


def patch(caller: Caller, operation: Operation) -> AbstractContextManager[Outcome]:
    """The answer has no body, unless some of it is asked for (RFC 7644 §3.5.2)."""
    status = 204 if operation.projection.wanted is None else 200
    return _write(caller, operation, lambda body: GroupPatch(body).wanted, GroupAdapter.patch, status)


@contextmanager
def delete(caller: Caller, operation: Operation) -> Iterator[Outcome]:
    with _written(caller, operation) as adapter:
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


# -- steps of the handlers


def _from_resource(body: dict[str, Any]) -> Wanted:
    return from_resource(body, replaces=False)


def _from_resource_replacing(body: dict[str, Any]) -> Wanted:
    return from_resource(body, replaces=True)


@contextmanager
def _write(
    caller: Caller,
    operation: Operation,
    read: Callable[[dict[str, Any]], Wanted],
    write: Callable[..., None],
    status: int,
) -> Iterator[Outcome]:
    # Body is read before the lock, for which all other writes of the organization would wait.
    try:
        wanted = read(operation.body)
    except Refusal:
        # It is about a group, too.
        _find(caller, operation)
        raise
    with _written(caller, operation) as adapter:
        write(adapter, wanted, by=caller.actor)
        yield _outcome(caller, operation, adapter, wanted, status)


def _find(caller: Caller, operation: Operation) -> None:
    """Name the subject. Raises NoSuchGroup, also for another organization's id."""
    found = caller.organization.teams.filter(scim_id=operation.id).first()
    if found is None:
        raise refusals.NoSuchGroup(id=operation.id[:60])
    _is_about(operation, row_of(found))


@contextmanager
def _written(caller: Caller, operation: Operation) -> Iterator[GroupAdapter]:
    """The team within the token's organization, locked; the version is checked under the lock. Raises NoSuchGroup,
    also for another organization's id.
    """
    team = Team(organization=caller.organization, scim_id=operation.id)
    try:
        with team.locked():
            _is_about(operation, row_of(team))
            operation.conditions.check(lambda: version(row_of(team)))
            yield GroupAdapter(team)
            # With the writes, behind all that is read for them.
            require_still_open(caller)
    except Team.DoesNotExist:
        raise refusals.NoSuchGroup(id=operation.id[:60]) from None


def _is_about(operation: Operation, row: GroupRow) -> None:
    subject = operation.subject
    subject.id, subject.name = row.scim_id, row.name
    subject.known += known(row)


def _outcome(caller: Caller, operation: Operation, adapter: GroupAdapter, wanted: Wanted, status: int) -> Outcome:
    row, projection = row_of(adapter.team), operation.projection
    group = None
    if status != 204:
        people = people_of(row.pk) if projection.shows("members") else None
        group = projection.of_resource(render(row, people, caller.base))
    return Outcome(
        status,
        group,
        version=version(row),
        location=location(row, caller.base),
        changes=adapter.changes,
        ignored=wanted.ignored,
        subject=Subject(row.scim_id, row.name, [*operation.subject.known, *known(row)]),
    )
