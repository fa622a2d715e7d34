"""The schemas of a User on /Schemas."""

from typing import Any

from provisioning.scim.users.resource import NulabUser, User
from provisioning.scim.wire.discovery import schema_document

DESCRIPTIONS = {
    "externalId": "What the client calls the member. Several may have the same.",
    "userName": "Sign-in name: an e-mail address in a verified domain.",
    "displayName": "Name. Wins over the parts of name.",
    "nickName": "Unique ID, if it is free and valid; uniqueId of the extension wins.",
    "preferredLanguage": "Language, as sent: en or ja by the first tag that fits.",
    "locale": "Language, where preferredLanguage says none; as sent.",
    "timezone": "Time zone, as sent: an IANA name.",
    "active": "Whether the person may sign in. Always has a value.",
    "emails": "Email. One address is kept: the primary one, else the one of type work.",
    "roles": "Role: the primary entry, else the highest. Always has a value.",
    "groups": "Teams of the member.",
    "uniqueId": "Unique ID: the handle used for @mentions.",
    "name": "Name, where displayName is not sent.",
    "name.formatted": "The whole name.",
    "name.familyName": "Family name.",
    "name.givenName": "Given name.",
    "emails.value": "The address, in a verified domain.",
    "emails.type": "What the client calls it, such as work.",
    "emails.primary": "True: one address is kept.",
    "roles.value": "ADMIN, USER or GUEST.",
    "roles.primary": "True: one role is kept.",
    "groups.value": "The id of the team.",
    "groups.display": "The name of the team.",
}

SCHEMAS = (
    schema_document(User, "User", "User Account", DESCRIPTIONS),
    schema_document(
        NulabUser, "NulabUser", "What the Nulab apps know of a member beyond the core schema", DESCRIPTIONS
    ),
)


def schemas() -> list[dict[str, Any]]:
    """The schemas for django-scim2's setting SCHEMAS_GETTER, which its views read while they are imported."""
    return list(SCHEMAS)
