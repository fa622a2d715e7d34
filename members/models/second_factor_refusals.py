"""Codes that are not accepted, and second factors that cannot be set up or removed."""

from django.utils.translation import gettext_lazy as _

from members.refusals import Refusal


class WrongCode(Refusal):
    code = "wrong_code"
    sentence = _(
        "This code is wrong or was already used. Enter the code that your app shows now. If this happens again, check "
        "the clock of your device."
    )


class CodesLocked(Refusal):
    code = "codes_locked"
    sentence = _("Too many wrong codes: wait 15 minutes, then sign in again.")


class SecondFactorIsThere(Refusal):
    code = "second_factor_is_there"
    sentence = _("An authenticator app is already set up. Remove it first to set up another one.")


class NoSecondFactor(Refusal):
    code = "no_second_factor"
    sentence = _("%(account)s has no second factor: only the password is needed to sign in.")
