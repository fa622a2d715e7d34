"""One event told to one endpoint, in the way that it has chosen."""

import time

import orjson
from django.utils import timezone

from api.events.document import document, event_id
from api.models import Delivery, Endpoint, Event
from api.models.endpoint import Method
from api.sets.pushing import push
from api.webhooks.posting import Line, NoAnswer
from api.webhooks.signing import signed
from members.models import Organization

# Answers of a receiver that takes nothing at all at the moment, rather than of one that refuses this event.
_AWAY = {408, 429, 502, 503, 504}
GONE = 410


def tell(endpoint: Endpoint, organization: Organization, event: Event, line: Line) -> Delivery:
    """Outcome of the try, not yet saved."""
    begin = time.monotonic()
    delivery = Delivery.of(event, endpoint, organization)
    try:
        way = push if endpoint.method == Method.PUSH else _post
        delivery.status, error = way(endpoint, organization, event, line)
    except NoAnswer as failure:
        error = str(failure)
    delivery.error = error[: Delivery.MAX_ERROR]
    delivery.took_ms = round((time.monotonic() - begin) * 1000)
    return delivery


def is_away(delivery: Delivery) -> bool:
    return delivery.status is None or delivery.status in _AWAY


def _post(endpoint: Endpoint, organization: Organization, event: Event, line: Line) -> tuple[int, str]:
    """The status, and what was wrong with it; "" if it was taken. Raises NoAnswer."""
    secrets = endpoint.secrets()
    if not secrets:
        raise NoAnswer("The secret was sealed with another SECRET_KEY: give the endpoint a new one.")
    body = orjson.dumps(document(event, organization, with_changes=endpoint.with_changes))
    name = event_id(organization.space_key, event.number)
    status = line.post(body, signed(secrets, name, body.decode(), timezone.now())).status
    return status, "" if 200 <= status < 300 else f"HTTP {status}"
