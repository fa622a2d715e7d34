"""The discovery documents (RFC 7643 §5–7): made from the resources that are served, so that they are true."""

from collections.abc import Mapping
from functools import cache
from typing import TYPE_CHECKING, Any

from scim2_models import Resource

from provisioning.scim.wire.cursors import TIMEOUT
from provisioning.scim.wire.requests import MAX_BODY, MAX_OPERATIONS, MAX_PAGE, PAGE

if TYPE_CHECKING:
    from provisioning.scim.wire.resource_type import ResourceType


# Listed, as RFC 7643 §3.1 leaves it open: [Entra] Microsoft's validator wants each target of a mapping on /Schemas.
EXTERNAL_ID = {
    "name": "externalId",
    "type": "string",
    "multiValued": False,
    "required": False,
    "caseExact": True,
    "mutability": "readWrite",
    "returned": "default",
    "uniqueness": "none",
}


def schema_document(model: Any, name: str, description: str, descriptions: Mapping[str, str]) -> dict[str, Any]:
    """The schema of a resource of scim2-models; `descriptions` has one for each attribute and "attribute.part"."""
    schema: dict[str, Any] = model.to_schema().model_dump()
    schema |= {
        "name": name,
        "description": description,
        "meta": {"resourceType": "Schema", "location": f"Schemas/{schema['id']}"},
    }
    if issubclass(model, Resource):
        schema["attributes"].insert(0, dict(EXTERNAL_ID))
    for attribute in schema["attributes"]:
        attribute["description"] = descriptions[attribute["name"]]
        for part in attribute.get("subAttributes") or ():
            part["description"] = descriptions[f"{attribute['name']}.{part['name']}"]
    return schema


def resource_type_document(resource: "ResourceType") -> dict[str, Any]:
    core, *extensions = (schema["id"] for schema in resource.schemas)
    return {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ResourceType"],
        "id": resource.name,
        "name": resource.name,
        "endpoint": f"/{resource.endpoint}",
        "description": resource.description,
        "schema": core,
        "schemaExtensions": [{"schema": urn, "required": False} for urn in extensions],
        "meta": {"resourceType": "ResourceType", "location": f"ResourceTypes/{resource.name}"},
    }


def located(document: dict[str, Any], base: str) -> dict[str, Any]:
    """A discovery document with its own address; the rest of it is the same for everybody."""
    path = document["meta"]["location"]
    return {**document, "meta": {**document["meta"], "location": f"{base}{path}"}}


@cache
def service_provider_config() -> dict[str, Any]:
    return {
        "schemas": ["urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"],
        "patch": {"supported": True},
        "bulk": {"supported": True, "maxOperations": MAX_OPERATIONS, "maxPayloadSize": MAX_BODY},
        "filter": {"supported": True, "maxResults": MAX_PAGE},
        "changePassword": {"supported": False},
        "sort": {"supported": True},
        "etag": {"supported": True},
        "pagination": {
            "cursor": True,
            "index": True,
            "defaultPaginationMethod": "index",
            "defaultPageSize": PAGE,
            "maxPageSize": MAX_PAGE,
            "cursorTimeout": TIMEOUT,
        },
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
