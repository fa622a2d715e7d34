"""Refusals of the frame itself."""

from django.utils.translation import gettext_lazy as _

from members.refusals import TryLater


class TooManyExports(TryLater):
    code = "too_many_exports"
    sentence = _("Other files are being created right now. Try again in a minute.")
    status = 503
    seconds = 60
