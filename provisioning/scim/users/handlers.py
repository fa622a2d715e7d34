"""Handlers of Users: what is particular to them, between the steps of every handler."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial

from members.models import Member
from provisioning.models import Kind
from provisioning.scim.users import departures, lookups
from provisioning.scim.users.adapter import UserAdapter
from provisioning.scim.users.attributes import USER
from provisioning.scim.users.filterable import FILTERABLE
from provisioning.scim.users.identities import identities, known
from provisioning.scim.users.patch import UserPatch
from provisioning.scim.users.refusals import NoSuchUser
from provisioning.scim.users.resource import render
from provisioning.scim.users.rows import Found
from provisioning.scim.users.schema import SCHEMAS
from provisioning.scim.users.sent_fields import sent_fields
from provisioning.scim.users.wanted import PATH_OF, Wanted, from_resource
from provisioning.scim.wire.caller import Caller
from provisioning.scim.wire.operations import Operation, Outcome
from provisioning.scim.wire.resource_type import ResourceType
from provisioning.scim.wire.steps import Steps


def _answer(_: Caller, operation: Operation, adapter: UserAdapter, status: int) -> Outcome:
    user = adapter.to_dict()
    document, meta = operation.projection.of_resource(user), user["meta"]
    return Outcome(status, document, meta["version"], meta["location"], kept_out=adapter.kept_out)


STEPS: Steps[Found, UserAdapter] = Steps(
    model=Member,
    called=lambda organization, operation: Member.called(organization, operation.id, operation.brought),
    locked=Member.locked,
    adapter=UserAdapter,
    find=lookups.user,
    missing=NoSuchUser,
    known=known,
    answer=_answer,
)


@contextmanager
def search(caller: Caller, operation: Operation) -> Iterator[Outcome]:
    page, base = lookups.found(caller.organization, operation), caller.base
    yield STEPS.page(operation, page, lambda one: render(one.row, one.teams, base))


@contextmanager
def read(caller: Caller, operation: Operation) -> Iterator[Outcome]:
    found = STEPS.found(caller, operation)
    user = render(found.row, found.teams, caller.base)
    document = operation.projection.of_resource(user)
    yield Outcome(200, document, user["meta"]["version"], user["meta"]["location"])


def create(caller: Caller, operation: Operation) -> AbstractContextManager[Outcome]:
    def write(wanted: Wanted) -> UserAdapter:
        return UserAdapter.create(
            caller.organization, wanted, by=caller.actor, defaults=lookups.defaults(caller, operation),
            ahead=lookups.ahead(operation),
        )  # fmt: skip

    read = partial(from_resource, replaces=False)
    return STEPS.create(caller, operation, called="userName", read=read, write=write)


def replace(caller: Caller, operation: Operation) -> AbstractContextManager[Outcome]:
    read, write = partial(from_resource, replaces=True), partial(UserAdapter.replace, by=caller.actor)
    return STEPS.change(caller, operation, read=read, write=write)


def patch(caller: Caller, operation: Operation) -> AbstractContextManager[Outcome]:
    return STEPS.change(caller, operation, read=UserPatch, write=partial(UserAdapter.patch, by=caller.actor))


@contextmanager
def delete(caller: Caller, operation: Operation) -> Iterator[Outcome]:
    with STEPS.held(caller, operation) as adapter:
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
    tried=(Kind.CREATE, Kind.PATCH, Kind.REPLACE, Kind.DELETE),
    paths=PATH_OF,
    identities=identities,
    sent_fields=sent_fields,
    sought=lookups.sought,
    refused=departures.note,
)
