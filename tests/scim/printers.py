"""A second resource, as small as one can be: printers, kept in memory. The wire has never heard of them."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any
from uuid import uuid4

from django.urls import include, path
from scim2_models import URN, Required, ScimFilter, Uniqueness
from scim2_models import Resource as Declared

from provisioning.models import Kind
from provisioning.scim.groups.handlers import GROUPS
from provisioning.scim.users.handlers import USERS
from provisioning.scim.wire import refusals
from provisioning.scim.wire.addresses import addresses
from provisioning.scim.wire.attributes import Attributes
from provisioning.scim.wire.caller import Caller
from provisioning.scim.wire.columns import ALWAYS, Column, Filterable
from provisioning.scim.wire.discovery import schema_document
from provisioning.scim.wire.filters import to_q
from provisioning.scim.wire.operations import Operation, Outcome
from provisioning.scim.wire.patch import Patch
from provisioning.scim.wire.rendering import list_response, version_of
from provisioning.scim.wire.resource_type import ResourceType
from provisioning.scim.wire.sent import Sent, text

PRINTER = "urn:example:params:scim:schemas:2.0:Printer"
ATTRIBUTES = Attributes(core=PRINTER, stored={"displayName": (), "floor": ()})
FILTERABLE = Filterable(
    core=PRINTER, columns={"id": Column("id"), "displayname": Column("name")}, schemas={PRINTER.casefold(): ALWAYS}
)
DESCRIPTIONS = {"externalId": "What others call it.", "displayName": "What it is called.", "floor": "Where it is."}
# Organization -> id -> what is stored.
ROOM: dict[int, dict[str, dict[str, Any]]] = {}


class Printer(Declared[Any]):
    __schema__ = URN(PRINTER)

    display_name: Annotated[str | None, Required.true, Uniqueness.none] = None
    floor: str | None = None


class SentPrinter(Sent):
    attributes = ATTRIBUTES

    def _value(self, name: str, value: Any) -> Any:
        return text(name, value)


class PrinterPatch(Patch):
    attributes, sent, model = ATTRIBUTES, SentPrinter, Printer

    def _write_at(self, op: str, path: str, name: str, sub: str, *, is_filtered: bool, value: Any) -> None:
        self._write(op, name, name, text(path, value))

    def _write(self, op: str, path: str, name: str, value: Any) -> None:
        self._append({"op": "replace" if value else "remove", "path": path} | ({"value": value} if value else {}))


def rendered(caller: Caller, scim_id: str) -> dict[str, Any]:
    printer = {"schemas": [PRINTER], "id": scim_id, **ROOM[caller.organization.pk][scim_id]}
    location = f"{caller.base}Printers/{scim_id}"
    return printer | {"meta": {"resourceType": "Printer", "location": location, "version": version_of(printer)}}


def _outcome(caller: Caller, operation: Operation, scim_id: str, status: int, **more: Any) -> Outcome:
    printer = rendered(caller, scim_id)
    operation.subject.id, operation.subject.name = scim_id, printer["displayName"]
    document = operation.projection.of_resource(printer)
    return Outcome(status, document, printer["meta"]["version"], printer["meta"]["location"], **more)


def _find(caller: Caller, operation: Operation) -> dict[str, Any]:
    printer = ROOM.get(caller.organization.pk, {}).get(operation.id)
    if printer is None:
        raise refusals.NoSuchAddress
    return printer


@contextmanager
def search(caller: Caller, operation: Operation) -> Iterator[Outcome]:
    query = operation.query
    if query.filter:
        to_q(query.filter, FILTERABLE)
    all_of_them = [rendered(caller, one) for one in ROOM.get(caller.organization.pk, {})]
    wanted = ScimFilter[Printer](query.filter) if query.filter else None
    found = [one for one in all_of_them if wanted is None or wanted.match(Printer.model_validate(one))]
    page = found[query.start - 1 : query.start - 1 + query.count]
    shown = [query.projection.of_resource(one) for one in page]
    yield Outcome(200, list_response(shown, len(found), query.start, None if query.cursor is None else {}))


@contextmanager
def read(caller: Caller, operation: Operation) -> Iterator[Outcome]:
    _find(caller, operation)
    yield _outcome(caller, operation, operation.id, 200)


@contextmanager
def create(caller: Caller, operation: Operation) -> Iterator[Outcome]:
    sent = SentPrinter(operation.body)
    scim_id = str(uuid4())
    ROOM.setdefault(caller.organization.pk, {})[scim_id] = sent.stored
    changes = {"name": [None, sent.stored["displayName"]]}
    yield _outcome(caller, operation, scim_id, 201, changes=changes, ignored=sent.ignored)


@contextmanager
def patch(caller: Caller, operation: Operation) -> Iterator[Outcome]:
    printer = _find(caller, operation)
    wish = PrinterPatch(operation.body)
    after = wish.apply(rendered(caller, operation.id))
    operation.conditions.check(lambda: rendered(caller, operation.id)["meta"]["version"])
    printer.update({"displayName": after.get("displayName"), "floor": after.get("floor")})
    yield _outcome(caller, operation, operation.id, 200, ignored=wish.ignored)


@contextmanager
def delete(caller: Caller, operation: Operation) -> Iterator[Outcome]:
    _find(caller, operation)
    del ROOM[caller.organization.pk][operation.id]
    yield Outcome(204)


PRINTERS = ResourceType(
    name="Printer",
    endpoint="Printers",
    description="What prints",
    attributes=ATTRIBUTES,
    filterable=FILTERABLE,
    schemas=(
        schema_document(Printer, "Printer", "Printer", DESCRIPTIONS),
    ),
    handlers={
        Kind.SEARCH: search, Kind.READ: read, Kind.CREATE: create, Kind.PATCH: patch, Kind.DELETE: delete,
    },
)  # fmt: skip

urlpatterns = [path("spaces/<str:space_key>/scim/v2", include((addresses(USERS, GROUPS, PRINTERS), "scim")))]
