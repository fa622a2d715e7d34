from pathlib import Path

from django.apps import AppConfig
from django.conf import settings


class SamlConfig(AppConfig):
    name = "saml"

    def ready(self) -> None:
        # Importing pysaml2 takes a second of CPU: now, not at somebody's first sign-in (saml.menu leads to it).
        from saml import checks, guards, menu  # noqa: F401 - they register themselves
        from saml.sso import keys, relying_party  # noqa: F401

        if settings.DEBUG:
            keys.make_pair(Path(settings.SAML_SP_KEY), Path(settings.SAML_SP_CERTIFICATE), "Nulab Organization (demo)")
