"""A polled stream (RFC 8936): the tokens that are offered, until the app has said what became of them.

Nothing is claimed. Two requests at once are offered the same tokens, which the app recognizes by their ids.
"""

from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field

from api.models import Delivery, Endpoint, Event, Feed
from api.models.feed import Overtaken
from api.sets.keys import sign
from api.sets.tokens import claims_of
from api.webhooks.delivering import notice_news
from members.models import Organization

# Tokens of one answer, and events of an organization of which some may be acknowledged before those in front of them.
MOST, WINDOW = 100, 1000


@dataclass
class Offer:
    tokens: dict[str, str] = field(default_factory=dict)
    has_more: bool = False


def is_waiting(endpoint: Endpoint) -> bool:
    """Whether there may be something to offer."""
    notice_news()
    return Feed.objects.due().filter(endpoint=endpoint).exists() or Delivery.objects.wanted_again(endpoint).exists()


def offer(endpoint: Endpoint, most: int) -> Offer:
    """Tokens to be sent again, then those that are due, in the order of each organization. Raises NoSigningKey."""
    offered = Offer()
    for organization, event, known in _candidates(endpoint, most):
        for name, claims in claims_of(event, organization, endpoint).items():
            if name in known or name in offered.tokens:
                continue
            if len(offered.tokens) >= most:
                offered.has_more = True
                return offered
            offered.tokens[name] = sign(claims)
    return offered


def _candidates(endpoint: Endpoint, most: int) -> Iterator[tuple[Organization, Event, set[str]]]:
    """Events to be offered, with the ids of those tokens that are acknowledged; more than `most`, if there are."""
    notice_news()
    for delivery in Delivery.objects.wanted_again(endpoint)[: most + 1]:
        if event := delivery.event():
            feed = Feed.objects.get(endpoint=endpoint, organization=delivery.organization)
            yield delivery.organization, event, set(feed.acknowledged or [])
        else:
            # Not kept any more: waited for, it would end every wait at once.
            delivery.take_up()
    due = Feed.objects.due().filter(endpoint=endpoint).order_by("due_at", "pk").select_related("organization")
    for feed in due[: most + 1]:
        known = set(feed.acknowledged or [])
        events = feed.to_tell(min(most + 1 + len(known), WINDOW))
        if not events:
            with suppress(Overtaken):
                feed.rest()
        for event in events:
            yield feed.organization, event, known
