"""The events of an organization, in their order: what has happened since a number, or what happens next."""

from typing import Any

from django.db.models import F
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.events.document import document
from api.events.types import TYPES, Subject
from api.models import Event, EventCounter
from api.questions import events_refusals as refusals
from api.scopes import Scope
from api.wire import examples, waiting
from api.wire.authentication import Beside, in_address
from api.wire.describing import described
from api.wire.parameters import WrittenNumber
from api.wire.question import Asked, Question
from members.prepared import Listed
from operations.flushing import flush

PAGE, MAX_PAGE = 100, 500
MAX_NUMBER = 2**63 - 1
_NEWEST = Beside(lambda: [Listed(EventCounter.objects.filter(organization__in=in_address()).values(a=F("last")))])


class EventsAsked(serializers.Serializer[Any]):
    after = WrittenNumber(
        required=False, min_value=0, max_value=MAX_NUMBER,
        help_text="The `next` of the answer before. Without it nothing is listed: `next` says where to begin.",
    )  # fmt: skip
    limit = WrittenNumber(required=False, default=PAGE, min_value=1, max_value=MAX_PAGE, help_text="How many at most.")
    wait = WrittenNumber(
        required=False, default=0, min_value=0, max_value=waiting.MAX_WAIT,
        help_text="Seconds to wait for an event if there is none. An empty answer that has not waited, because too "
        "many wait already, has the header Retry-After.",
    )  # fmt: skip
    include = serializers.ChoiceField(
        choices=["changes"], required=False, help_text="`changes`: with before and after of each field."
    )


class SubjectAnswer(serializers.Serializer[Any]):
    type = serializers.ChoiceField(choices=[one.value for one in Subject])
    id = serializers.CharField(help_text="The id by which it is asked for; of a subscription the product.")


class TeamOfEvent(serializers.Serializer[Any]):
    id = serializers.CharField()


class SidesAnswer(serializers.Serializer[Any]):
    before = serializers.JSONField()
    after = serializers.JSONField()


class EventData(serializers.Serializer[Any]):
    id = serializers.CharField(help_text="Identifies the event for ever: what comes twice is recognized by it.")
    number = serializers.IntegerField(help_text="Without gaps within the organization, in the order of commits.")
    organization = serializers.CharField(help_text="The space key.")
    subject = SubjectAnswer()
    team = TeamOfEvent(required=False, help_text="Of team.member_added and team.member_removed.")
    changes = serializers.DictField(child=SidesAnswer(), required=False, help_text="With `include=changes`.")


class EventAnswer(serializers.Serializer[Any]):
    type = serializers.ChoiceField(choices=list(TYPES))
    timestamp = serializers.DateTimeField()
    data = EventData()


class EventsAnswer(serializers.Serializer[Any]):
    items = EventAnswer(many=True)
    next = serializers.IntegerField(help_text="The `after` for the next request.")


class Events(Question):
    scope = Scope.EVENTS
    takes = EventsAsked

    @described(
        "Read events", EventsAnswer, takes=EventsAsked, example={"items": [examples.EVENT], "next": 42},
        more={
            409: "No event has this number yet.",
            410: "Events after this number are no longer kept: read everything again, then go on from there.",
        },
    )  # fmt: skip
    def get(self, request: Request, space_key: str) -> Response:
        """Changes after an event, in order, none left out. Kept for 30 days. Waits for the next if asked."""
        asked = self.ask(request, space_key, _NEWEST)
        after, has_waited = asked.parameters.get("after"), True
        if after is None:
            flush()
            return Response({"items": [], "next": _newest(asked)})
        if asked.parameters["wait"] and _newest(asked) == after:
            has_waited = _wait(asked, after)
            # Once more: the key may have been revoked meanwhile.
            asked = self.ask(request, space_key, _NEWEST) if has_waited else asked
        events = _after(asked, after)
        answer = {"items": [_document(asked, one) for one in events], "next": events[-1].number if events else after}
        return Response(answer, headers=None if has_waited else waiting.COME_BACK)


def _newest(asked: Asked) -> int:
    [counted] = asked.beside
    return int(counted[0][0]) if counted else 0


def _after(asked: Asked, after: int) -> list[Event]:
    """Raises NoSuchEvent, EventsAreGone."""
    newest = _newest(asked)
    if after > newest:
        raise refusals.NoSuchEvent(field="after", newest=newest)
    if after == newest:
        return []
    rows = Event.objects.filter(organization_id=asked.organization.pk, number__gt=after)
    found = list(rows.order_by("number")[: asked.parameters["limit"]])
    oldest = found[0].number if found else newest + 1
    if oldest != after + 1:
        raise refusals.EventsAreGone(field="after", oldest=oldest)
    flush()
    return found


def _wait(asked: Asked, after: int) -> bool:
    """Wait until there is a newer event or the time is over; whether it could be waited for at all."""
    mine = EventCounter.objects.filter(pk=asked.organization.pk, last__gt=after)
    return waiting.wait_for(mine.exists, asked.parameters["wait"])


def _document(asked: Asked, event: Event) -> dict[str, Any]:
    return document(event, asked.organization, with_changes="include" in asked.parameters)
