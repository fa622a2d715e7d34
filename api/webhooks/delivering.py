"""The process that posts events: each feed in order, several feeds at a time. Several processes may run.

It looks for news in the table a few times a second, and sooner after it has found some: a commit tells nobody, because
on PostgreSQL the commits of transactions that notify wait for each other, and behind a pooler nobody listens.
"""

import datetime
import logging
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from functools import partial
from threading import Event as Signal
from threading import local

from django.db import Error as DatabaseError
from django.db import close_old_connections, connection
from django.utils import timezone

from api.models import Delivery, Endpoint, Event, EventCounter, Feed
from api.models.endpoint import Method, PausedBecause
from api.models.feed import Overtaken
from api.webhooks.posting import Line
from api.webhooks.telling import GONE, is_away, tell

Task = Callable[[Signal], int]
# Seconds between two looks after some news, doubled with each look that finds none; and while the database is away.
SOON, POLL, PAUSE = 0.02, 0.2, 2.0
# Feeds at a time, and of one endpoint: a slow one leaves room for the others.
THREADS, OF_ONE_ENDPOINT = 8, 4
# Time that a polling app may take before its silence counts as a failure.
PATIENCE = datetime.timedelta(minutes=5)
# Organizations that are looked at together.
MANY = 500
# Events and seconds after which a feed lets others go first, and the endpoint is read again: it may have been paused.
A_TURN, A_TURN_SECONDS = 100, 2.0

log = logging.getLogger(__name__)
_of_thread = local()


class Courier:
    """Feeds on their way in threads of their own; a claim is made only when there is a thread for it."""

    def __init__(self, pool: ThreadPoolExecutor, stop: Signal) -> None:
        self.pool, self.stop = pool, stop
        self.busy: dict[Future[int], int] = {}
        self.next_look = POLL

    def go(self) -> None:
        """Look for what is due, and give it to the threads that are free."""
        self.next_look = SOON if notice_news() else min(self.next_look * 2, POLL)
        self.busy = {future: key for future, key in self.busy.items() if not future.done()}
        of_each = Counter(self.busy.values())
        for endpoint in Endpoint.objects.awake():
            free = min(THREADS - len(self.busy), OF_ONE_ENDPOINT - of_each[endpoint.pk])
            for task in _tasks(endpoint, free):
                self.busy[self.pool.submit(_in_thread, task, self.stop)] = endpoint.pk

    def rest(self) -> None:
        """Wait until there may be more to do."""
        if self.busy:
            wait(self.busy, self.next_look, return_when=FIRST_COMPLETED)
        else:
            self.stop.wait(self.next_look)


def deliver_for_ever(stop: Signal) -> None:
    """Deliver until `stop` is set; what is on its way is finished. Waits for a database that is away."""
    with ThreadPoolExecutor(THREADS) as pool:
        courier = Courier(pool, stop)
        while not stop.is_set():
            try:
                close_old_connections()
                courier.go()
            except DatabaseError as error:
                log.error("events wait for the database: %s", error)
                connection.close()
                stop.wait(PAUSE)
            courier.rest()


def deliver() -> int:
    """Deliver what is due, one feed after the other; returns how many events were taken."""
    stop, count, before = Signal(), 0, -1
    while count > before:
        before = count
        notice_news()
        for endpoint in Endpoint.objects.awake():
            count += sum(task(stop) for task in _tasks(endpoint, MANY))
    return count


def notice_news() -> bool:
    """Make the feeds of organizations with new events due, and say whether there were any."""
    if news := EventCounter.objects.news(MANY):
        Feed.objects.wake(news)
        EventCounter.objects.note_as_seen(news)
    return bool(news)


def notice_silence(endpoint: Endpoint) -> None:
    """Count a failure of a polling app that has acknowledged nothing for a while of what waits for it."""
    if endpoint.feeds.due().filter(due_at__lte=timezone.now() - PATIENCE).exists():
        endpoint.record_failure("The app has fetched or acknowledged nothing.", is_away=True)


def deliver_feed(feed: Feed, stop: Signal) -> int:
    """Post what is next in a feed, until all is taken, something is not, or its turn is over; how many were taken."""
    count, end = 0, time.monotonic() + A_TURN_SECONDS
    try:
        for event in feed.to_tell(A_TURN):
            if stop.is_set() or time.monotonic() >= end:
                break
            if not _take_along(feed, event):
                return count
            count += 1
        if count == A_TURN or not feed.rest():
            feed.give_back()
    except Overtaken:
        log.warning("feed %s has gone on elsewhere: this process took too long", feed.pk)
    return count


def _take_along(feed: Feed, event: Event) -> bool:
    """Whether the feed goes on behind the event. Raises Overtaken."""
    endpoint = feed.endpoint
    delivery = tell(endpoint, feed.organization, event, _line_to(endpoint))
    if delivery.is_taken:
        feed.record_taken(event, delivery)
        endpoint.record_success()
        return True
    if delivery.status == GONE:
        feed.record_away(delivery)
        endpoint.stop(PausedBecause.GONE)
        return False
    if is_away(delivery):
        feed.record_away(delivery)
    else:
        feed.record_refused(event, delivery)
    endpoint.record_failure(delivery.error, is_away=is_away(delivery))
    return delivery.is_given_up


def send_again(delivery: Delivery, _stop: Signal) -> int:
    """Post an event once more, beside its feed and once only."""
    if delivery.take_up() and (event := delivery.event()):
        again = tell(delivery.endpoint, delivery.organization, event, _line_to(delivery.endpoint))
        again.is_again = True
        again.save(force_insert=True)
    return 0


def _tasks(endpoint: Endpoint, most: int) -> list[Task]:
    """Work to be done for an endpoint; the feeds among it are claimed. Where the app polls, only to look if it does."""
    if endpoint.method == Method.POLL:
        notice_silence(endpoint)
        return []
    if most <= 0:
        return []
    wanted = [partial(send_again, one) for one in Delivery.objects.wanted_again(endpoint)[:most]]
    feeds = Feed.objects.claim(endpoint, most - len(wanted))
    return [*wanted, *(partial(deliver_feed, feed) for feed in feeds)]


def _in_thread(task: Task, stop: Signal) -> int:
    close_old_connections()
    try:
        return task(stop)
    except Exception:
        # The claim ends by itself, and another try is made then.
        log.exception("delivery of events failed")
        connection.close()
        return 0


def _line_to(endpoint: Endpoint) -> Line:
    """The connection of this thread to the endpoint's address."""
    lines: dict[str, Line] = _of_thread.__dict__
    return lines.setdefault(endpoint.url, Line(endpoint.url))
