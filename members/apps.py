from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class MembersConfig(AppConfig):
    name = "members"
    verbose_name = _("Organizations")

    def ready(self) -> None:
        from members import gauges  # noqa: F401 - they register themselves
        from members.log import history  # noqa: F401 - they register themselves
