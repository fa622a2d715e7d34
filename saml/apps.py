from django.apps import AppConfig


class SamlConfig(AppConfig):
    name = "saml"

    def ready(self) -> None:
        from saml import guards, menu  # noqa: F401 - they register themselves
