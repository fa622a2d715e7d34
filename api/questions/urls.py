from django.urls import path

from api.questions import events, health, licences, members, organizations, teams

ONE = "organizations/<str:space_key>"

urlpatterns = [
    path("organizations", organizations.Organizations.as_view(), name="api-organizations"),
    path(ONE, organizations.OneOrganization.as_view(), name="api-organization"),
    path(f"{ONE}/members", members.Members.as_view(), name="api-members"),
    path(f"{ONE}/members/<str:member_id>", members.OneMember.as_view(), name="api-member"),
    path(f"{ONE}/teams", teams.Teams.as_view(), name="api-teams"),
    path(f"{ONE}/teams/<str:team_id>", teams.OneTeam.as_view(), name="api-team"),
    path(f"{ONE}/teams/<str:team_id>/members", teams.TeamMembers.as_view(), name="api-team-members"),
    path(f"{ONE}/licences", licences.Licences.as_view(), name="api-licences"),
    path(f"{ONE}/licences/<str:product>/members", licences.Holders.as_view(), name="api-holders"),
    path(f"{ONE}/events", events.Events.as_view(), name="api-events"),
    path(f"{ONE}/provisioning", health.ProvisioningHealth.as_view(), name="api-provisioning"),
]
