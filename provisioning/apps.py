from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ProvisioningConfig(AppConfig):
    name = "provisioning"
    verbose_name = _("User provisioning")

    def ready(self) -> None:
        from provisioning import guards, menu, reminders  # noqa: F401 - they register themselves
        from provisioning.monitoring import gauges  # noqa: F401 - they register themselves
