"""News that the apps got of an organization, and when: each try, the newest first."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from api.told.known import what_apps_know
from api.told.words import lines
from members.console.keyset import Keyset
from members.console.pages import OrganizationRequest, audit_log_admins_too
from operations.replica import list_page

A_PAGE = 50
NEWEST_FIRST = Keyset("id", is_descending=True)
MAX_ID = 36


@require_safe
@audit_log_admins_too
@list_page
def told(request: OrganizationRequest) -> HttpResponse:
    deliveries = request.organization.deliveries.select_related("endpoint")
    subject = request.GET.get("subject", "")[:MAX_ID].replace("\0", "")
    if subject:
        deliveries = deliveries.filter(subject_id=subject)
    page = NEWEST_FIRST.page(deliveries, request.GET.get("after", ""), A_PAGE)
    organization, subjects = request.organization, {delivery.subject_id for delivery in page.rows}
    members = dict(organization.members.filter(scim_id__in=subjects).values_list("scim_id", "account__name"))
    teams = dict(organization.teams.filter(scim_id__in=subjects).values_list("scim_id", "name"))
    context = {
        "page": page, "lines": lines(page.rows, members | teams), "members": members, "teams": teams,
        "is_narrowed": bool(subject), "known": [*what_apps_know()],
    }  # fmt: skip
    return render(request, "api/told/told.html", context)
