"""An event pushed as Security Event Tokens (RFC 8935), one after the other: each is taken with 202."""

import orjson

from api.models import Endpoint, Event
from api.models.endpoint_refusals import NoSigningKey
from api.sets.keys import sign
from api.sets.tokens import TAKEN, claims_of
from api.webhooks.posting import Answer, Line, NoAnswer, shown
from members.models import Organization

HEADERS = {"Content-Type": "application/secevent+jwt", "Accept": "application/json"}


def push(endpoint: Endpoint, organization: Organization, event: Event, line: Line) -> tuple[int, str]:
    """The last status, and what was wrong with it; "" if all were taken. Raises NoAnswer."""
    status = 0
    for claims in claims_of(event, organization, endpoint).values():
        try:
            token = sign(claims)
        except NoSigningKey as refusal:
            raise NoAnswer(str(refusal)) from None
        answer = line.post(token.encode(), HEADERS)
        status = answer.status
        if status != TAKEN:
            return status, f"HTTP {status}{_reason(answer)}"
    return status, ""


def _reason(answer: Answer) -> str:
    """The words of the receiver on what is wrong (RFC 8935 §2.4), ready to be shown."""
    if 200 <= answer.status < 300:
        return f": a token is taken with {TAKEN}"
    try:
        told = orjson.loads(answer.body)
    except orjson.JSONDecodeError:
        return ""
    return f": {worded(told)}" if isinstance(told, dict) else ""


def worded(told: dict[str, object]) -> str:
    """An error of RFC 8935 in one line, without what cannot be shown or stored."""
    return shown(" – ".join(str(told[name]) for name in ("err", "description") if told.get(name)))
