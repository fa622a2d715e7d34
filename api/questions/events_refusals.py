"""Places in the events from which nobody can go on."""

from django.utils.translation import gettext_lazy as _

from api.wire.refusals import ApiRefusal


class EventsAreGone(ApiRefusal):
    status = 410
    code = "events_are_gone"
    sentence = _(
        "Events are kept for 30 days: the oldest one there is has the number %(oldest)s. Ask without “after” for the "
        "number to go on with, then read everything again."
    )


class NoSuchEvent(ApiRefusal):
    status = 409
    code = "no_such_event"
    sentence = _(
        "No event has this number yet: the newest one has the number %(newest)s. Ask without “after” for the number to "
        "go on with, then read everything again."
    )
