from pathlib import Path

from django.apps import AppConfig
from django.conf import settings
from django.utils.translation import gettext_lazy as _


class ApiConfig(AppConfig):
    name = "api"
    verbose_name = _("API")

    def ready(self) -> None:
        from api import checks, endings, menu, old_rows, reminders  # noqa: F401 - they register themselves
        from api.events import writing  # noqa: F401 - it registers itself
        from api.sets import keys
        from api.tokens import views  # noqa: F401 - it registers itself
        from api.told import words  # noqa: F401 - it registers itself

        if settings.SAML_MAKES_KEYS and settings.SET_SIGNING_KEYS:
            keys.make(Path(settings.SET_SIGNING_KEYS[0]))
