"""The verdict in the reader's words: a badge, a sentence, what to do, and where."""

from collections.abc import Callable
from dataclasses import dataclass

from django.urls import reverse
from django.utils import timezone
from django.utils.formats import localize
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from members.texts import Text
from provisioning.models import ScimToken
from provisioning.models.settings_refusals import NeedsDomain, NeedsSaml, NotEnabled, PassHasEnded
from provisioning.monitoring.health import NO_LIVE_TOKEN, NO_REQUEST_YET, NOT_SET_UP, Health, Verdict
from provisioning.monitoring.remedies import CONNECTION, SWITCH, Remedy, remedy_for
from provisioning.scim.wire.refusals import BadToken


@dataclass(frozen=True)
class State:
    """The label of the badge, and the sentence of the page, if any."""

    label: Text
    variant: str
    icon: str = ""
    sentence: Text = ""
    remedy: Remedy | None = None
    url: str = ""
    link: Text = ""

    @property
    def kind(self) -> str:
        """The kind of banner."""
        return "danger" if self.variant == "red" else "warning"


def state_of(found: Verdict) -> State:
    return WORDS[found.health](found)


def _closed(found: Verdict) -> State:
    space_key = found.organization.space_key
    if found.cause == NO_LIVE_TOKEN:
        return State(
            _("No live token"), "red", "alert-triangle",
            _("No token is live, so every request of the IdP is answered with 401."),
            remedy_for(BadToken.code), reverse("token-issue", args=[space_key]), _("Issue new token"),
        )  # fmt: skip
    label, page, link = {
        NOT_SET_UP: (_("Not set up"), "", ""),
        NotEnabled.code: (_("Disabled"), "", ""),
        PassHasEnded.code: (_("Nulab Pass has ended"), "licences", _("Licences")),
        NeedsDomain.code: (_("No verified domain"), "domains", _("Domains")),
        NeedsSaml.code: (_("SAML authentication is off"), "saml", _("SAML authentication")),
    }[found.cause]
    if found.is_switched_off:
        return State(label, "grey")
    url = reverse(page, args=[space_key])
    return State(label, "red", "alert-triangle", str(found.refusal), remedy_for(found.cause), url, link)


def _failing(found: Verdict) -> State:
    remedy = remedy_for(found.cause)
    space_key = found.organization.space_key
    if found.cause == BadToken.code and not found.counts:
        sentence = (
            _("The IdP sends the token “%(token)s”, which is no longer valid: its requests are answered with 401.")
            % found.figures
        )
        page = f"{reverse('provisioning', args=[space_key])}#tokens"
        return State(_("Failing"), "red", "alert-triangle", sentence, remedy, page, _("Show tokens"))
    if found.counts:
        words = {**{name: localize(count) for name, count in found.counts.items()}, "cause": found.refusal}
        sentence = (
            _("%(refused)s of the last %(all)s requests were refused, %(times)s of them because: %(cause)s") % words
        )
    else:
        sentence = _("The last requests were refused.")
    activity = f"{reverse('activity', args=[space_key])}?outcome=refused"
    return State(_("Failing"), "red", "alert-triangle", sentence, remedy, activity, _("Show refused requests"))


def _quiet(found: Verdict) -> State:
    bad_calls = found.figures["bad_calls"]
    if bad_calls:
        sentence = ngettext(
            "No request for 24 hours except %(count)s with an invalid token.",
            "No request for 24 hours except %(count)s with an invalid token.",
            bad_calls,
        ) % {"count": localize(bad_calls)}
        remedy = Remedy(CONNECTION, _("The IdP uses an old token. Issue a new one and paste it into the IdP."))
    else:
        sentence = _("The IdP has sent no request for 24 hours. Microsoft Entra ID sends some every 40 minutes.")
        remedy = Remedy(SWITCH, _("Check whether provisioning is paused or in quarantine in the IdP, and restart it."))
    return State(_("No request for 24 h"), "yellow", "clock", sentence, remedy)


def _running(found: Verdict) -> State:
    if found.cause == NO_REQUEST_YET:
        return State(_("Waiting for the first request"), "grey", "clock")
    return State(_("Running"), "green", "check")


WORDS: dict[Health, Callable[[Verdict], State]] = {
    Health.CLOSED: _closed,
    Health.FAILING: _failing,
    Health.QUIET: _quiet,
    Health.RUNNING: _running,
}


def expiring(token: ScimToken) -> State:
    """The warning beside the verdict about a token that will expire."""
    assert token.expires_at is not None
    days = max(0, (token.expires_at - timezone.now()).days)
    figures = {"count": days, "token": str(token)}
    label = ngettext("Token expires in %(count)s day", "Token expires in %(count)s days", days) % figures
    sentence = ngettext(
        "The token %(token)s expires in %(count)s day. From then on every request with it is answered with 401.",
        "The token %(token)s expires in %(count)s days. From then on every request with it is answered with 401.",
        days,
    ) % figures  # fmt: skip
    remedy = Remedy(
        CONNECTION, _("Issue a new token, paste it into the IdP, then revoke this one. Both work in the meantime.")
    )
    issue = reverse("token-issue", args=[token.organization.space_key])
    return State(label, "yellow", "clock", sentence, remedy, issue, _("Issue new token"))
