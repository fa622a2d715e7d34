"""A new organization together with its first administrator."""

from members.actors import Actor
from members.models.account import Account
from members.models.changing import changing
from members.models.member.member import Member
from members.models.member.roles import Role
from members.models.organization import Organization


def found(
    *, name: str, slug: str, administrator: str, by: Actor, is_sandbox: bool = False,
    language: str = "en", time_zone: str = "UTC",
) -> tuple[Organization, Account]:  # fmt: skip
    """A new organization. `administrator` is an address; without an account it gets a Nulab Account without a password,
    in this language and time zone, which are the first ones of whom an IdP creates here.

    Raises OrganizationIdTaken, InvalidOrganizationId, NotAnAddress, AtMostMember, InvalidLanguage, InvalidTimeZone.
    """
    with changing():
        organization = Organization.objects.register(name=name, slug=slug, is_sandbox=is_sandbox, by=by)
        account = Account.objects.with_address(administrator)
        account = account or Account.objects.register_nulab(
            email=administrator, name="", language=language, time_zone=time_zone
        )
        Member.objects.add(organization, account, role=Role.ADMIN, by=by)
    return organization, account
