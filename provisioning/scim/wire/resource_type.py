"""A resource type: all that the wire knows of Users or Groups is handed in with it."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from members.refusals import Refusal
from provisioning.models import Kind
from provisioning.scim.wire.attributes import Attributes
from provisioning.scim.wire.columns import Filterable
from provisioning.scim.wire.masking import Masking
from provisioning.scim.wire.operations import Handler, Operation
from provisioning.scim.wire.sought import Sought

if TYPE_CHECKING:
    from provisioning.scim.wire.call import Call


@dataclass(frozen=True)
class ResourceType:
    # Name (User) and the first part of its addresses (Users), as in RFC 7643.
    name: str
    endpoint: str
    description: str
    attributes: Attributes
    filterable: Filterable
    # The core schema and its extension, as /Schemas shows them.
    schemas: tuple[dict[str, Any], ...] = ()
    handlers: Mapping[Kind, Handler] = field(default_factory=dict)
    # Kinds of operations that can be tried without holding the organization's lock.
    tried: Collection[Kind] = ()
    # The look-up that the statement of a read's caller brings besides, for Operation.brought.
    sought: Callable[[Operation], Sought | None] = lambda operation: None
    # The attributes by which columns of ours are called in refusals.
    paths: Mapping[str, str] = field(default_factory=dict)
    # Addresses and ids by which a call is found: from its path, filter and body.
    identities: Callable[[str, Any, Any], list[str]] = lambda path, filter_text, body: []
    # Fields that a body names, for the note of what an identity provider sends.
    sent_fields: Callable[[dict[str, Any]], set[str]] = lambda body: set()
    # Called with each refusal, after it has undone everything.
    refused: Callable[["Call", Refusal], None] = lambda call, refusal: None

    @cached_property
    def masking(self) -> Masking:
        return Masking(self.attributes, self.filterable.knows, self.endpoint)


# Masking of calls whose address belongs to no resource: without attributes, so that no value is kept.
NOTHING = Masking(Attributes(core="urn:ietf:params:scim:schemas:core:2.0", stored={}), lambda name: False)
