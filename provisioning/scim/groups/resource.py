"""The Group resource: exactly what is stored, as /Schemas declares it and as it is rendered.

`Group` is the declaration (scim2-models); `render` writes the same by hand.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Annotated, Any, NamedTuple

from pydantic import Field
from scim2_models import URN, CaseExact, ComplexAttribute, Mutability, Reference, Required, Resource, Uniqueness

from members.models import Team
from provisioning.scim.groups.attributes import CORE
from provisioning.scim.wire.rendering import instant, version_of


class Member(ComplexAttribute):
    value: Annotated[str | None, Mutability.immutable, Required.true, CaseExact.true] = None
    ref: Annotated[Reference["User"] | None, Mutability.immutable] = Field(  # type: ignore[name-defined]  # noqa: F821
        None, serialization_alias="$ref", validation_alias="$ref"
    )
    # The client's words of the moment when the member came in.
    display: Annotated[str | None, Mutability.immutable] = None
    type: Annotated[str | None, Mutability.immutable] = Field(None, examples=["User"])


class Group(Resource[Any]):
    __schema__ = URN(CORE)

    display_name: Annotated[str | None, Required.true, Uniqueness.server] = None
    members: list[Member] | None = None


class GroupRow(NamedTuple):
    """The columns that make a Group, in the order of COLUMNS."""

    pk: int
    scim_id: str
    external_id: str | None
    name: str
    revision: int
    created_at: datetime
    modified_at: datetime


COLUMNS = list(GroupRow._fields)
# SCIM id and name of each member; None where they were not asked for.
People = Iterable[tuple[str, str]] | None


def row_of(team: Team) -> GroupRow:
    """The same columns from a team at hand, after verbs have changed it."""
    return GroupRow(*(getattr(team, name) for name in GroupRow._fields))


def version(row: GroupRow) -> str:
    """A version of the counted changes: a look at who is in it would cost what the team is large (decision 28)."""
    return version_of({"id": row.scim_id, "revision": row.revision})


def location(row: GroupRow, base: str) -> str:
    return f"{base}Groups/{row.scim_id}"


def render(row: GroupRow, people: People, base: str) -> dict[str, Any]:
    """The resource as a dict; `base` is the SCIM URL."""
    group: dict[str, Any] = {"schemas": [CORE], "id": row.scim_id}
    if row.external_id is not None:
        group["externalId"] = row.external_id
    group["displayName"] = row.name
    if people is not None:
        # [Entra] Microsoft's collection looks for the empty list, too.
        group["members"] = [_member(scim_id, name, base) for scim_id, name in people]
    group["meta"] = {
        "resourceType": "Group",
        "created": instant(row.created_at),
        "lastModified": instant(row.modified_at),
        "location": location(row, base),
        "version": version(row),
    }
    return group


def _member(scim_id: str, name: str, base: str) -> dict[str, str]:
    return {"value": scim_id, "$ref": f"{base}Users/{scim_id}", "display": name, "type": "User"}
