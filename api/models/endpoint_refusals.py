"""Endpoints that cannot be made, paused or resumed, and events that cannot be sent again."""

from django.utils.translation import gettext_lazy as _

from members.refusals import Refusal


class TooManyEndpoints(Refusal):
    code = "too_many_endpoints"
    sentence = _("%(app)s already has %(most)s endpoints, which is the limit. Change one of them instead.")


class AlreadyPaused(Refusal):
    code = "endpoint_already_paused"
    sentence = _("This endpoint has already been paused. Resume it to go on where it stopped.")


class NotPaused(Refusal):
    code = "endpoint_not_paused"
    sentence = _("This endpoint is not paused, so there is nothing to resume.")


class EndpointIsPaused(Refusal):
    code = "endpoint_is_paused"
    sentence = _("Nothing is sent to this endpoint while it is paused. Resume it first.")


class EventIsGone(Refusal):
    code = "event_is_gone"
    sentence = _("This event is no longer kept, so it cannot be sent again. Events are kept for 30 days.")


class NoSigningKey(Refusal):
    code = "no_signing_key"
    sentence = _("This site has no key that signs Security Event Tokens. Set SET_SIGNING_KEYS first.")


class PolledHasNoAddress(Refusal):
    code = "polled_has_no_address"
    sentence = _("An app that fetches its tokens needs no address: leave it empty.")


class HasNoSecret(Refusal):
    code = "has_no_secret"
    sentence = _("Security Event Tokens are signed with the key of the site: this endpoint has no secret of its own.")
