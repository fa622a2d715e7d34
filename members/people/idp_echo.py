"""The identity provider's answer to a change that was made here, and the remedy there."""

from collections.abc import Collection

from django.contrib import messages
from django.http import HttpRequest
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from members.kept_fields import is_kept
from members.models import Event, Member, Team
from members.texts import Text

ROLE_OVERWRITTEN = _(
    "Your IdP sends roles, so it overwrites this role at its next update of the person. "
    "To keep the role, change it in the IdP."
)
STAYS_OUT = _("The IdP does not undo this: the lock keeps it from activating the account.")
CREATED_AGAIN = _(
    "The IdP creates a new account for the person at its next synchronization. "
    "To prevent that, remove the person's assignment there first."
)
TEAM_CREATED_AGAIN = _(
    "The IdP creates the team again at its next synchronization, or reports an error each time. "
    "To prevent that, remove the group's assignment there first."
)
TEAM_UNDONE = _(
    "The IdP keeps the team “%(team)s” and may undo this at its next synchronization. "
    "To make it last, change the group's members there."
)


def idp_echo(member: Member, events: Collection[str], sent: Collection[str]) -> list[Text]:
    """A sentence for each of the events that the IdP answers; none for accounts that it does not keep.

    `sent` are the fields that it sends: members.kept_fields.
    """
    if not is_kept(member):
        return []
    answers = {
        Event.ROLE_CHANGED: ROLE_OVERWRITTEN if "role" in sent else "",
        Event.ACCOUNT_DEACTIVATED: STAYS_OUT,
        Event.ACCOUNT_LOCKED: STAYS_OUT,
        Event.ACCOUNT_DELETED: CREATED_AGAIN,
    }
    return [answer for event, answer in answers.items() if event in events and answer]


def echo_of_deletion(team: Team) -> list[Promise]:
    """The sentence for the deletion of a team; none where no IdP keeps it."""
    return [TEAM_CREATED_AGAIN] if team.is_kept_by_idp else []


def warn_of_undoing(request: HttpRequest, team: Team) -> None:
    """Say after a change of who is in a team what its IdP does to that."""
    if team.is_kept_by_idp:
        messages.warning(request, TEAM_UNDONE % {"team": team.name})
