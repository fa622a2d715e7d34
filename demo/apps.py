from django.apps import AppConfig


class DemoConfig(AppConfig):
    """The demo, installed while DEBUG is on. Nothing imports it; its additions to the site are registered here."""

    name = "demo"

    def ready(self) -> None:
        from demo import quiet, welcome  # noqa: F401 - they register themselves
