from django.apps import AppConfig


class DemoConfig(AppConfig):
    """Installed while DEBUG is on. Nothing imports it; what it adds to the site is registered here."""

    name = "demo"

    def ready(self) -> None:
        from demo import quiet, welcome  # noqa: F401 - they register themselves
