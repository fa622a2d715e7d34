"""The table, last part: the SCIM endpoint. A token opens its own organization, nothing else opens anything."""

from dataclasses import dataclass, field
from typing import Any

from tests.scim import CORE, SEARCH, patch_body, replace, user

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


@dataclass(frozen=True)
class ScimRow:
    """What each method comes to for the organization's own token, and what it changes."""

    name: str
    get: int = 405
    post: int = 405
    put: int = 405
    patch: int = 405
    delete: int = 405
    changes: dict[str, str] = field(default_factory=dict)
    body: dict[str, Any] = field(default_factory=dict)
    # Bodies by their methods, where they are not those of a user.
    bodies: dict[str, Any] = field(default_factory=dict)
    # What stands in the address; Kenji's id unless it says otherwise.
    uuid: str = ""

    def __str__(self) -> str:
        return self.name

    def expected(self, method: str) -> int:
        status: int = getattr(self, method.lower())
        return status


def not_offered(name: str, status: int = 501) -> ScimRow:
    return ScimRow(name, get=status, post=status, put=status, patch=status, delete=status)


WRITES = {"PUT": "Account.name", "PATCH": "Account.name", "DELETE": "-Member"}
# The name of the member whose id stands in the address, and who is created where none does.
BODIES: dict[str, Any] = {
    "PUT": user("kenji@aozora.example", displayName="Kenji Ito"),
    "PATCH": patch_body(replace("displayName", "Kenji Ito")),
    "POST": user("newbie@aozora.example"),
}
BULK = {"Operations": [{"method": "POST", "path": "/Users", "bulkId": "1", "data": user("newbie@aozora.example")}]}

TEAM_WRITES = {"PUT": "Team.name", "PATCH": "Team.name", "DELETE": "-Team"}
GROUPS: dict[str, Any] = {
    "PUT": {"displayName": "Brand"},
    "PATCH": patch_body(replace("displayName", "Brand")),
    "POST": {"displayName": "Brand"},
}

SCIM = [
    ScimRow("scim:root", get=200),
    ScimRow("scim:search", post=200, body={"schemas": [SEARCH]}),
    not_offered("scim:me"),
    ScimRow("scim:bulk", post=200, body=BULK, changes={"POST": "+Member"}),
    ScimRow("scim:users", get=200, post=201, changes={"POST": "+Member"}),
    ScimRow("scim:users-search", post=200, body={"schemas": [SEARCH]}),
    ScimRow("scim:user", get=200, put=200, patch=200, delete=204, changes=WRITES),
    ScimRow("scim:groups", get=200, post=201, changes={"POST": "+Team"}, bodies=GROUPS),
    ScimRow("scim:groups-search", post=200, body={"schemas": [SEARCH]}),
    ScimRow("scim:group", get=200, put=200, patch=204, delete=204, changes=TEAM_WRITES, bodies=GROUPS, uuid="{team}"),
    ScimRow("scim:service-provider-config", get=200),
    ScimRow("scim:resource-types", get=200, uuid="User"),
    ScimRow("scim:schemas", get=200, uuid=CORE),
]
