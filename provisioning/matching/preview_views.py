"""Preview: a list of people in, what a synchronization would do with them out."""

from itertools import groupby

from django.core.paginator import Paginator
from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from members.console.counting import in_words
from members.console.pages import OrganizationRequest, administrators_only
from members.console.spreadsheets import download, of_today
from provisioning.matching import preview_csv
from provisioning.matching.carried_list import carried
from provisioning.matching.forms import PreviewForm
from provisioning.matching.preview import Outcome, Preview, Verdict
from provisioning.models import preconditions

ROWS = 100


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@administrators_only
def preview(request: OrganizationRequest) -> HttpResponse:
    form = PreviewForm(request.POST, request.FILES) if request.method == "POST" else PreviewForm()
    if not form.is_bound or not form.is_valid():
        return _asked(request, form)
    found = Preview(request.organization, form.cleaned_data["people"], by=request.actor)
    absent, absentees = found.missing()
    page = Paginator(found.ordered, ROWS).get_page(request.POST.get("page"))
    context = {
        "found": found,
        "encoding": form.cleaned_data["encoding"],
        "counts": found.counts,
        "page": page,
        "lists": [(outcome, len(found.those(outcome)), list(rows)) for outcome, rows in groupby(page, _outcome)],
        "carried": carried(found.people),
        "absent": absent,
        "absentees": absentees,
        "absent_in_words": in_words(absent),
    }
    return render(request, "provisioning/matching/preview_result.html", context)


@require_POST
@administrators_only
def export(request: OrganizationRequest) -> HttpResponseBase:
    """The same as a file, of the list that the page has brought along."""
    form = PreviewForm(request.POST, request.FILES)
    if not form.is_valid():
        return _asked(request, form)
    found = Preview(request.organization, form.cleaned_data["people"], by=request.actor)
    name = of_today("preview", request.organization)
    return download(name, preview_csv.header(), preview_csv.batches(found), preview_csv.row_of)


def _asked(request: OrganizationRequest, form: PreviewForm) -> HttpResponse:
    missing = [refusal for refusal, is_met in preconditions(request.organization) if not is_met]
    status = 422 if form.errors else 200
    return render(request, "provisioning/matching/preview.html", {"form": form, "missing": missing}, status=status)


def _outcome(verdict: Verdict) -> Outcome:
    return verdict.outcome
