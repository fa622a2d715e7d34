"""Webhook endpoints that cannot be made."""

from django.utils.translation import gettext_lazy as _

from members.refusals import Refusal


class TooManyEndpoints(Refusal):
    code = "too_many_endpoints"
    sentence = _("%(app)s already has %(most)s endpoints, which is the limit. Change one of them instead.")
