"""Refusals of Users alone."""

from django.utils.translation import gettext_lazy as _

from provisioning.scim.wire.refusals import ProtocolRefusal


class NoSuchUser(ProtocolRefusal):
    code = "no_such_user"
    status = 404
    sentence = _(
        "There is no user with the id “%(id)s” in this organization. "
        "It may have been deleted; match the person by userName again."
    )
