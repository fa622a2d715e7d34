"""Lines of the sync activity that were written when values were kept unless their names sounded secret."""

from typing import Any

import orjson
from django.utils import translation

from provisioning.models import SyncActivity
from provisioning.scim.users.handlers import USERS
from provisioning.scim.wire.masked_text import HIDDEN

# They were all of Users.
MASKING = USERS.masking
FIELDS = ["path", "ignored", "body", "figures", "detail"]


def mask_again(line: SyncActivity) -> bool:
    """Whether something had to be hidden; the caller writes the FIELDS."""
    path, _, query = line.path.partition("?")
    figures, detail = _refusal(line)
    shown: dict[str, Any] = {
        "path": MASKING.address(path, query)[:500],
        "ignored": [MASKING.ignored(str(one)) for one in line.ignored],
        "body": _body(line.body),
        "figures": figures,
        "detail": detail,
    }
    before = {name: getattr(line, name) for name in FIELDS}
    for name, value in shown.items():
        setattr(line, name, value)
    return shown != before


def _body(kept: str) -> str:
    """One that was cut is no JSON any more, so nobody can tell which of its values are whose."""
    try:
        return MASKING.body(orjson.loads(kept)) if kept else ""
    except orjson.JSONDecodeError:
        return HIDDEN


def _refusal(line: SyncActivity) -> tuple[dict[str, Any], str]:
    """The figures as they would be kept now, and the sentence made of them."""
    try:
        with translation.override("en"):
            refusal = line.refusal
            if refusal is None:
                return line.figures, line.detail
            MASKING.refusal(refusal)
            return refusal.figures, line.detail and str(refusal)
    except (KeyError, TypeError, ValueError):
        return {}, HIDDEN
