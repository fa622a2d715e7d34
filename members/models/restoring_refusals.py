"""Deleted accounts that cannot come back."""

from django.utils.translation import gettext_lazy as _

from members.refusals import Refusal


class RestoreNeeds(Refusal):
    code = "restore_needs"
    sentence = _("%(taken)s is now used by another account. Give the restored account a different one.")


class RestoreTooLate(Refusal):
    code = "restore_too_late"
    sentence = _("%(member)s was deleted more than 30 days ago, or has already been restored.")
