"""The identity provider's answer to a change that was made here, and the remedy there."""

from collections.abc import Collection

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from members.kept_fields import is_kept
from members.models import Event, Member

ROLE_OVERWRITTEN = _(
    "Your IdP sends roles, so it overwrites this role at its next update of the person. "
    "To keep the role, change it in the IdP."
)
STAYS_OUT = _("The IdP does not undo this: the lock keeps it from activating the account.")
CREATED_AGAIN = _(
    "The IdP creates a new account for the person at its next synchronization. "
    "To prevent that, remove the person's assignment there first."
)


def idp_echo(member: Member, events: Collection[str], sent: Collection[str]) -> list[str | Promise]:
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
