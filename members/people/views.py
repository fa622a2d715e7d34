"""The list of members."""

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from members.console.pages import OrganizationRequest, administrators_only, recent_sign_in
from members.console.spreadsheets import exported
from members.marks import marks_of
from members.models import Event
from members.people import csv_rows
from members.people.listing import Listing
from operations.replica import list_page


@require_safe
@administrators_only
@list_page
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
    return render(request, "members/people/members.html", context)


@require_POST
@administrators_only
@recent_sign_in
def export(request: OrganizationRequest) -> HttpResponseBase:
    """The CSV file, with the page's filters from the query string."""
    filters = Listing(request.organization, request.GET).filters
    chosen = {name: ["", value] for name, value in filters.chosen.items() if name != "sort"}
    rows = csv_rows.batches(filters.qs)
    return exported(request, Event.MEMBERS_EXPORTED, "members", csv_rows.header(), rows, csv_rows.row_of, chosen)
