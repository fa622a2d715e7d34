"""A new organization together with its first administrator."""

from members.actors import Actor
from members.models.account import Account
from members.models.changing import changing
from members.models.member.member import Member
from members.models.member.roles import Role
from members.models.organization import Organization


def found(
    *, name: str, slug: str, administrator: str, by: Actor, is_sandbox: bool = False
) -> tuple[Organization, Account]:
    """A new organization. `administrator` is an address; without an account it gets a Nulab Account without a password.

    Raises OrganizationIdTaken, InvalidOrganizationId, NotAnAddress, AtMostMember.
    """
    with changing():
        organization = Organization.objects.register(name=name, slug=slug, is_sandbox=is_sandbox, by=by)
        account = Account.objects.with_address(administrator)
        account = account or Account.objects.register_nulab(email=administrator, name="")
        Member.objects.add(organization, account, role=Role.ADMIN, by=by)
    return organization, account
