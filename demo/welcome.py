"""The way into the demo: its accounts on the sign-in page, its identity provider on Get started."""

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from demo.organizations import PASSWORD
from members.models import Account, Organization
from members.openings import BELOW_FIRST_STEPS, BELOW_SIGN_IN
from members.panels import Panel

ACCOUNTS = [
    ("aiko.tanaka@aozora.example", _("Aiko Tanaka, administrator of Aozora Design")),
    ("ren.kobayashi@hakata.example", _("Ren Kobayashi, administrator of Hakata Labs")),
    ("sam.sandbox@hakata.example", _("Sam Sandbox, administrator of the sandbox")),
    ("support@nulab.example", _("Nulab Support, in the Django admin")),
]


@BELOW_SIGN_IN.register
def accounts(request: HttpRequest) -> Panel | None:
    """Those that are there, to be signed in with one click."""
    if not settings.DEBUG:
        return None
    addresses = [email for email, _ in ACCOUNTS]
    known = set(Account.objects.filter(user_name__in=addresses).values_list("user_name", flat=True))
    offered = [{"label": label, "email": email, "password": PASSWORD} for email, label in ACCOUNTS if email in known]
    context = {"accounts": offered, "mailbox": f"{settings.DEMO_IDP_URL}/mailbox"}
    return Panel("demo/accounts.html", context) if offered else None


@BELOW_FIRST_STEPS.register
def identity_provider(organization: Organization) -> Panel | None:
    return Panel("demo/identity_provider.html", {"url": settings.DEMO_IDP_URL}) if settings.DEBUG else None
