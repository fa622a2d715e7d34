"""Handlers of Groups: none yet, and their addresses say so."""

from provisioning.scim.groups.attributes import GROUP
from provisioning.scim.groups.filterable import FILTERABLE
from provisioning.scim.groups.refusals import GroupsNotOffered
from provisioning.scim.wire.resource_type import ResourceType

GROUPS = ResourceType(
    name="Group",
    endpoint="Groups",
    description="Teams of the organization",
    attributes=GROUP,
    filterable=FILTERABLE,
    not_offered=GroupsNotOffered,
)
