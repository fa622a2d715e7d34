import warnings
from pathlib import Path

from cryptography.utils import CryptographyDeprecationWarning
from django.apps import AppConfig
from django.conf import settings
from django.utils.translation import gettext_lazy as _


class SamlConfig(AppConfig):
    name = "saml"
    verbose_name = _("SAML authentication")

    def ready(self) -> None:
        from saml import checks, guards, menu, reminders  # noqa: F401 - they register themselves
        from saml.sso import keys

        # pysaml2 names a cipher that `cryptography` is about to move and that nobody uses here.
        warnings.filterwarnings("ignore", category=CryptographyDeprecationWarning, module="saml2")

        if settings.SAML_MAKES_KEYS:
            keys.make_pair(Path(settings.SAML_SP_KEY), Path(settings.SAML_SP_CERTIFICATE), "Nulab Organization (demo)")
