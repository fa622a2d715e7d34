"""An address that is somebody's already."""

from django.utils.translation import gettext_lazy as _

from members.refusals import Taken


class AddressTaken(Taken):
    # Outside the organization nobody may learn whose it is.
    code = "address_taken"
    sentence = _("There's already an account with that email.")


class AddressTakenHere(Taken):
    code = "address_taken_here"
    sentence = _(
        "There's already an account with that email. It belongs to %(member)s of this organization: "
        "match that account, or give this person another address."
    )
    by_hand = _(
        "There's already an account with that email. It belongs to %(member)s of this organization: give this person "
        "another address, or remove the person from the list."
    )
    mended_at = "members"
