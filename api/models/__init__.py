from api.models.app_key import App, AppKey
from api.models.app_record import AppEvent, AppRecord
from api.models.app_session import AppSession
from api.models.endpoint import Endpoint
from api.models.event import Event, EventCounter
from api.models.feed import Delivery, Feed
from api.models.personal_token import Lifetime, PersonalToken

__all__ = [
    "App",
    "AppEvent",
    "AppKey",
    "AppRecord",
    "AppSession",
    "Delivery",
    "Endpoint",
    "Event",
    "EventCounter",
    "Feed",
    "Lifetime",
    "PersonalToken",
]
