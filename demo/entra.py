"""The requests of Microsoft Entra ID, to the letter, in both of its PATCH dialects.

https://learn.microsoft.com/en-us/entra/identity/app-provisioning/use-scim-to-provision-users-and-groups
https://learn.microsoft.com/en-us/entra/identity/app-provisioning/application-provisioning-config-problem-scim-compatibility
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote, unquote

USER = "urn:ietf:params:scim:schemas:core:2.0:User"
ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"
PATCH = "urn:ietf:params:scim:api:messages:2.0:PatchOp"
APP_ROLE = "WindowsAzureActiveDirectoryRole"
WORK_EMAIL = 'emails[type eq "work"].value'
PRIMARY_ROLE = 'roles[primary eq "True"].value'
# User of “Test connection”: somebody who cannot exist.
NOBODY = "6b0d2f6e-1f0e-4b43-8f0c-7b6a5a6f3c11"


@dataclass(frozen=True, slots=True)
class Person:
    """A person of the directory; the object id never changes."""

    object_id: str
    given_name: str
    family_name: str
    display_name: str
    user_name: str
    email: str
    language: str = "en-US"
    role: str = "USER"
    nickname: str = ""
    is_enabled: bool = True

    def attributes(self) -> dict[str, str]:
        """The attribute mapping: values by SCIM path, which are compared, and sent when they change."""
        values = {
            "userName": self.user_name,
            WORK_EMAIL: self.email,
            "displayName": self.display_name,
            "name.givenName": self.given_name,
            "name.familyName": self.family_name,
            "name.formatted": self.display_name,
            "preferredLanguage": self.language,
            PRIMARY_ROLE: self.role,
            "nickName": self.nickname,
            "active": str(self.is_enabled),
        }
        # Entra never provisions what is empty.
        return {path: value for path, value in values.items() if value}


@dataclass(frozen=True, slots=True)
class Request:
    method: str
    path: str
    body: dict[str, Any] | None = None

    @property
    def decoded(self) -> str:
        """The request line with the filter decoded."""
        return f"{self.method} {unquote(self.path)}"


def search(user_name: str) -> Request:
    quoted = user_name.replace("\\", "\\\\").replace('"', '\\"')
    return Request("GET", "/Users?filter=" + quote(f'userName eq "{quoted}"', safe=""))


def test_connection() -> Request:
    return search(NOBODY)


def read(scim_id: str) -> Request:
    return Request("GET", f"/Users/{quote(scim_id, safe='')}")


def create(person: Person) -> Request:
    body: dict[str, Any] = {
        "schemas": [USER, ENTERPRISE],
        "externalId": person.object_id,
        "userName": person.user_name,
        "active": person.is_enabled,
        "displayName": person.display_name,
        "emails": [{"primary": True, "type": "work", "value": person.email}],
        "meta": {"resourceType": "User"},
        "name": {
            "formatted": person.display_name,
            "familyName": person.family_name,
            "givenName": person.given_name,
        },
        "preferredLanguage": person.language,
        "roles": [{"primary": True, "type": APP_ROLE, "value": person.role}],
    }
    return Request("POST", "/Users", body | ({"nickName": person.nickname} if person.nickname else {}))


def change(scim_id: str, former: dict[str, str], wanted: dict[str, str], *, compliant: bool) -> Request:
    """Send again what differs. `compliant` is the dialect of the flag aadOptscim062020."""
    changed = {path: value for path, value in wanted.items() if former.get(path) != value}
    operations = _compliant(changed) if compliant else _plain(changed, former)
    return _patch(scim_id, list(operations))


def switch(scim_id: str, is_enabled: bool, *, compliant: bool) -> Request:
    return change(scim_id, {"active": str(not is_enabled)}, {"active": str(is_enabled)}, compliant=compliant)


def delete(scim_id: str) -> Request:
    return Request("DELETE", f"/Users/{quote(scim_id, safe='')}")


def _patch(scim_id: str, operations: list[dict[str, Any]]) -> Request:
    return Request("PATCH", f"/Users/{quote(scim_id, safe='')}", {"schemas": [PATCH], "Operations": operations})


def _plain(changed: dict[str, str], former: dict[str, str]) -> Iterator[dict[str, Any]]:
    for path, value in changed.items():
        yield {"op": "Replace" if path in former else "Add", "path": path, "value": value}


def _compliant(changed: dict[str, str]) -> Iterator[dict[str, Any]]:
    """Everything else in one operation, e-mail, role and active by themselves."""
    together = {path: value for path, value in changed.items() if path not in (WORK_EMAIL, PRIMARY_ROLE, "active")}
    if together:
        yield {"op": "replace", "value": together}
    if WORK_EMAIL in changed:
        yield {"op": "replace", "path": WORK_EMAIL, "value": changed[WORK_EMAIL]}
    if role := changed.get(PRIMARY_ROLE):
        entry = {"primary": False, "type": APP_ROLE, "display": role, "value": role}
        yield {"op": "replace", "path": "roles", "value": [entry]}
    if "active" in changed:
        yield {"op": "replace", "path": "active", "value": changed["active"] == "True"}
