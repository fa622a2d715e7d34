"""Which fields of a member the identity provider keeps."""

from members.models import Account, Member
from members.openings import KEPT_FIELDS


def kept_fields(member: Member) -> set[str]:
    if member.account.type != Account.Type.PROVISIONED or not member.is_own:
        return set()
    return set().union(*KEPT_FIELDS.ask(member))
