"""Lines of the sync activity that were written when values were kept unless their names sounded secret."""

from typing import Any

import orjson
from django.utils import translation

from provisioning.models import SyncActivity
from provisioning.scim.groups.handlers import GROUPS
from provisioning.scim.users.handlers import USERS
from provisioning.scim.wire.masked_text import HIDDEN
from provisioning.scim.wire.masking import Masking

FIELDS = ["path", "ignored", "body", "figures", "detail"]


def mask_again(line: SyncActivity) -> bool:
    """Mask the line's values; returns whether something had to be hidden. The caller writes the FIELDS."""
    path, _, query = line.path.partition("?")
    masking = (GROUPS if path.casefold().startswith("/groups") else USERS).masking
    figures, detail = _refusal(line, masking)
    shown: dict[str, Any] = {
        "path": masking.address(path, query)[:500],
        "ignored": [masking.ignored(str(one)) for one in line.ignored],
        "body": _body(line.body, masking),
        "figures": figures,
        "detail": detail,
    }
    before = {name: getattr(line, name) for name in FIELDS}
    for name, value in shown.items():
        setattr(line, name, value)
    return shown != before


def _body(kept: str, masking: Masking) -> str:
    """The masked body. One that was cut is no JSON any more, so none of its values can be kept."""
    try:
        return masking.body(orjson.loads(kept)) if kept else ""
    except orjson.JSONDecodeError:
        return HIDDEN


def _refusal(line: SyncActivity, masking: Masking) -> tuple[dict[str, Any], str]:
    """The figures as they would be kept now, and their sentence."""
    try:
        with translation.override("en"):
            refusal = line.refusal
            if refusal is None:
                return line.figures, line.detail
            masking.refusal(refusal)
            return refusal.figures, line.detail and str(refusal)
    except (KeyError, TypeError, ValueError):
        return {}, HIDDEN
