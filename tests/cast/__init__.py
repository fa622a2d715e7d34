"""The people and organizations of the tests, made by the same verbs as everybody else.

Aozora Design is whom a test is about. Hakata Labs is always next door, with people of the
same names, externalIds and Unique IDs, so that whatever looks too far finds the wrong one.
"""

import time

import pytest
from django.test import Client

from members.actors import Actor
from members.models import Account, Member, Organization, Role, Team
from members.sessions import SIGNED_IN_AT
from members.sign_in.session import BY_CODE
from tests.cast.organizations import LICENCES, certificate, real_organization, scim_token, turn_saml_on
from tests.cast.people import (
    NAMES,
    OPERATOR,
    PASSWORD,
    SUPPORT,
    address_at,
    code_of,
    idp_actor,
    managed,
    next_code,
    nulab,
    nulab_account,
    page_actor,
    provisioned,
    signed_in,
    with_second_factor,
)
from tests.cast.replaying import replay

__all__ = [
    "LICENCES",
    "NAMES",
    "OPERATOR",
    "PASSWORD",
    "SUPPORT",
    "address_at",
    "certificate",
    "code_of",
    "idp_actor",
    "managed",
    "next_code",
    "nulab",
    "nulab_account",
    "page_actor",
    "provisioned",
    "real_organization",
    "scim_token",
    "signed_in",
    "turn_saml_on",
    "with_second_factor",
]


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
def design(aozora: Organization) -> Team:
    return Team.objects.create_team(aozora, "Design", by=OPERATOR)


@pytest.fixture
def platform(aozora: Organization) -> Team:
    return Team.objects.create_team(aozora, "Platform", by=OPERATOR)


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
