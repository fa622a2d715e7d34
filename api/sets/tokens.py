"""The Security Event Tokens (RFC 8417) of an event: one that says it, and one more where it has ended sessions.

No `exp`, no `sub`: a token about what has happened is no token to sign in with (RFC 8417 §4).
"""

from typing import Any

from django.conf import settings
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from api.access.refusals import IsInactive, SessionIsOver
from api.events.document import document, event_id
from api.events.types import Subject
from api.models import Endpoint, Event
from api.sets import uris
from members import words
from members.models import Organization
from members.texts import Text

# Answers of a receiver (RFC 8935 §2.2 and 2.4); recorded of a token that is fetched as well.
TAKEN, REFUSED = 202, 400
# End of the id of the token about sessions, behind the event's.
SESSIONS = "-sessions"
_TO_THE_PERSON: dict[str, Text] = {
    "account.deactivated": IsInactive.sentence,
    "account.deleted": _("This account has been deleted."),
    "account.type_changed": SessionIsOver.sentence,
}


def ids_of(event: Event, organization: Organization) -> list[str]:
    """The ids of its tokens (`jti`): the first is the event's own."""
    name = event_id(organization.space_key, event.number)
    return [name, name + SESSIONS] if uris.ends_sessions(event) else [name]


def claims_of(event: Event, organization: Organization, endpoint: Endpoint) -> dict[str, dict[str, Any]]:
    """The claims of its tokens by their ids."""
    told = document(event, organization, with_changes=endpoint.with_changes)
    meanings = [{uris.OWN + event.type: told["data"], **uris.in_scim(event)}]
    if uris.ends_sessions(event):
        meanings.append({uris.SESSION_REVOKED: _session_revoked(event)})
    frame = {
        "iss": settings.BASE_URL,
        "aud": endpoint.audience,
        "iat": int(timezone.now().timestamp()),
        "toe": int(event.at.timestamp()),
        "sub_id": _subject(event, organization),
    }
    if event.txn:
        frame["txn"] = event.txn
    pairs = zip(ids_of(event, organization), meanings, strict=True)
    return {name: {**frame, "jti": name, "events": meaning} for name, meaning in pairs}


def _subject(event: Event, organization: Organization) -> dict[str, str]:
    """Subject (RFC 9493): a user or group as SCIM has it, or else the organization."""
    if event.subject_type == Subject.MEMBER:
        return {"format": "scim", "uri": f"/Users/{event.subject_id}"}
    if event.subject_type == Subject.TEAM:
        return {"format": "scim", "uri": f"/Groups/{event.subject_id}"}
    return {"format": "opaque", "id": organization.space_key}


def _session_revoked(event: Event) -> dict[str, Any]:
    """The event of CAEP: all sessions of the person have ended."""
    told = {
        "event_timestamp": int(event.at.timestamp()),
        "reason_admin": _in_each_language(words.events()[event.type].label),
        "reason_user": _in_each_language(_TO_THE_PERSON[event.type]),
    }
    return told | ({"initiating_entity": event.initiator} if event.initiator else {})


def _in_each_language(text: Text) -> dict[str, str]:
    found = {}
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            found[code] = str(text)
    return found
