"""Streams of tokens that cannot be polled."""

from django.utils.translation import gettext_lazy as _

from api.wire.refusals import ApiRefusal


class NoSuchStream(ApiRefusal):
    status = 404
    code = "no_such_stream"
    sentence = _("There is no stream of tokens at this address, or it is another app's.")


class StreamIsPaused(ApiRefusal):
    status = 409
    code = "stream_is_paused"
    sentence = _(
        "This stream is paused. Ask Nulab Support to resume it: it goes on where it stopped, and events are kept for "
        "30 days."
    )


class OnlyForAnApp(ApiRefusal):
    status = 403
    code = "only_for_an_app"
    sentence = _("Streams of tokens belong to the apps: this takes an app's key, not a personal access token.")
