"""Refusals of Groups alone."""

from django.utils.translation import gettext_lazy as _

from provisioning.scim.wire.refusals import ProtocolRefusal


class NoSuchGroup(ProtocolRefusal):
    code = "no_such_group"
    status = 404
    sentence = _(
        "There is no group with the id “%(id)s” in this organization. "
        "It may have been deleted; match the group by displayName again."
    )


class GroupNameMissing(ProtocolRefusal):
    code = "group_name_missing"
    scim_type = "invalidValue"
    sentence = _("displayName is required. Map it to the name of the group in the identity provider.")


class NoSuchMembers(ProtocolRefusal):
    code = "no_such_members"
    scim_type = "invalidValue"
    sentence = _(
        "The group cannot have these members, because there is no user with the id %(ids)s in this organization. "
        "Provision the users first, then the group again."
    )


class GroupInGroup(ProtocolRefusal):
    code = "group_in_group"
    scim_type = "invalidValue"
    sentence = _(
        "A group cannot be a member of a group: %(ids)s. Assign the inner group's users to the application directly, "
        "or send them as members of the outer group."
    )


class GroupsNotOffered(ProtocolRefusal):
    """A refusal of former releases, whose lines in the sync activity are still read."""

    code = "groups_not_offered"
    status = 404
    sentence = _("Groups cannot be provisioned yet. Turn off group provisioning in the identity provider.")
