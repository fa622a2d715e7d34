"""Why somebody with a password is not let in; told to them in other words than to their administrators."""

from typing import ClassVar

from django.utils.translation import gettext_lazy as _

from members.refusals import Refusal


class TryLater(Refusal):
    """Not now; `seconds` later it may be different."""

    code = "try_later"
    status: ClassVar[int] = 429
    seconds: ClassVar[int] = 15 * 60


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


class TooBusy(TryLater):
    code = "too_busy"
    sentence = _("Too many people are signing in right now. Try again in a few seconds.")
    status = 503
    seconds = 3


class WrongPassword(Refusal):
    code = "wrong_password"
    sentence = _("The password was wrong.")


class AccountIsInactive(Refusal):
    code = "account_is_inactive"
    sentence = _("The account is inactive.")
