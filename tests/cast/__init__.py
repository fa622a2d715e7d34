"""The people and organizations of the tests, made by the same verbs as everybody else.

Aozora Design is whom a test is about. Hakata Labs is always next door, with people of the
same names, externalIds and Unique IDs, so that whatever looks too far finds the wrong one.
"""

import base64
import datetime
import functools
import time
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID
from django.test import Client
from django_otp.oath import totp

from members import actors
from members.actors import Actor
from members.models import Account, Domain, Member, Organization, Product, Role, SecondFactor, Subscription
from members.models.member.profile import Profile
from members.models.second_factor import new_secret
from members.sealing import hash_of
from members.sessions import SIGNED_IN_AT
from members.sign_in.session import BY_CODE
from provisioning.models import ProvisioningSettings, ScimToken
from saml.models import SamlSettings
from tests.cast.replaying import replay

PASSWORD = "correct horse battery"
OPERATOR = actors.command("test")
SUPPORT = Actor(kind=actors.Kind.SUPPORT, name="Nulab Support")
LICENCES = {Product.PASS: 100, Product.CACOO: 5, Product.TYPETALK: 2}
NAMES = {
    "aiko": "Aiko Tanaka",
    "ren": "Ren Kobayashi",
    "sam": "Sam Sandbox",
    "mia": "Mia Sato",
    "kenji": "Kenji Mori",
    "nao": "Nao Ito",
    "yuki": "Yuki Abe",
    "emi": "Emi Ueda",
}


# -- who does it


def page_actor(member: Member) -> Actor:
    """The member in a browser."""
    account = member.account
    return Actor(kind=actors.Kind.ACCOUNT, name=account.name, account_id=account.pk, email=account.email)


def idp_actor(organization: Organization) -> Actor:
    token = ScimToken.objects.live().filter(organization=organization).first()
    return actors.identity_provider(token_id=token.pk if token else 0, ip_address="192.0.2.10", user_agent="Test IdP")


# -- people


def address_at(organization: Organization, handle: str) -> str:
    return f"{handle}@{organization.slug}.example"


def managed(
    organization: Organization,
    handle: str,
    *,
    by: Actor = OPERATOR,
    role: Role = Role.USER,
    unique_id: str | None = None,
    external_id: str | None = None,
    is_active: bool = True,
    **profile: Any,
) -> Member:
    """A Managed Account HANDLE@ORGANIZATION.example; a Provision Managed one when `by` is the IdP."""
    complete = Profile(
        user_name=address_at(organization, handle),
        display_name=NAMES.get(handle, handle.title()),
        language="en",
        time_zone="UTC",
    )
    complete.update(profile)  # type: ignore[typeddict-item]
    return Member.objects.create_managed(
        organization, complete, by=by, role=role, unique_id=unique_id, external_id=external_id, is_active=is_active
    )


def provisioned(organization: Organization, handle: str, **fields: Any) -> Member:
    """As `managed`, pushed in by the IdP."""
    return managed(organization, handle, by=idp_actor(organization), **fields)


def nulab_account(email: str, *, name: str = "", password: str | None = PASSWORD) -> Account:
    handle = email.partition("@")[0].partition(".")[0]
    return Account.objects.register_nulab(
        email=email, name=name or NAMES.get(handle, handle.title()), password=password
    )


def nulab(organization: Organization, handle: str, *, role: Role = Role.USER, email: str = "") -> Member:
    """A member with a Nulab Account of its own, HANDLE@ORGANIZATION.example unless told otherwise."""
    account = nulab_account(email or address_at(organization, handle))
    return Member.objects.add(organization, account, role=role, by=OPERATOR)


def signed_in(client: Client, member: Member) -> Client:
    """The client with a fresh session of the member, as after typing the password just now."""
    client.force_login(member.account, backend="members.signin.PasswordBackend")
    session = client.session
    session["signed_in_at"] = time.time()
    session.save()
    return client


# -- second factors


def code_of(secret: str, *, steps: int = 0) -> str:
    """What the authenticator app shows; in so many half minutes."""
    return f"{totp(base64.b32decode(secret), t0=-30 * steps):06d}"


def next_code(secret: str) -> str:
    """What it shows next, which is good already: clocks differ. The present one has been used for the set-up."""
    return code_of(secret, steps=1)


def with_second_factor(account: Account) -> tuple[str, list[str]]:
    """The secret and the recovery codes of an app that has just been set up."""
    secret = new_secret()
    codes = SecondFactor.objects.set_up(account, secret, code_of(secret), by=OPERATOR)
    return secret, codes


@pytest.fixture
def hana(db: None) -> Account:
    """Of the support staff, who are members of nothing."""
    account = nulab_account("hana.support@nulab.example", name="Hana Support")
    account.is_staff = True
    account.save(update_fields=["is_staff"])
    return account


