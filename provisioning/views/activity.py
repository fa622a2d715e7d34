"""Sync activity: every call of the IdP, the newest first."""

import datetime
from typing import Any

from django.core.paginator import Paginator
from django.db.models import Count, Max, Sum
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from members.models import Organization
from members.pages import OrganizationRequest, administrators_only
from provisioning.forms import ActivityFilter
from provisioning.models import BadTokenCount

A_PAGE = 50
FLOOD_DAYS = 7


@require_safe
@administrators_only
def activity(request: OrganizationRequest) -> HttpResponse:
    form = ActivityFilter(request.GET)
    rows = form.narrow(request.organization.sync_activity.order_by("-at", "-pk"))
    page = Paginator(rows, A_PAGE).get_page(request.GET.get("page"))
    context = {
        "form": form,
        "page": page,
        "is_filtered": any(form.cleaned_data.values()) or bool(form.errors),
        "bad_calls": bad_calls(request.organization),
        "floods": [] if form.has_changed() else floods(request.organization),
    }
    return render(request, "provisioning/activity.html", context)


def floods(organization: Organization) -> list[dict[str, Any]]:
    """The same refusal again and again in the last days: how often, and the last call that met with it."""
    lately = timezone.now() - datetime.timedelta(days=FLOOD_DAYS)
    refused = organization.sync_activity.filter(at__gte=lately, status__gte=400).exclude(reason="")
    groups = refused.order_by().values("reason").annotate(times=Count("pk"), last=Max("pk")).filter(times__gt=1)
    found = list(groups.order_by("-times")[:5])
    calls = organization.sync_activity.in_bulk([group["last"] for group in found])
    return [{"call": calls[group["last"]], "times": group["times"]} for group in found]


def bad_calls(organization: Organization) -> int:
    """Calls with a bad token in the last 24 hours: they are counted, not listed."""
    day = timezone.now() - datetime.timedelta(days=1)
    recent = BadTokenCount.objects.filter(organization=organization, minute__gte=day)
    return recent.aggregate(calls=Sum("calls"))["calls"] or 0
