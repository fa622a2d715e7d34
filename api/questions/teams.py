"""Teams of an organization, and who is in them."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.questions.members import MemberAnswer, seen_in
from api.scopes import Scope
from api.wire import examples, refusals
from api.wire.describing import described, page_of
from api.wire.paging import PageAsked, Walk
from api.wire.question import Asked, Question
from members.models import Team


class TeamAnswer(serializers.Serializer[Team]):
    id = serializers.CharField(source="scim_id", help_text="The team's id; never used again.")
    name = serializers.CharField()
    created_at = serializers.DateTimeField()


class Teams(Question):
    scope = Scope.TEAMS
    takes = PageAsked

    @described("List teams", page_of(TeamAnswer), takes=PageAsked, example=examples.page_with(examples.TEAM))
    def get(self, request: Request, space_key: str) -> Response:
        """In the order in which they were made."""
        asked = self.ask(request, space_key)
        page = Walk.of(asked.parameters, "teams", space_key).page(asked.organization.teams.all())
        return Response({"items": TeamAnswer(page.rows, many=True).data, "next_cursor": page.next_cursor})


class OneTeam(Question):
    scope = Scope.TEAMS

    @described("Read one team", TeamAnswer, example=examples.TEAM)
    def get(self, request: Request, space_key: str, team_id: str) -> Response:
        data: Any = TeamAnswer(_team(self.ask(request, space_key), team_id)).data
        return Response(data)


class TeamMembers(Question):
    scope = Scope.TEAMS
    takes = PageAsked

    @described(
        "List the members of a team",
        page_of(MemberAnswer),
        takes=PageAsked,
        example=examples.page_with(examples.MEMBER),
    )
    def get(self, request: Request, space_key: str, team_id: str) -> Response:
        """Active and inactive ones."""
        asked = self.ask(request, space_key)
        walk = Walk.of(asked.parameters, "team members", space_key, team_id)
        members = asked.organization.members.filter(team_memberships__team=_team(asked, team_id))
        page = walk.page(members.select_related("account"))
        items = MemberAnswer(seen_in(asked, page.rows), many=True).data
        return Response({"items": items, "next_cursor": page.next_cursor})


def _team(asked: Asked, team_id: str) -> Team:
    """Raises NoSuchTeam."""
    team = asked.organization.teams.filter(scim_id=team_id if team_id.isprintable() else "").first()
    if team is None:
        raise refusals.NoSuchTeam
    return team
