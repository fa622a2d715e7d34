"""An organization ID that is not free."""

from django.utils.translation import gettext_lazy as _

from members.refusals import Taken


class OrganizationIdTaken(Taken):
    code = "organization_id_taken"
    sentence = _("The organization ID “%(slug)s” is in use or was used before. Choose another one.")
