"""Security Event Tokens by poll (RFC 8936), and the public keys that they are verified with."""

from typing import Any

from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response

from api.models import Endpoint
from api.models.endpoint import Method
from api.scopes import Scope
from api.sets import keys, refusals
from api.sets.pushing import worded
from api.sets.settling import settle
from api.sets.stream import MOST, Offer, is_waiting, offer
from api.wire import examples, waiting
from api.wire.authentication import authenticate
from api.wire.describing import described
from api.wire.parameters import Number, Text, YesOrNo, query_of
from api.wire.question import Question

MAX_ID, MAX_ERROR_CODE, MAX_DESCRIPTION = 80, 100, 2000
MAX_NUMBER = 2**31 - 1


class SetError(serializers.Serializer[Any]):
    err = Text(max_length=MAX_ERROR_CODE, help_text="A code of RFC 8935 §2.4, such as `invalid_key`.")
    description = Text(max_length=MAX_DESCRIPTION, required=False, allow_blank=True)


class PollAsked(serializers.Serializer[Any]):
    maxEvents = Number(  # noqa: N815  the names of RFC 8936, here and below
        required=False, default=MOST, min_value=0, max_value=MAX_NUMBER,
        help_text=f"How many tokens at most; never more than {MOST}. 0 only acknowledges.",
    )  # fmt: skip
    returnImmediately = YesOrNo(  # noqa: N815
        required=False, default=False, help_text="Whether to answer at once, even with nothing."
    )
    ack = serializers.ListField(
        child=Text(max_length=MAX_ID), required=False, default=list, help_text="The ids of tokens that were taken."
    )
    setErrs = serializers.DictField(  # noqa: N815
        child=SetError(), required=False, default=dict, help_text="By their ids, tokens that were not, and why."
    )


class PollAnswer(serializers.Serializer[Any]):
    sets = serializers.DictField(child=serializers.CharField(), help_text="Signed tokens by their ids (`jti`).")
    moreAvailable = serializers.BooleanField(  # noqa: N815
        help_text="Whether there are more to be fetched at once."
    )


class Stream(Question):
    scope = Scope.EVENTS
    http_method_names = ["post"]

    @described(
        "Poll Security Event Tokens", PollAnswer, body=PollAsked, example=examples.POLL, asked=examples.POLL_ASKED,
        more={409: "The stream is paused, or the site has no key to sign with."},
    )  # fmt: skip
    def post(self, request: Request, endpoint_id: str) -> Response:
        """The tokens that wait for the app (RFC 8936), in the order of each organization; waits for the next one.

        A token comes until it is acknowledged. An empty answer that has not waited, because too many wait already,
        has the header Retry-After.
        """
        asked = self.read_body(request, PollAsked)
        endpoint = self._endpoint(request, endpoint_id)
        settle(endpoint, asked["ack"], {name: worded(error) for name, error in asked["setErrs"].items()})
        most, has_waited = min(asked["maxEvents"], MOST), True
        offered = offer(endpoint, most)
        if not offered.tokens and most and not asked["returnImmediately"]:
            has_waited = waiting.wait_for(lambda: is_waiting(endpoint), waiting.MAX_WAIT)
            # Once more: the key may have been revoked meanwhile, or the stream paused.
            offered = offer(self._endpoint(request, endpoint_id), most) if has_waited else offered
        return _answer(offered, has_waited)

    def _endpoint(self, request: Request, endpoint_id: str) -> Endpoint:
        """The stream, if it is the caller's. Raises OnlyForAnApp, NoSuchStream, StreamIsPaused."""
        caller, _ = authenticate(request._request, self.scope)
        if not caller.app:
            raise refusals.OnlyForAnApp
        is_number = endpoint_id.isascii() and endpoint_id.isdecimal() and len(endpoint_id) < len(str(MAX_NUMBER))
        own = Endpoint.objects.filter(app=caller.app, method=Method.POLL)
        endpoint = own.filter(pk=int(endpoint_id)).first() if is_number else None
        if endpoint is None:
            raise refusals.NoSuchStream
        if endpoint.paused_at:
            raise refusals.StreamIsPaused
        return endpoint


def _answer(offered: Offer, has_waited: bool) -> Response:
    answer = {"sets": offered.tokens, "moreAvailable": offered.has_more}
    return Response(answer, headers=None if has_waited else waiting.COME_BACK)


class KeyAnswer(serializers.Serializer[Any]):
    kty = serializers.CharField()
    use = serializers.CharField()
    alg = serializers.CharField()
    kid = serializers.CharField(help_text="Stands in the header of each token that it signs.")
    n = serializers.CharField()
    e = serializers.CharField()


class KeysAnswer(serializers.Serializer[Any]):
    keys = KeyAnswer(many=True)


class Keys(Question):
    """For everybody: it asks for no key."""

    @described("Read the keys of Security Event Tokens", KeysAnswer, example=examples.KEYS, needs_key=False)
    def get(self, request: Request) -> Response:
        """The public keys (RFC 7517) that tokens are verified with. Needs no key of its own."""
        query_of(request, self.takes)
        return Response(keys.published())
