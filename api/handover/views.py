"""Signing in to an app through this site: the browser is sent on with a code, for which the app gets a session."""

from typing import Any
from urllib.parse import urlencode, urlsplit, urlunsplit

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.access.refusals import BadCode, OnlyForApps
from api.handover.refusals import ReturnNotAllowed
from api.models import App, AppSession
from api.models.app_session import MAX_ADDRESS
from api.scopes import Scope
from api.wire import examples
from api.wire.authentication import authenticate
from api.wire.describing import described
from api.wire.parameters import Text
from api.wire.question import Question
from members.console.navigation import places_by_name
from members.console.pages import signed_in_only
from members.console.preferences import address_of_app
from members.models import Account, Member
from members.values import LANGUAGES

MAX_STATE = 500


@never_cache
@require_safe
@signed_in_only
def sign_in(request: HttpRequest, app: str) -> HttpResponse:
    """On to the app's address with a code, once somebody has signed in here. Raises ReturnNotAllowed."""
    if app not in App.values:
        raise Http404
    return_to = address_of_app(request.GET.get("return_to", ""))
    state = request.GET.get("state", "")
    if not return_to or len(state) > MAX_STATE:
        raise ReturnNotAllowed
    assert isinstance(request.user, Account)
    assert request.session.session_key
    code = AppSession.objects.hand_over(App(app), request.user, request.session.session_key, return_to)
    parts = urlsplit(return_to)
    more = urlencode({"code": code, **({"state": state} if state else {})})
    query = f"{parts.query}&{more}" if parts.query else more
    return redirect(urlunsplit(parts._replace(query=query, fragment="")))


class SessionAsked(serializers.Serializer[Any]):
    code = Text(max_length=100, help_text="The `code` with which the browser came. It works once, for a minute.")
    return_to = Text(max_length=MAX_ADDRESS, help_text="The `return_to` to which the browser was to come.")


class PlaceAnswer(serializers.Serializer[Member]):
    space_key = serializers.CharField(source="organization.space_key")
    organization_id = serializers.CharField(source="organization.slug")
    name = serializers.CharField(source="organization.name")
    member_id = serializers.CharField(source="scim_id")


class SessionAnswer(serializers.Serializer[Any]):
    session = serializers.CharField(help_text="For `POST /access`. It ends with the session on this site.")
    name = serializers.CharField()
    email = serializers.CharField()
    language = serializers.ChoiceField(choices=list(LANGUAGES))
    time_zone = serializers.CharField()
    organizations = PlaceAnswer(many=True, help_text="Where the person is a member.")


class Sessions(Question):
    scope = Scope.ACCESS
    http_method_names = ["post"]

    @described(
        "Take the session of a person who has signed in", SessionAnswer, body=SessionAsked,
        example=examples.SESSION, asked=examples.SESSION_ASKED,
        more={409: "The code has been used, is too old, or is not this app's."},
    )  # fmt: skip
    def post(self, request: Request) -> Response:
        """Send the browser to `/apps/<app>/signin?return_to=…&state=…`. It comes back with a `code` and the `state`.

        `return_to` is below one of the addresses that this site lets sign-ins lead to.
        """
        asked = self.read_body(request, SessionAsked)
        caller, _ = authenticate(request._request, self.scope)
        if not caller.app:
            raise OnlyForApps
        taken = AppSession.objects.take(caller.app, asked["code"], asked["return_to"])
        if taken is None:
            raise BadCode
        session, secret = taken
        account = Account.objects.filter(pk=session.account_id).first()
        if account is None:
            raise BadCode
        mine = {"session": secret, "organizations": places_by_name(account)}
        told = {name: getattr(account, name) for name in ("name", "email", "language", "time_zone")}
        return Response({**SessionAnswer({**told, **mine}).data})
