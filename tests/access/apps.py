"""The table, beside the last part: the API of the apps. A key opens it, and no session does."""

from dataclasses import dataclass, field
from typing import Any

from api.scopes import Scope

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")


@dataclass(frozen=True)
class ApiRow:
    """One route: the scope that it takes, and what a call of it comes to for a key that has it."""

    name: str
    scope: Scope
    get: int = 405
    post: int = 405
    # What stands in the address beside the space key: things of tests/api/world.py.
    at: dict[str, str] = field(default_factory=dict)
    body: dict[str, Any] = field(default_factory=dict)
    # For the apps' keys alone.
    is_of_apps: bool = False

    def __str__(self) -> str:
        return self.name

    @property
    def method(self) -> str:
        return "GET" if self.get != 405 else "POST"

    def expected(self, method: str) -> int:
        return {"GET": self.get, "POST": self.post}.get(method, 405)


# The description: for everybody, and without a key.
PUBLIC = {"api-description", "api-jwks"}

API = [
    ApiRow("api-organizations", Scope.ORGANIZATIONS, get=200),
    ApiRow("api-organization", Scope.ORGANIZATIONS, get=200),
    ApiRow("api-events", Scope.EVENTS, get=200),
    ApiRow("api-members", Scope.MEMBERS, get=200),
    ApiRow("api-member", Scope.MEMBERS, get=200),
    ApiRow("api-teams", Scope.TEAMS, get=200),
    ApiRow("api-team", Scope.TEAMS, get=200),
    ApiRow("api-team-members", Scope.TEAMS, get=200),
    ApiRow("api-licences", Scope.LICENCES, get=200),
    ApiRow("api-holders", Scope.LICENCES, get=200),
    ApiRow("api-provisioning", Scope.HEALTH, get=200),
    ApiRow(
        "api-access",
        Scope.ACCESS,
        post=200,
        body={"organization": "{space_key}", "app": "backlog", "member_id": "{member_id}"},
    ),
    ApiRow("api-sets", Scope.EVENTS, post=200, body={"maxEvents": 0}, is_of_apps=True),
    # The code of nobody.
    ApiRow(
        "api-sessions",
        Scope.ACCESS,
        post=409,
        body={"code": "nlb_code_x", "return_to": "https://x.example"},
        is_of_apps=True,
    ),
]
