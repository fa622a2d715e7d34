"""The end of personal access tokens, in the transaction of the change that ends their owner's rights."""

from api.models import PersonalToken
from members.models import Event, Role
from members.models.change import Change
from members.openings import BEFORE_CHANGE

_LEAVES = {Event.ACCOUNT_DEACTIVATED, Event.ACCOUNT_DELETED, Event.MEMBER_REMOVED}


@BEFORE_CHANGE.register
def end_tokens(change: Change) -> None:
    """Before the change, because a member who leaves takes the rows along."""
    if change.member and _was_administrator(change):
        PersonalToken.objects.end_of(change.member, by=change.by)  # type: ignore[arg-type]  # every row is a Member


def _was_administrator(change: Change) -> bool:
    """Whether the change ends an administrator's rights; nothing is asked about anybody else."""
    before, after = change.fields.get("role", (None, None))
    if before == Role.ADMIN and after != Role.ADMIN:
        return True
    return change.event in _LEAVES and change.member is not None and change.member.role == Role.ADMIN
