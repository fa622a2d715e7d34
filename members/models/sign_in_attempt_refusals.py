"""Guesses that have used up a limit."""

from django.utils.translation import gettext_lazy as _

from members.refusals import TryLater


class TooManyPasswords(TryLater):
    code = "too_many_passwords"
    sentence = _("Too many wrong passwords: wait 15 minutes, then try again.")


class TooManyFromNetwork(TryLater):
    code = "too_many_from_network"
    sentence = _(
        "Too many wrong passwords from your network: wait 15 minutes, or use a browser in which you have signed in "
        "before."
    )


class TooManyForAddress(TryLater):
    code = "too_many_for_address"
    sentence = _(
        "Too many wrong passwords for this e-mail address, from different places: use a browser in which you have "
        "signed in before, or request a link to set a new password."
    )
    seconds = 60 * 60
