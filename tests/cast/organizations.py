"""Organizations of the tests that are ready for provisioning: domain, products, SAML, token."""

import datetime
import functools

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from members.models import Domain, Member, Organization, Product, Role, Subscription
from members.sealing import hash_of
from provisioning.models import ProvisioningSettings, ScimToken
from saml.models import SamlSettings
from tests.cast.people import OPERATOR, nulab_account, page_actor

LICENCES = {Product.PASS: 100, Product.CACOO: 5, Product.TYPETALK: 2}


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
