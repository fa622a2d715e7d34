"""Refusals of a password. Administrators read these sentences, the person reads a less telling one."""

from django.utils.translation import gettext_lazy as _

from members.refusals import Refusal, TryLater


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
