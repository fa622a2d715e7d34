"""Managed Accounts that an administrator creates: one, or a list of them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from members import mail
from members.actors import Actor
from members.models.member.member import Member
from members.models.member.profile import Profile
from members.models.member.roles import Role
from members.models.organization import Organization
from members.models.team import Team
from members.models.work import pending
from members.refusals import InRow, Refusal


@dataclass(frozen=True)
class Newcomer:
    email: str
    name: str
    language: str
    role: Role
    # Unique ID; None: made of the address.
    unique_id: str | None = None
    teams: Sequence[Team] = ()
    # Row of the file, for refusals.
    row: int = 0


def welcome(organization: Organization, newcomers: Iterable[Newcomer], *, by: Actor) -> list[Member]:
    """Create all accounts or none; each gets a mail about signing in. Raises the refusals of create_managed.

    Chosen Unique IDs first, so that none is taken by one that is made of an address.
    """
    from members.mail.one_mail import of_one_act

    people = sorted(newcomers, key=lambda newcomer: (not newcomer.unique_id, newcomer.row))
    with of_one_act(), organization.locked():
        return [_welcome_one(organization, newcomer, by) for newcomer in people]


def _welcome_one(organization: Organization, newcomer: Newcomer, by: Actor) -> Member:
    profile = Profile(user_name=newcomer.email, display_name=newcomer.name, language=newcomer.language)
    try:
        member = Member.objects.create_managed(
            organization, profile, by=by, role=newcomer.role, unique_id=newcomer.unique_id
        )
        # A refusal that only the database knows is about this row, and not about the next one.
        pending().send()
    except Refusal as refusal:
        if not newcomer.row:
            raise
        raise InRow(row=newcomer.row, reason=refusal.to_typist) from refusal
    for team in newcomer.teams:
        team.add(member, by=by)
    link = mail.sign_in_link(organization)
    mail.to_accounts(organization, "account_created", [member.account], member=member, link=link)
    return member
