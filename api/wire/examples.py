"""Examples of answers for the description; a test holds each to its schema."""

from typing import Any

SPACE_KEY = "ACME000001"
ORGANIZATION = {"space_key": SPACE_KEY, "organization_id": "acme", "name": "Acme", "is_sandbox": False}
MEMBER: dict[str, Any] = {
    "id": "2f6c1a0e-9d0b-4b3e-8a51-6f0c2f9d7e11",
    "unique_id": "mia",
    "name": "Mia Sato",
    "user_name": "mia.sato@acme.example",
    "email": "mia.sato@acme.example",
    "role": "USER",
    "is_plan_admin": False,
    "can_invite": False,
    "is_audit_log_admin": False,
    "active": True,
    "account_type": "managed",
    "managed_here": True,
    "licences": ["pass", "cacoo"],
    "language": "ja",
    "time_zone": "Asia/Tokyo",
    "created_at": "2026-04-01T00:00:00Z",
    "modified_at": "2026-11-28T09:00:00Z",
}
TEAM = {"id": "7b0d9a52-3a61-4b0f-9a55-0d7e0f3b1c22", "name": "Platform", "created_at": "2026-04-01T00:00:00Z"}
LICENCE = {"product": "cacoo", "bought": 50, "used": 42, "free": 8, "is_running": True}
HEALTH = {"state": "running", "label": "Running", "cause": None, "detail": ""}
ACCESS_ASKED = {"organization": SPACE_KEY, "address": "mia.sato@acme.example"}
ACCESS = {
    "allowed": False,
    "reason": "member_is_inactive",
    "detail": "This account is inactive. Ask an administrator of the organization that manages it.",
    "member_id": MEMBER["id"],
}
SESSION_ASKED = {"code": "nlb_code_Zl3…", "return_to": "https://backlog.example.com/signed-in"}
SESSION = {
    "session": "nlb_ses_f0V…",
    "name": MEMBER["name"],
    "email": MEMBER["email"],
    "language": "ja",
    "time_zone": "Asia/Tokyo",
    "organizations": [
        {"space_key": SPACE_KEY, "organization_id": "acme", "name": "Acme", "member_id": MEMBER["id"]},
    ],
}
EVENT = {
    "type": "account.deactivated",
    "timestamp": "2026-11-28T09:00:00Z",
    "data": {
        "id": f"{SPACE_KEY}-42",
        "number": 42,
        "organization": SPACE_KEY,
        "subject": {"type": "member", "id": MEMBER["id"]},
    },
}
POLL_ASKED = {
    "ack": [f"{SPACE_KEY}-41"],
    "setErrs": {f"{SPACE_KEY}-40": {"err": "invalid_key", "description": "There is no key with this kid."}},
    "maxEvents": 50,
    "returnImmediately": True,
}
POLL = {"sets": {f"{SPACE_KEY}-42": "eyJhbGciOiJSUzI1NiIs…"}, "moreAvailable": False}
KEYS = {"keys": [{"kty": "RSA", "use": "sig", "alg": "RS256", "kid": "9vXq…", "n": "u7Tq…", "e": "AQAB"}]}
PROBLEM = {
    "type": "tag:nulab.com,2026:problem/no_such_member",
    "title": "Not Found",
    "status": 404,
    "detail": "This organization has no member with this id.",
    "code": "no_such_member",
    "request_id": "0066154b2dcfc90cc3ac1fc52ab",
}


def page_with(item: dict[str, Any]) -> dict[str, Any]:
    return {"items": [item], "next_cursor": None}