@pytest.fixture
def support_desk(client: Client, hana: Account) -> Client:
    """A browser in which Hana has just signed in, with her second factor."""
    with_second_factor(hana)
    client.force_login(hana, backend="members.signin.PasswordBackend")
    session = client.session
    session.update({SIGNED_IN_AT: time.time(), BY_CODE: True})
    session.save()
    return client


# -- organizations


def real_organization(name: str, slug: str, administrator: str) -> Organization:
    """Ready for provisioning: a verified domain, all products, SAML on, an emergency administrator."""
    organization = Organization.objects.register(name=name, slug=slug, by=OPERATOR)
    Domain.objects.add(organization, f"{slug}.example", by=OPERATOR).vouch(by=OPERATOR)
    for product, bought in LICENCES.items():
        Subscription.objects.buy(organization, product, bought, by=OPERATOR)
    account = nulab_account(administrator)
    Member.objects.add(organization, account, role=Role.ADMIN, by=OPERATOR)
    turn_saml_on(organization)
    return organization


def turn_saml_on(organization: Organization) -> SamlSettings:
    saml = SamlSettings.of(organization)
    idp = f"https://idp.{organization.slug}.example"
    saml.propose(entity_id=f"{idp}/metadata", sso_url=f"{idp}/sso", by=OPERATOR)
    saml.add_certificate(certificate(), by=OPERATOR)
    saml.record_test_result(passed=True, by=OPERATOR)
    saml.enable(by=OPERATOR)
    return saml


def scim_token(organization: Organization, issuer: Member | None = None) -> tuple[ScimToken, str]:
    """A live token and its secret, with provisioning enabled; issued in the first administrator's name."""
    issuer = issuer or organization.members.administrators().order_by("pk")[0]
    by = page_actor(issuer)
    secret = ProvisioningSettings.of(organization).enable(issuer=issuer, by=by)
    if secret is None:
        return ScimToken.objects.issue(organization, issuer=issuer, by=by)
    return ScimToken.objects.get(hash=hash_of(secret)), secret


@functools.cache
def certificate() -> str:
    """The PEM of a self-signed certificate, good for a year."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "idp.test")])
    now = datetime.datetime.now(datetime.UTC)
    signed = (
        x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=365))
        .sign(key, hashes.SHA256())
    )
    return signed.public_bytes(serialization.Encoding.PEM).decode("ascii")


# -- fixtures


@pytest.fixture
def operator() -> Actor:
    return OPERATOR


@pytest.fixture
def support() -> Actor:
    return SUPPORT


def make_hakata() -> None:
    organization = real_organization("Hakata Labs", "hakata", "ren.kobayashi@hakata.example")
    for handle in ("mia", "kenji"):
        managed(organization, handle, external_id=f"{handle}-1")


def make_aozora() -> None:
    real_organization("Aozora Design", "aozora", "aiko.tanaka@aozora.example")


@pytest.fixture
def hakata(db: None) -> Organization:
    """The neighbour: another customer whose people have the same names, externalIds and Unique IDs."""
    replay(make_hakata)
    return Organization.objects.get(slug="hakata")


@pytest.fixture
def ren(hakata: Organization) -> Member:
    return hakata.members.select_related("account").get(account__email="ren.kobayashi@hakata.example")


@pytest.fixture
def aozora(hakata: Organization) -> Organization:
    replay(make_aozora)
    return Organization.objects.get(slug="aozora")


@pytest.fixture
def aiko(aozora: Organization) -> Member:
    """Administrator of Aozora with a Nulab Account; the password is PASSWORD."""
    return aozora.members.select_related("account").get(account__email="aiko.tanaka@aozora.example")


@pytest.fixture
def mia(aozora: Organization) -> Member:
    """Managed, made on the page."""
    return managed(aozora, "mia", external_id="mia-1")


@pytest.fixture
def kenji(aozora: Organization) -> Member:
    """Provision Managed, pushed in by the IdP."""
    return provisioned(aozora, "kenji", external_id="kenji-1")


@pytest.fixture
def sandbox(db: None) -> Organization:
    organization = Organization.objects.register(name="Sandbox", slug="sandbox", by=OPERATOR, is_sandbox=True)
    account = nulab_account("sam.sandbox@hakata.example")
    Member.objects.add(organization, account, role=Role.ADMIN, by=OPERATOR)
    return organization


@pytest.fixture
def sam(sandbox: Organization) -> Member:
    """Administrator of the sandbox with a Nulab Account."""
    return sandbox.members.select_related("account").get(account__email="sam.sandbox@hakata.example")


@pytest.fixture
def desk(client: Client, aiko: Member) -> Client:
    """A browser in which Aiko has just signed in."""
    return signed_in(client, aiko)
