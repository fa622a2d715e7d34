"""Handlers of Users: each finds, checks, calls a verb and gives an Outcome."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from members.models import Member
from members.refusals import Refusal
from members.values import MAX_TEXT
from provisioning.models import Kind
from provisioning.scim.users import departures, lookups, refusals
from provisioning.scim.users.adapter import UserAdapter
from provisioning.scim.users.attributes import USER
from provisioning.scim.users.filterable import FILTERABLE
from provisioning.scim.users.identities import identities, known
from provisioning.scim.users.patch import UserPatch
from provisioning.scim.users.resource import UserRow, render, row_of
from provisioning.scim.users.schema import SCHEMAS
from provisioning.scim.users.sent_fields import sent_fields
from provisioning.scim.users.wanted import PATH_OF, from_resource
from provisioning.scim.wire.authentication import require_still_open
from provisioning.scim.wire.caller import Caller
from provisioning.scim.wire.operations import Operation, Outcome, Subject
from provisioning.scim.wire.rendering import list_response
from provisioning.scim.wire.resource_type import ResourceType


@contextmanager
def search(caller: Caller, operation: Operation) -> Iterator[Outcome]:
    query = operation.query
    page = lookups.found(caller.organization, operation)
    users = [query.projection.of_resource(render(*one, caller.base)) for one in page.found]
    if len(users) == 1:
        _is_about(operation, page.found[0].row)
    yield Outcome(200, list_response(users, page.total, query.start, page.cursors), position=page.position)


@contextmanager
def read(caller: Caller, operation: Operation) -> Iterator[Outcome]:
    found = lookups.user(caller.organization, operation)
    if found is None:
        raise refusals.NoSuchUser(id=operation.id[:60])
    _is_about(operation, found.row)
    user = render(*found, caller.base)
    document = operation.projection.of_resource(user)
    yield Outcome(200, document, user["meta"]["version"], user["meta"]["location"])


@contextmanager
def create(caller: Caller, operation: Operation) -> Iterator[Outcome]:
    user_name = operation.body.get("userName")
    operation.subject.name = user_name[:MAX_TEXT].replace("\x00", "") if isinstance(user_name, str) else ""
    wanted = from_resource(operation.body, replaces=False)
    with caller.organization.locked():
        adapter = UserAdapter.create(
            caller.organization, wanted, by=caller.actor, language=caller.language, time_zone=caller.time_zone
        )
        require_still_open(caller)
        yield _outcome(operation, adapter, 201)


def replace(caller: Caller, operation: Operation) -> AbstractContextManager[Outcome]:
    return _write(caller, operation, lambda body: from_resource(body, replaces=True), UserAdapter.replace)


def patch(caller: Caller, operation: Operation) -> AbstractContextManager[Outcome]:
    return _write(caller, operation, UserPatch, UserAdapter.patch)


@contextmanager
def delete(caller: Caller, operation: Operation) -> Iterator[Outcome]:
    with _written(caller, operation) as adapter:
        adapter.delete(by=caller.actor)
        yield Outcome(204)


HANDLERS = {
    Kind.SEARCH: search,
    Kind.READ: read,
    Kind.CREATE: create,
    Kind.REPLACE: replace,
    Kind.PATCH: patch,
    Kind.DELETE: delete,
}

USERS = ResourceType(
    name="User",
    endpoint="Users",
    description="Members of the organization",
    attributes=USER,
    filterable=FILTERABLE,
    schemas=SCHEMAS,
    handlers=HANDLERS,
    paths=PATH_OF,
    identities=identities,
    sent_fields=sent_fields,
    sought=lookups.sought,
    refused=departures.note,
)


# -- steps of the handlers


@contextmanager
def _write(
    caller: Caller, operation: Operation, read: Callable[[dict[str, Any]], Any], write: Callable[..., None]
) -> Iterator[Outcome]:
    # Body is read before the lock, for which all other writes of the organization would wait.
    try:
        wish = read(operation.body)
    except Refusal:
        # It is about somebody, too.
        _find(caller, operation)
        raise
    with _written(caller, operation) as adapter:
        write(adapter, wish, by=caller.actor)
        yield _outcome(operation, adapter, 200)


def _find(caller: Caller, operation: Operation) -> None:
    """Name the subject. Raises NoSuchUser, also for another organization's id."""
    found = lookups.user(caller.organization, operation)
    if found is None:
        raise refusals.NoSuchUser(id=operation.id[:60])
    _is_about(operation, found.row)


@contextmanager
def _written(caller: Caller, operation: Operation) -> Iterator[UserAdapter]:
    """The member within the token's organization, locked; the version is checked under the lock. Raises NoSuchUser,
    also for another organization's id.
    """
    member = Member(organization=caller.organization, scim_id=operation.id)
    try:
        with member.locked():
            require_still_open(caller)
            _is_about(operation, row_of(member))
            adapter = UserAdapter(member)
            operation.conditions.check(lambda: adapter.to_dict()["meta"]["version"])
            yield adapter
    except Member.DoesNotExist:
        raise refusals.NoSuchUser(id=operation.id[:60]) from None


def _is_about(operation: Operation, row: UserRow) -> None:
    subject = operation.subject
    subject.id, subject.name = row.scim_id, row.name
    subject.known += known(row)


def _outcome(operation: Operation, adapter: UserAdapter, status: int) -> Outcome:
    user, row = adapter.to_dict(), row_of(adapter.obj)
    return Outcome(
        status,
        operation.projection.of_resource(user),
        version=user["meta"]["version"],
        location=user["meta"]["location"],
        changes=adapter.changes,
        ignored=adapter.ignored,
        # Not yet sent to the database, which may refuse it: then it is about the person as stored.
        subject=Subject(row.scim_id, row.name, [*operation.subject.known, *known(row)]),
        kept_out=adapter.kept_out,
    )
