"""The people of the tests, made by the same verbs as everybody else; and who acts."""

import base64
import time
from typing import Any

from django.test import Client
from django_otp.oath import totp

from members import actors
from members.actors import Actor
from members.models import Account, Member, Organization, Role, SecondFactor
from members.models.member.profile import Profile
from members.models.second_factor import new_secret
from provisioning.models import ScimToken

PASSWORD = "correct horse battery"
OPERATOR = actors.command("test")
SUPPORT = Actor(kind=actors.Kind.SUPPORT, name="Nulab Support")
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
