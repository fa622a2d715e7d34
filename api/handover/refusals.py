"""A sign-in that leads nowhere."""

from django.utils.translation import gettext_lazy as _

from members.refusals import Refusal


class ReturnNotAllowed(Refusal):
    code = "return_not_allowed"
    sentence = _("The app has sent you here with an address that a sign-in may not lead to. Begin again in the app.")
