"""The demo organizations, made by the verbs that everybody uses."""

from functools import cache

from django.conf import settings
from django.contrib.auth.hashers import make_password

from members import actors
from members.models import Account, Domain, Member, Organization, Product, Role, Subscription, UsedOrganizationId
from saml.models import SamlSettings

BY = actors.command("seed_demo")
PASSWORD = "demo"
FREE_PASSES = 100


def exists(slug: str) -> bool:
    """Whether the organization is there, also under another name."""
    return UsedOrganizationId.objects.filter(slug=slug).exists()


def support() -> None:
    account = person("support@nulab.example", "Nulab Support")
    account.is_staff = account.is_superuser = True
    account.save(update_fields=["is_staff", "is_superuser"])


def sandbox() -> None:
    organization = Organization.objects.register(name="Sandbox", slug="sandbox", is_sandbox=True, by=BY)
    Member.objects.add(organization, person("sam.sandbox@hakata.example", "Sam Sandbox"), role=Role.ADMIN, by=BY)


def hakata(certificate: str) -> None:
    """The organization without members for trying provisioning out."""
    organization = Organization.objects.register(name="Hakata Labs", slug="hakata", by=BY)
    ren = person("ren.kobayashi@hakata.example", "Ren Kobayashi", "ja")
    Member.objects.add(organization, ren, role=Role.ADMIN, by=BY)
    make_ready(organization, "hakata.example", FREE_PASSES + 20, certificate)


def person(address: str, name: str, language: str = "en") -> Account:
    """A Nulab Account with the demo password; one that is there already keeps its own."""
    if known := Account.objects.with_address(address):
        return known
    account = Account.objects.register_nulab(email=address, name=name, language=language, time_zone="Asia/Tokyo")
    account.password = _hash()
    account.save(update_fields=["password"])
    return account


@cache
def _hash() -> str:
    """The hash of the demo password, made once: it is slow on purpose."""
    return make_password(PASSWORD)


def make_ready(organization: Organization, domain: str, passes: int, certificate: str) -> None:
    """Meet all preconditions of user provisioning."""
    Domain.objects.add(organization, domain, by=BY).vouch(by=BY)
    Subscription.objects.buy(organization, Product.PASS, passes, by=BY)
    saml = SamlSettings.of(organization)
    saml.propose(entity_id=f"{settings.DEMO_IDP_URL}/metadata", sso_url=f"{settings.DEMO_IDP_URL}/sso", by=BY)
    saml.add_certificate(certificate, by=BY)
    saml.record_test_result(passed=True, by=BY)
    saml.enable(by=BY)
