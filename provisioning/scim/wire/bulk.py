"""The request of a Bulk (RFC 7644 §3.7), read before anything of it is done."""

from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext_noop as _

from provisioning.models import Kind
from provisioning.scim.wire import refusals
from provisioning.scim.wire.requests import MAX_OPERATIONS
from provisioning.scim.wire.resource_type import ResourceType

METHODS = {"POST": Kind.CREATE, "PUT": Kind.REPLACE, "PATCH": Kind.PATCH, "DELETE": Kind.DELETE}


@dataclass
class Entry:
    """One operation as it was sent; what is wrong with it is its own refusal."""

    sent: Any
    method: str = ""
    path: str = ""
    bulk_id: str = ""
    version: str = ""
    data: dict[str, Any] = field(default_factory=dict)
    resource: ResourceType | None = None
    # The id in its path, or the reference to one.
    id: str = ""
    refusal: refusals.ProtocolRefusal | None = None

    @property
    def kind(self) -> Kind:
        return METHODS.get(self.method, Kind.OTHER)


def entries_of(body: dict[str, Any], resources: tuple[ResourceType, ...]) -> list[Entry]:
    """The operations in the order in which they were sent. Raises InvalidSyntax, TooManyOperations, SameBulkId."""
    operations = _folded(body).get("operations")
    if not isinstance(operations, list):
        raise refusals.InvalidSyntax(problem=_("a Bulk needs a list of “Operations”"))
    if len(operations) > MAX_OPERATIONS:
        raise refusals.TooManyOperations(most=MAX_OPERATIONS, sent=len(operations))
    entries = [_entry(sent, resources) for sent in operations]
    ids = [entry.bulk_id for entry in entries if entry.bulk_id]
    if len(ids) > len(set(ids)):
        raise refusals.SameBulkId
    return entries


def fail_on_errors(body: dict[str, Any]) -> int | None:
    """The number of errors after which nothing more is done; None: all is tried. Raises InvalidFailOnErrors."""
    sent = _folded(body).get("failonerrors")
    if sent is None:
        return None
    if not isinstance(sent, int) or isinstance(sent, bool) or sent < 1:
        raise refusals.InvalidFailOnErrors
    return sent


def _entry(sent: Any, resources: tuple[ResourceType, ...]) -> Entry:
    entry = Entry(sent)
    try:
        _read(entry, resources)
    except refusals.ProtocolRefusal as refusal:
        entry.refusal = refusal
    return entry


def _read(entry: Entry, resources: tuple[ResourceType, ...]) -> None:
    if not isinstance(entry.sent, dict):
        raise refusals.InvalidSyntax(problem=_("an operation must be a JSON object"))
    folded = _folded(entry.sent)
    texts = {name: value if isinstance(value := folded.get(name), str) else "" for name in TEXTS}
    entry.method, entry.path = texts["method"].upper()[:20], texts["path"][:500]
    entry.bulk_id, entry.version = texts["bulkid"], texts["version"]
    if entry.method not in METHODS:
        raise refusals.InvalidSyntax(problem=_("the method of an operation must be POST, PUT, PATCH or DELETE"))
    _find(entry, resources)
    if entry.kind is Kind.CREATE and not entry.bulk_id:
        raise refusals.InvalidSyntax(problem=_("a POST in a Bulk needs a “bulkId”"))
    data = folded.get("data")
    if entry.kind is not Kind.DELETE and not isinstance(data, dict):
        raise refusals.InvalidSyntax(problem=_("the “data” of an operation must be a JSON object"))
    entry.data = data if isinstance(data, dict) else {}


TEXTS = ("method", "path", "bulkid", "version")


def _find(entry: Entry, resources: tuple[ResourceType, ...]) -> None:
    """The resource of the path. Raises NoSuchAddress, MethodNotAllowed."""
    words = [word for word in entry.path.split("/") if word]
    entry.resource = next((one for one in resources if words and one.endpoint == words[0]), None)
    if entry.resource is None or len(words) > 2 or "\x00" in entry.path:
        raise refusals.NoSuchAddress
    entry.id = words[1] if len(words) == 2 else ""
    allowed = "PUT, PATCH, DELETE" if entry.id else "POST"
    if entry.method not in allowed.split(", ") or entry.kind not in entry.resource.handlers:
        raise refusals.MethodNotAllowed(method=entry.method, allowed=allowed)


def _folded(sent: dict[str, Any]) -> dict[str, Any]:
    return {key.casefold(): value for key, value in sent.items()}
