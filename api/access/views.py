"""POST /access: one question, one statement."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.access import refusals
from api.access.answer import WAYS, person_in, reason_against
from api.models import App
from api.scopes import Scope
from api.wire import examples
from api.wire.authentication import Found, authenticate
from api.wire.caller import Caller
from api.wire.describing import described
from api.wire.parameters import Text
from api.wire.question import Question
from api.wire.refusals import NoSuchOrganization
from members import values
from members.refusals import Refusal

MAX_KEY, MAX_SECRET = 40, 100


class AccessAsked(serializers.Serializer[Any]):
    organization = Text(max_length=MAX_KEY, help_text="The space key of the organization.")
    app = serializers.ChoiceField(
        required=False, choices=App.values, help_text="The key's own app, unless this is a personal access token."
    )
    member_id = Text(required=False, max_length=MAX_KEY, help_text="Who: the member's id.")
    address = Text(required=False, max_length=values.MAX_TEXT, help_text="Who: a user name or an e-mail address.")
    unique_id = Text(required=False, max_length=values.MAX_TEXT, help_text="Who: the Unique ID.")
    session = Text(required=False, max_length=MAX_SECRET, help_text="Who: a session that the app was given.")


class AccessAnswer(serializers.Serializer[Any]):
    allowed = serializers.BooleanField()
    reason = serializers.CharField(allow_null=True, help_text="The code of the reason; null where it is allowed.")
    detail = serializers.CharField(allow_null=True, help_text="The reason as a sentence in the asked language.")
    member_id = serializers.CharField(allow_null=True, help_text="Who it is about; null where nobody was found.")


class Access(Question):
    scope = Scope.ACCESS
    http_method_names = ["post"]

    @described(
        "Ask whether a person may use an app now",
        AccessAnswer,
        body=AccessAsked,
        example=examples.ACCESS,
        asked=examples.ACCESS_ASKED,
    )
    def post(self, request: Request) -> Response:
        """Yes, or no with the reason. Name one person in one of four ways.

        True from the next request after any change on: do not keep the answer.
        """
        asked = self.read_body(request, AccessAsked)
        named = [way for way in WAYS if way in asked]
        if len(named) != 1:
            authenticate(request._request, self.scope)
            raise refusals.NameOnePerson(choices=", ".join(WAYS))
        way = WAYS[named[0]]
        caller, found = authenticate(
            request._request, self.scope, asked["organization"], way.beside, way.value(asked[named[0]])
        )
        reason, member_id = _judged(caller, asked, found)
        return Response({
            "allowed": reason is None,
            "reason": reason.code if reason else None,
            "detail": str(reason) if reason else None,
            "member_id": member_id,
        })  # fmt: skip


def _judged(caller: Caller, asked: dict[str, Any], found: Found) -> tuple[Refusal | None, str | None]:
    """The reason against it, if any, and whom it is about. Raises NoSuchOrganization and what `_app` raises."""
    app = _app(caller, asked.get("app"))
    if caller.organization is None:
        raise NoSuchOrganization
    if "session" in asked:
        if not caller.app:
            raise refusals.OnlyForApps
        if found[0] != [[caller.app]]:
            return refusals.SessionIsOver(), None
    person = person_in(found[-1])
    if person is None:
        return refusals.NotAMember(), None
    return reason_against(caller.organization, app, person), person.id


def _app(caller: Caller, named: str | None) -> App:
    """The app that the question is about. Raises AnotherApp, NameTheApp."""
    if caller.app and named and named != caller.app:
        raise refusals.AnotherApp(app=App(caller.app).label)
    if not caller.app and not named:
        raise refusals.NameTheApp
    return App(named or caller.app)
