"""The discovery documents (RFC 7643 §5–7): made from the resource that is served, so that they are true."""

from functools import cache
from typing import Any

from django_scim.models import SCIMServiceProviderConfig

from provisioning.scim.lookups import PAGE_MOST
from provisioning.scim.resource import CORE, NULAB, NulabUser, User

DESCRIPTIONS = {
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


def _schema(model: Any, name: str, description: str) -> dict[str, Any]:
    schema = model.to_schema().model_dump()
    schema |= {
        "name": name,
        "description": description,
        "meta": {"resourceType": "Schema", "location": f"Schemas/{schema['id']}"},
    }
    for attribute in schema["attributes"]:
        attribute["description"] = DESCRIPTIONS[attribute["name"]]
        for part in attribute.get("subAttributes") or ():
            part["description"] = DESCRIPTIONS[f"{attribute['name']}.{part['name']}"]
    return dict(schema)


SCHEMAS = [
    _schema(User, "User", "User Account"),
    _schema(NulabUser, "NulabUser", "What the Nulab apps know of a member beyond the core schema"),
]

RESOURCE_TYPES: list[dict[str, Any]] = [
    {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"],
        "id": "User",
        "name": "User",
        "endpoint": "/Users",
        "description": "Members of the organization",
        "schema": CORE,
        "schemaExtensions": [{"schema": NULAB, "required": False}],
        "meta": {"resourceType": "ResourceType", "location": "ResourceTypes/User"},
    }
]


def schemas() -> list[dict[str, Any]]:
    """For django-scim2's setting SCHEMAS_GETTER."""
    return SCHEMAS


class ServiceProviderConfig(SCIMServiceProviderConfig):
    def to_dict(self) -> dict[str, Any]:
        return service_provider_config()


@cache
def service_provider_config() -> dict[str, Any]:
    return {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
        "patch": {"supported": True},
        "bulk": {"supported": False, "maxOperations": 0, "maxPayloadSize": 0},
        "filter": {"supported": True, "maxResults": PAGE_MOST},
        "changePassword": {"supported": False},
        "sort": {"supported": False},
        "etag": {"supported": True},
        "authenticationSchemes": [
            {
                "type": "oauthbearertoken",
                "name": "SCIM token",
                "description": "The token issued under User Provisioning, sent as a bearer token",
                "specUri": "https://www.rfc-editor.org/info/rfc6750",
                "primary": True,
            }
        ],
        "meta": {"resourceType": "ServiceProviderConfig", "location": "ServiceProviderConfig"},
    }
