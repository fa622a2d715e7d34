"""The list of members."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from members.listing import Listing
from members.marks import marks_of
from members.pages import OrganizationRequest, administrators_only


@require_safe
@administrators_only
def members(request: OrganizationRequest) -> HttpResponse:
    listing = Listing(request.organization, request.GET)
    page = listing.page(request.GET.get("page"))
    rows = listing.members(page)
    marks = marks_of(rows)
    context = {
        "listing": listing,
        "page": page,
        "rows": [{"member": member, "marks": marks.get(member.pk, [])} for member in rows],
    }
    return render(request, "members/members.html", context)
