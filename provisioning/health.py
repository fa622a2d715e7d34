"""Whether the synchronization works, in a word, a sentence and what to do; the rules have names."""

import datetime
from dataclasses import dataclass

from django.urls import reverse
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from provisioning.models import ProvisioningSettings, ScimToken, SyncActivity
from provisioning.remedies import CONNECTION, SWITCH, Remedy, remedy_for

Text = str | Promise
QUIET_AFTER = datetime.timedelta(hours=24)
# Failing: of so many calls of the last hour more than this share was refused, or the last few all were.
LOOKED_AT, AN_HOUR, SHARE = 50, datetime.timedelta(hours=1), 0.4
FEWEST, LAST_FEW, FEWEST_OF_LAST = 5, 10, 3


@dataclass(frozen=True)
class State:
    """What the badge says; with a sentence, what the page says about it."""

    label: Text
    variant: str
    icon: str = ""
    sentence: Text = ""
    remedy: Remedy | None = None
    url: str = ""
    link: Text = ""

    @property
    def kind(self) -> str:
        """Of the banner."""
        return "danger" if self.variant == "red" else "warning"


def states(
    settings: ProvisioningSettings, tokens: list[ScimToken], newest: list[SyncActivity], bad_calls: int
) -> list[State]:
    """The worst first. `newest`: the last LOOKED_AT calls."""
    if not settings.is_enabled:
        return [State(_("Disabled") if tokens else _("Not set up"), "grey")]
    found = [
        _no_live_token(settings, tokens),
        _failing(settings, newest),
        _quiet(newest, bad_calls),
        *(_expiring(settings, token) for token in tokens if token.expires_soon),
    ]
    return [state for state in found if state] or [State(_("Enabled"), "green", "check")]


def is_failing(newest: list[SyncActivity]) -> bool:
    lately = [call for call in newest if timezone.now() - call.at < AN_HOUR]
    if len(lately) >= FEWEST and sum(call.is_refused for call in lately) > SHARE * len(lately):
        return True
    last_few = newest[:LAST_FEW]
    return len(last_few) >= FEWEST_OF_LAST and all(call.is_refused for call in last_few)


def is_quiet(newest: list[SyncActivity]) -> bool:
    return bool(newest) and timezone.now() - newest[0].at > QUIET_AFTER


def _no_live_token(settings: ProvisioningSettings, tokens: list[ScimToken]) -> State | None:
    if any(token.is_live for token in tokens):
        return None
    return State(
        _("No live token"), "red", "alert-triangle",
        _("No token is live, so every request of the IdP is answered with 401."),
        remedy_for("bad_token"), reverse("token-issue", args=[settings.organization.space_key]), _("Issue new token"),
    )  # fmt: skip


def _failing(settings: ProvisioningSettings, newest: list[SyncActivity]) -> State | None:
    if is_quiet(newest) or not is_failing(newest):
        return None
    last = next(call for call in newest if call.is_refused)
    refused = sum(call.is_refused for call in newest)
    sentence = _("%(refused)s of the last %(all)s requests were refused, the last one because: %(cause)s") % {
        "refused": refused, "all": len(newest), "cause": last.explanation,
    }  # fmt: skip
    activity = reverse("activity", args=[settings.organization.space_key])
    return State(
        _("Failing"), "red", "alert-triangle", sentence,
        remedy_for(last.reason), f"{activity}?outcome=refused", _("Show refused requests"),
    )  # fmt: skip


def _quiet(newest: list[SyncActivity], bad_calls: int) -> State | None:
    if not is_quiet(newest):
        return None
    if bad_calls:
        sentence = ngettext(
            "No request for 24 hours but %(count)s with a token that is not valid.",
            "No request for 24 hours but %(count)s with a token that is not valid.",
            bad_calls,
        ) % {"count": bad_calls}
        remedy = Remedy(CONNECTION, _("The IdP has a former token. Issue a new one and paste it there."))
    else:
        sentence = _("The IdP has sent no request for 24 hours. Microsoft Entra ID sends some every 40 minutes.")
        remedy = Remedy(SWITCH, _("Look whether provisioning is paused or in quarantine there, and start it again."))
    return State(_("No request for 24 h"), "yellow", "clock", sentence, remedy)


def _expiring(settings: ProvisioningSettings, token: ScimToken) -> State:
    assert token.expires_at is not None
    days = max(0, (token.expires_at - timezone.now()).days)
    figures = {"count": days, "token": f"{token.prefix}…"}
    label = ngettext("Token expires in %(count)s day", "Token expires in %(count)s days", days) % figures
    sentence = ngettext(
        "The token %(token)s expires in %(count)s day. From then on every request with it is answered with 401.",
        "The token %(token)s expires in %(count)s days. From then on every request with it is answered with 401.",
        days,
    ) % figures  # fmt: skip
    remedy = Remedy(CONNECTION, _("Issue a new token, paste it there, and revoke this one: both work meanwhile."))
    issue = reverse("token-issue", args=[settings.organization.space_key])
    return State(label, "yellow", "clock", sentence, remedy, issue, _("Issue new token"))
