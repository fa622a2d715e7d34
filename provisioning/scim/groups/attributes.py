"""The attributes of a Group whose values the sync activity may keep."""

from provisioning.scim.wire.attributes import Attributes

GROUP = Attributes(
    core="urn:ietf:params:scim:schemas:core:2.0:Group",
    stored={"externalId": (), "displayName": (), "members": ("value", "type")},
)
