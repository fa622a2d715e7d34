"""A list that cannot be compared with the members."""

from django.utils.translation import gettext_lazy as _

from members.refusals import Refusal


class NobodyInList(Refusal):
    code = "nobody_in_list"
    sentence = _("The list contains no people. It needs a column Email or userName, or only addresses.")
