"""A polling app's word on its tokens (RFC 8936 §2.2): taken, or refused with an error."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.db import transaction

from api.models import Delivery, Endpoint, Event, Feed
from api.models.feed import is_too_old
from api.sets.stream import WINDOW
from api.sets.tokens import REFUSED, SESSIONS, TAKEN, ids_of
from members.models import Organization

MAX_DIGITS = 18


def settle(endpoint: Endpoint, taken: Iterable[str], refused: Mapping[str, str]) -> None:
    """Note what became of tokens, by their ids. Ids that are not waited for are ignored: they came twice."""
    said: dict[str, int] = defaultdict(int)
    for name in [*taken, *refused]:
        if parts := _parts(name):
            said[parts[0]] = max(said[parts[0]], parts[1])
    if not said:
        return
    answers = _settled(endpoint, said, set(taken), refused)
    if any(answer.has_taken for answer in answers):
        endpoint.record_success()
    for error in [answer.error for answer in answers if answer.error]:
        endpoint.record_failure(error, is_away=False)


def _settled(
    endpoint: Endpoint, said: Mapping[str, int], taken: set[str], refused: Mapping[str, str]
) -> "list[_Answer]":
    """Answers noted, of each organization. Two requests at once wait for each other here."""
    with transaction.atomic():
        keys = Organization.objects.filter(space_key__in=said)
        feeds = Feed.objects.filter(endpoint=endpoint, organization__in=keys).order_by("pk")
        feeds = feeds.select_related("endpoint", "organization").select_for_update(of=("self",))
        answers = [_Answer(feed, taken, refused) for feed in feeds]
        for answer in answers:
            answer.settle(said[answer.feed.organization.space_key])
        return answers


def _parts(name: str) -> tuple[str, int] | None:
    """Space key and number in the id of a token."""
    key, _, number = name.removesuffix(SESSIONS).rpartition("-")
    is_one = key.isalnum() and number.isascii() and number.isdecimal() and len(number) <= MAX_DIGITS
    return (key, int(number)) if is_one else None


@dataclass
class _Answer:
    """An app's word on the events of one organization, whose feed is locked."""

    feed: Feed
    taken: set[str]
    refused: Mapping[str, str]
    # Error of an event that is tried again after a pause.
    error: str = ""
    has_taken: bool = False
    log: list[Delivery] = field(default_factory=list)

    def settle(self, newest: int) -> None:
        """Note it, for events up to the number `newest`, or to those that were acknowledged before."""
        feed, before = self.feed, set(self.feed.acknowledged or [])
        done, position, is_unbroken = set(before), feed.position, True
        newest = max([newest, *(parts[1] for name in before if (parts := _parts(name)))])
        for event in feed.ahead(WINDOW, newest):
            ids = ids_of(event, feed.organization)
            done |= self._done_of(event, ids, done)
            is_unbroken = is_unbroken and done.issuperset(ids)
            if is_unbroken:
                position = event.number
                done -= set(ids)
        done = self._settle_again(done, position)
        if self.log or done != before:
            feed.record_answered(position, sorted(done), has_failed=bool(self.error))
            Delivery.objects.bulk_create(self.log)

    def _done_of(self, event: Event, ids: list[str], done: set[str]) -> set[str]:
        """Those of an event's ids that need not be offered any more."""
        acknowledged = self.taken.intersection(ids)
        self.has_taken |= bool(acknowledged - done)
        errors = [self.refused[name] for name in ids if name in self.refused.keys() - done - acknowledged]
        if errors:
            delivery = self._record(event, status=REFUSED, error=errors[0])
            delivery.is_given_up = is_too_old(event, self.feed.endpoint)
            self.error = self.error or ("" if delivery.is_given_up else errors[0])
            return set(ids) if delivery.is_given_up else acknowledged
        if not acknowledged <= done and done.union(acknowledged).issuperset(ids):
            self._record(event, status=TAKEN)
        return acknowledged

    def _settle_again(self, done: set[str], position: int) -> set[str]:
        """Ids that are done still, after those of events that were sent once more."""
        for wanted in Delivery.objects.wanted_again(self.feed.endpoint).filter(organization=self.feed.organization):
            event = wanted.event()
            if event is None or event.number > position:
                continue
            ids = ids_of(event, self.feed.organization)
            done |= self.taken.intersection(ids)
            errors = [self.refused[name] for name in ids if name in self.refused]
            if (errors or done.issuperset(ids)) and wanted.take_up():
                done -= set(ids)
                self._record(event, is_again=True, status=REFUSED if errors else TAKEN, error="".join(errors[:1]))
        return done

    def _record(self, event: Event, **outcome: Any) -> Delivery:
        delivery = Delivery.of(event, self.feed.endpoint, self.feed.organization, took_ms=0, **outcome)
        self.log.append(delivery)
        return delivery
