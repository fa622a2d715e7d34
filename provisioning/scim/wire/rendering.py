"""The common parts of rendered resources."""

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import orjson
from django.conf import settings
from django.db.models import CharField, Func

LIST = "urn:ietf:params:scim:api:messages:2.0:ListResponse"


def version_of(document: dict[str, Any]) -> str:
    """A weak ETag of the content (RFC 7644 §3.14): it differs if anything visible differs."""
    return f'W/"{hashlib.blake2b(orjson.dumps(document), digest_size=12).hexdigest()}"'


def instant(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


class Instant(Func):
    """The same of a column, written by the database: in Python two moments take as long as the rest of a User."""

    output_field: Any = CharField()
    arity = 1
    template = """to_char(%(expressions)s AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"')"""

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        # It keeps them as text in UTC, without a fraction where that is nought.
        template = "substr(replace(%(expressions)s, ' ', 'T') || '.000000', 1, 26) || 'Z'"
        return self.as_sql(compiler, connection, template=template, **context)


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
