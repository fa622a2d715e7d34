"""Preview: a list of people in, what a synchronization would do with them out."""

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from members.pages import OrganizationRequest, administrators_only
from provisioning.forms import PreviewForm
from provisioning.models import preconditions
from provisioning.preview import Outcome, Preview

# Of those who are refused, and of all others of one kind; the figures tell of everybody.
REFUSED_SHOWN, OTHERS_SHOWN = 300, 100


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@administrators_only
def preview(request: OrganizationRequest) -> HttpResponse:
    form = PreviewForm(request.POST, request.FILES) if request.method == "POST" else PreviewForm()
    if not form.is_bound or not form.is_valid():
        missing = [refusal for refusal, is_met in preconditions(request.organization) if not is_met]
        context = {"form": form, "missing": missing}
        return render(request, "provisioning/preview.html", context, status=422 if form.errors else 200)
    found = Preview(request.organization, form.cleaned_data["people"], by=request.actor)
    absent, absentees = found.missing()
    context = {
        "found": found,
        "counts": found.counts,
        "lists": [(outcome, found.those(outcome), most) for outcome, most in _shown()],
        "absent": absent,
        "absentees": absentees,
    }
    return render(request, "provisioning/preview_result.html", context)


def _shown() -> list[tuple[Outcome, int]]:
    return [
        (outcome, REFUSED_SHOWN if outcome in (Outcome.REFUSED, Outcome.UNCLEAR) else OTHERS_SHOWN)
        for outcome in Outcome
    ]
