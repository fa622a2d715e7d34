"""Refusals of Groups."""

from django.utils.translation import gettext_lazy as _

from provisioning.scim.wire.refusals import ProtocolRefusal


class GroupsNotOffered(ProtocolRefusal):
    code = "groups_not_offered"
    status = 404
    sentence = _("Groups cannot be provisioned yet. Turn off group provisioning in the identity provider.")
