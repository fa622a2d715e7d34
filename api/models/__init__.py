from api.models.app_key import App, AppKey
from api.models.personal_token import Lifetime, PersonalToken

__all__ = ["App", "AppKey", "Lifetime", "PersonalToken"]
