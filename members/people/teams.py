"""The way of a member into a team, from the page of either."""

from django.contrib import messages
from django.urls import reverse
from django.utils.translation import gettext as _

from members.console.pages import OrganizationRequest, require_recent_sign_in_for
from members.models import Member, Team, TeamRule


def put_in_team(request: OrganizationRequest, member: Member, team: Team) -> None:
    """The addition, and the message of it with its undo. Raises SignInAgain where it makes an administrator."""
    require_recent_sign_in_for(request, *TeamRule.objects.given_by([team]))
    team.add(member, by=request.actor)
    undo = reverse("team-member-remove", args=[request.organization.space_key, team.scim_id, member.scim_id])
    sentence = _("%(member)s is in the team “%(team)s” now.") % {"member": member.account.name, "team": team.name}
    messages.success(request, sentence, undo)
