"""The schema of a Group on /Schemas."""

from provisioning.scim.groups.resource import Group
from provisioning.scim.wire.discovery import schema_document

DESCRIPTIONS = {
    "externalId": "The client's own id of the group; not necessarily unique.",
    "displayName": "Name of the team, unique in the organization without regard to case.",
    "members": "Members of the organization who are in the team, whatever their account type or state.",
    "members.value": "The id of the user.",
    "members.$ref": "The address of the user, whose id is read from it where value is not sent.",
    "members.display": "The client's words for the user, as sent with the value; else the user's name.",
    "members.type": "User: a group cannot be in a group.",
}

SCHEMAS = (schema_document(Group, "Group", "Group", DESCRIPTIONS),)
