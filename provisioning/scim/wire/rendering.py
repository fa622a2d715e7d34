"""The common parts of rendered resources."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import orjson
from django.conf import settings

LIST = "urn:ietf:params:scim:api:messages:2.0:ListResponse"


def version_of(document: dict[str, Any]) -> str:
    """A weak ETag of the content (RFC 7644 §3.14): it differs if anything visible differs."""
    return f'W/"{hashlib.blake2b(orjson.dumps(document), digest_size=12).hexdigest()}"'


def instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


def base_url(space_key: str) -> str:
    return f"{settings.BASE_URL}/spaces/{space_key}/scim/v2/"


def list_response(
    resources: list[dict[str, Any]], total: int, start: int, cursors: Mapping[str, str] | None = None
) -> dict[str, Any]:
    """A ListResponse; a page by cursor has cursors in place of its start."""
    where = {"startIndex": start} if cursors is None else cursors
    return {
        "schemas": [LIST],
        "totalResults": total,
        "itemsPerPage": len(resources),
        **where,
        "Resources": resources,
    }
