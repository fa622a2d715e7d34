"""The User Provisioning page."""

import datetime
from typing import Any

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from members.console.pages import OrganizationRequest, administrators_only
from members.models import Organization
from provisioning.matching.review import by_type
from provisioning.models import ProvisioningSettings, ScimToken, SyncActivity, preconditions
from provisioning.monitoring.chart import requests_over, window_named
from provisioning.monitoring.health import bad_calls, verdict
from provisioning.monitoring.health_words import expiring, state_of
from provisioning.monitoring.setup import steps
from provisioning.settings.token_use import replaced
from provisioning.settings.tokens import revoking
from provisioning.settings.views import disabling

SHOWN = 6
# Days that dead tokens stay on the page, in case somebody looks for them.
DEAD_TOKENS_SHOWN = datetime.timedelta(days=30)


@require_safe
@administrators_only
def overview(request: OrganizationRequest) -> HttpResponse:
    organization = request.organization
    settings = ProvisioningSettings.of(organization)
    tokens = _tokens(organization)
    needed = preconditions(organization)
    missing = [refusal for refusal, is_met in needed if not is_met]
    context: dict[str, Any] = {"settings": settings, "missing": missing}
    if not settings.is_enabled and not tokens:
        context["preconditions"] = needed
        return render(request, "provisioning/monitoring/not_set_up.html", context)
    counts = by_type(organization)
    live = [token for token in tokens if token.is_live]
    setup = steps(settings, tokens, missing, counts["to_review"])
    successors = replaced(live)
    shown = _activity(request)
    context |= {
        "health": [state_of(verdict(organization)), *(expiring(token) for token in live if token.expires_soon)],
        "last": organization.sync_activity.order_by("-at", "-pk").only("at").first(),
        "tokens": [(token, successors.get(token.pk)) for token in tokens],
        "live": live,
        "revoking": [(token, revoking(token, live)) for token in live],
        "disabling": disabling(request),
        "steps": setup,
        "steps_done": sum(step.is_done for step in setup),
        "counts": counts,
        "members": counts["nulab"] + counts["managed"] + counts["provisioned"],
        **shown,
    }
    return render(request, "provisioning/monitoring/overview.html", context)


@require_safe
@never_cache
@administrators_only
def recent(request: OrganizationRequest) -> HttpResponse:
    """The sync activity card, polled: 204 while `after` is still the newest call."""
    newest = request.organization.sync_activity.order_by("-at", "-pk").values_list("pk", flat=True).first()
    if str(newest or 0) == request.GET.get("after"):
        return HttpResponse(status=204)
    return render(request, "provisioning/monitoring/recent.html", _activity(request))


def _activity(request: OrganizationRequest) -> dict[str, Any]:
    organization = request.organization
    rows = SyncActivity.objects.filter(organization=organization).order_by("-at", "-pk")
    newest = rows.values_list("pk", flat=True).first()
    # Changes and refusals; reads only while there is nothing else.
    return {
        "chart": requests_over(organization, window_named(request.GET.get("window"))),
        "calls": list(rows.filter(is_lasting=True)[:SHOWN]) or list(rows[:SHOWN]),
        "newest_id": newest or 0,
        "bad_calls": bad_calls(organization),
    }


def _tokens(organization: Organization) -> list[ScimToken]:
    """The live tokens and those that ended lately."""
    lately = timezone.now() - DEAD_TOKENS_SHOWN
    tokens = organization.scim_tokens.select_related("organization", "issuer__account")
    return [
        token
        for token in tokens[:50]
        if token.is_live or (token.revoked_at or token.expires_at or token.created_at) > lately
    ]
