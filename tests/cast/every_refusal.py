"""Every refusal that there is, for tests that look at all of them."""

from importlib import import_module

from django.conf import settings

from members.refusals import Refusal


def every_refusal() -> dict[str, type[Refusal]]:
    """By code. Imported first: a room whose pages no test has opened yet is not loaded."""
    for app in ("members", "saml", "provisioning", "api"):
        for path in (settings.BASE_DIR / app).rglob("*refusals.py"):
            import_module(".".join(path.relative_to(settings.BASE_DIR).with_suffix("").parts))
    return Refusal.by_code
