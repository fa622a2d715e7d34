"""A team that is there already."""

from django.utils.translation import gettext_lazy as _

from members.refusals import Taken


class TeamNameTaken(Taken):
    code = "team_name_taken"
    sentence = _("There is already a team called “%(name)s”.")
