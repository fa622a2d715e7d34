"""Rows of the API that have been kept long enough."""

from api.models import AppSession, Delivery, Event
from members.openings import OLD_ROWS


@OLD_ROWS.register
def delete_old_rows() -> dict[str, int]:
    return {
        "events": Event.prune(),
        "deliveries of events": Delivery.prune(),
        "sessions of the apps": AppSession.prune(),
    }
