"""The organizations that a key may ask about."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.scopes import Scope
from api.wire import examples
from api.wire.authentication import authenticate
from api.wire.describing import described, page_of
from api.wire.paging import PageAsked, Walk
from api.wire.parameters import query_of
from api.wire.question import Question
from members.models import Organization


class OrganizationAnswer(serializers.Serializer[Organization]):
    space_key = serializers.CharField(help_text="Identifies the organization for ever.")
    organization_id = serializers.CharField(source="slug", help_text="The ID that people sign in with; may change.")
    name = serializers.CharField()
    is_sandbox = serializers.BooleanField(help_text="Whether its people are invented.")


class Organizations(Question):
    scope = Scope.ORGANIZATIONS
    takes = PageAsked

    @described(
        "List organizations",
        page_of(OrganizationAnswer),
        takes=PageAsked,
        example=examples.page_with(examples.ORGANIZATION),
    )
    def get(self, request: Request) -> Response:
        """All of them for an app, its own for a personal access token, in the order in which they were founded."""
        caller, _ = authenticate(request._request, self.scope)
        asked = query_of(request, self.takes)
        rows = Organization.objects.all()
        if caller.own_organization_id is not None:
            rows = rows.filter(pk=caller.own_organization_id)
        page = Walk.of(asked, "organizations").page(rows)
        return Response({"items": OrganizationAnswer(page.rows, many=True).data, "next_cursor": page.next_cursor})


class OneOrganization(Question):
    scope = Scope.ORGANIZATIONS

    @described("Read one organization", OrganizationAnswer, example=examples.ORGANIZATION)
    def get(self, request: Request, space_key: str) -> Response:
        data: Any = OrganizationAnswer(self.ask(request, space_key).organization).data
        return Response(data)
