"""The OpenAPI document: made of the routes, their serializers and what `described` says of them."""

from functools import cache
from typing import Any

import orjson
from django.conf import settings
from drf_spectacular.generators import SchemaGenerator

from api.access.answer import WAYS

VERSION = "1.0"
ABOUT = """What the Nulab apps and organizations' own programs ask this site.

A key goes into the header `Authorization: Bearer …`: the key of an app, which support staff make and which may ask
about every organization, or an administrator's personal access token, which may ask about that organization only.
Times are RFC 3339 in UTC. A problem is answered as problem details (RFC 9457): its `code` never changes, its `detail`
is a sentence in the language of `Accept-Language`. Nothing may be cached.
"""


def document() -> bytes:
    """The document as JSON."""
    return _document(settings.BASE_URL)


@cache
def _document(base_url: str) -> bytes:
    """It changes with the code only."""
    generator: Any = SchemaGenerator
    found: dict[str, Any] = generator(urlconf="api.urls").get_schema(request=None, public=True)
    found["info"] = {"title": "Nulab Organization API", "version": VERSION, "description": ABOUT}
    found["servers"] = [{"url": base_url}]
    found["security"] = [{"key": []}]
    found["components"]["securitySchemes"] = {"key": {"type": "http", "scheme": "bearer"}}
    for name, schema in found["components"]["schemas"].items():
        if name.endswith("Asked"):
            schema["additionalProperties"] = False
    bodies = [one["requestBody"] for path in found["paths"].values() for one in path.values() if "requestBody" in one]
    for body in bodies:
        # Also one of which no value has to be sent.
        body["required"] = True
    found["components"]["schemas"]["AccessAsked"]["oneOf"] = [{"required": [way]} for way in WAYS]
    return orjson.dumps(found)
