"""A question: who may ask it, what it takes, and how it is answered. All of the API's routes are made of it."""

from dataclasses import dataclass
from typing import Any, ClassVar

import orjson
from django.http import HttpResponse
from rest_framework.exceptions import MethodNotAllowed
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.parsers import JSONParser
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.serializers import Serializer
from rest_framework.views import APIView

from api.scopes import Scope
from api.wire import problems, refusals
from api.wire.authentication import NOTHING, Beside, Found, authenticate
from api.wire.caller import Caller
from api.wire.parameters import body_of, query_of
from members.models import Organization
from members.refusals import Refusal


class Json(BaseRenderer):
    media_type = "application/json"
    format = "json"
    charset = None

    def render(self, data: Any, accepted_media_type: str | None = None, renderer_context: Any = None) -> bytes:
        return orjson.dumps(data) if data is not None else b""


class AlwaysJson(BaseContentNegotiation):
    """There is one form of every answer: a client that asks for another one gets this one (RFC 9110 §12.4.1)."""

    def select_parser(self, request: Request, parsers: Any) -> None:
        return None

    def select_renderer(self, request: Request, renderers: Any, format_suffix: str | None = None) -> Any:
        return renderers[0], renderers[0].media_type


class NoParameters(Serializer[Any]):
    """For routes that take none."""


class Question(APIView):
    """A route: `scope` is what a key needs for it, `takes` the parameters in its address."""

    scope: ClassVar[Scope]
    takes: ClassVar[type[Serializer[Any]]] = NoParameters

    http_method_names = ["get", "head"]
    renderer_classes = [Json]
    # For the description; parameters.py reads the body.
    parser_classes = [JSONParser]
    content_negotiation_class = AlwaysJson
    authentication_classes: ClassVar[list[Any]] = []
    permission_classes: ClassVar[list[Any]] = []

    def ask(self, request: Request, space_key: str, beside: Beside = NOTHING, *values: Any) -> "Asked":
        """The caller, the organization and the parameters. Raises BadKey, NotInScope, NoSuchOrganization, and then
        the refusals of the parameters.
        """
        caller, found = authenticate(request._request, self.scope, space_key, beside, *values)
        if caller.organization is None:
            raise refusals.NoSuchOrganization
        return Asked(caller, caller.organization, query_of(request, self.takes), found)

    def read_body(self, request: Request, kind: type[Serializer[Any]]) -> dict[str, Any]:
        """The body, read before the key is looked for. Its refusals are for those with a good key."""
        try:
            query_of(request, self.takes)
            return body_of(request, kind)
        except Refusal:
            authenticate(request._request, self.scope)
            raise

    def get_exception_handler(self) -> Any:
        return _handled


@dataclass(frozen=True, slots=True)
class Asked:
    """A question with its caller and its subject."""

    caller: Caller
    organization: Organization
    parameters: dict[str, Any]
    # Rows of what stood Beside.
    beside: Found


def _handled(error: Exception, about: dict[str, Any]) -> HttpResponse | None:
    """The problem details of a refusal; None for a mistake of ours, which the door answers."""
    request = about["request"]._request
    if isinstance(error, MethodNotAllowed):
        error = refusals.MethodNotTaken(method=request.method, allowed=", ".join(about["view"].allowed_methods))
    return problems.answer(request, error) if isinstance(error, Refusal) else None
