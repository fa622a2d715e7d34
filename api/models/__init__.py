from api.models.app_key import App, AppKey
from api.models.app_session import AppSession
from api.models.event import Event, EventCounter
from api.models.personal_token import Lifetime, PersonalToken

__all__ = ["App", "AppKey", "AppSession", "Event", "EventCounter", "Lifetime", "PersonalToken"]
