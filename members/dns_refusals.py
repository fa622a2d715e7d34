"""A look-up that has to wait for another one."""

from django.utils.translation import gettext_lazy as _

from members.refusals import Refusal


class DnsBusy(Refusal):
    code = "dns_busy"
    sentence = _("Another domain is being checked right now. Verify again in a few seconds.")
