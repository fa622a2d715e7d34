"""The fields of a member that the identity provider keeps."""

from members.models import Account, Member, Organization
from members.openings import KEPT_FIELDS


def is_kept(member: Member) -> bool:
    """Whether the account is Provision Managed, by this organization's identity provider."""
    return member.account.type == Account.Type.PROVISIONED and member.is_own


def sent_fields(organization: Organization) -> set[str]:
    """The fields that the identity provider has ever sent of any member."""
    return set().union(*KEPT_FIELDS.ask(organization))


def kept_fields(member: Member) -> set[str]:
    """The fields of this member that the identity provider writes again."""
    return sent_fields(member.organization) if is_kept(member) else set()
