"""The attributes of a Group that are stored."""

from provisioning.scim.wire.attributes import Attributes

CORE = "urn:ietf:params:scim:schemas:core:2.0:Group"

GROUP = Attributes(
    core=CORE,
    stored={"externalId": (), "displayName": (), "members": ("value", "display", "type")},
    shown={"members": ("$ref",)},
)
