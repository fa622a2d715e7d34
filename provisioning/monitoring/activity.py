"""Sync activity: every call of the IdP, the newest first."""

import datetime
from typing import Any

from django.db.models import Count, Max, Min, Sum
from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from members.console.keyset import Keyset
from members.console.pages import OrganizationRequest, administrators_only
from members.models import Organization
from operations.replica import list_page
from provisioning.models import BadTokenCount, UnrecordedCalls
from provisioning.monitoring.forms import ActivityFilter
from provisioning.monitoring.health import bad_calls
from provisioning.monitoring.remedies import remedy_for

A_PAGE = 50
NEWEST_FIRST = Keyset("at", is_descending=True)
# Calls that a page searches at most for those that match; it says how far back it came.
LOOKED_THROUGH = 10_000
FLOOD_DAYS = 7
FLOODS, BAD_MINUTES = 5, 20


@require_safe
@administrators_only
@list_page
def activity(request: OrganizationRequest) -> HttpResponse:
    form = ActivityFilter(request.GET, organization=request.organization)
    calls = request.organization.sync_activity.all()
    rows, alike = form.within(calls), form.alike(calls)
    page = NEWEST_FIRST.search(rows, form.matching(alike), request.GET.get("after", ""), A_PAGE, LOOKED_THROUGH)
    is_whole = not form.is_narrowed and page.is_first
    context = {
        "form": form,
        "page": page,
        "alike": alike,
        "is_filtered": form.is_narrowed,
        "floods": floods(request.organization) if is_whole else [],
        "bad_calls": bad_calls(request.organization) if is_whole else 0,
        "bad_minutes": bad_minutes(request.organization) if is_whole else [],
        "unrecorded": unrecorded_calls(request.organization) if is_whole else 0,
        "bad_token_remedy": remedy_for("bad_token"),
    }
    return render(request, "provisioning/monitoring/activity.html", context)


def unrecorded_calls(organization: Organization) -> int:
    """The number of calls of the last days that were answered without a line."""
    lately = timezone.now() - datetime.timedelta(days=FLOOD_DAYS)
    days = UnrecordedCalls.objects.filter(organization=organization, day__gte=lately)
    return days.aggregate(calls=Sum("calls"))["calls"] or 0


def floods(organization: Organization) -> list[dict[str, Any]]:
    """The causes that came again and again in the last days, with numbers, times and the last call."""
    lately = timezone.now() - datetime.timedelta(days=FLOOD_DAYS)
    refused = organization.sync_activity.filter(at__gte=lately, status__gte=400).exclude(reason="")
    groups = refused.order_by().values("reason", "figures").annotate(
        times=Count("pk"), people=Count("subject", distinct=True), first=Min("at"), until=Max("at"), last=Max("pk")
    )  # fmt: skip
    found = list(groups.filter(times__gt=1).order_by("-times", "-last")[:FLOODS])
    calls = organization.sync_activity.in_bulk([group["last"] for group in found])
    return [group | {"call": calls[group["last"]]} for group in found]


def bad_minutes(organization: Organization) -> list[BadTokenCount]:
    """The minutes of the last 24 hours with calls with a bad token, which are counted by address, not listed."""
    day = timezone.now() - datetime.timedelta(days=1)
    lately = BadTokenCount.objects.filter(organization=organization, minute__gte=day)
    return list(lately.order_by("-minute", "address")[:BAD_MINUTES])
