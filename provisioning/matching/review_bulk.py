"""Review existing accounts: what mends several accounts at once, a transaction for each.

The members stand in the query string, so that the page that asks and its answer name them the same way.
"""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.formats import localize
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from members.console.pages import OrganizationRequest, administrators_only, mending
from members.models import Member
from members.people.bulk import Outcome, each, picked, require_another
from provisioning.matching.review import needs_update

# As many as are done while somebody waits; the button says how many are left.
AT_ONCE = 200


@require_http_methods(["GET", "HEAD", "POST"])
@administrators_only
def convert(request: OrganizationRequest) -> HttpResponse:
    """The Nulab Accounts among those ticked become Managed Accounts."""
    ticked = picked(request.organization, request.GET.getlist("member"))
    members = [member for member in ticked if not member.account.is_managed]
    if request.method != "POST" or not members:
        return _ask(request, members)

    def change(member: Member) -> None:
        require_another(member, request.member)
        member.convert_to_managed(by=request.actor)

    outcome = each(members, change)
    sentence = ngettext("%(count)s account is managed now.", "%(count)s accounts are managed now.", len(outcome.done))
    return _tell(request, outcome, sentence)


@require_POST
@administrators_only
def update(request: OrganizationRequest) -> HttpResponse:
    """Everybody who needs the Update action, as many as fit into one request. Nobody notices it."""
    everybody = request.organization.members.filter(needs_update(request.organization))
    members = list(everybody.select_related("account").order_by("pk")[:AT_ONCE])
    for member in members:
        member.organization = request.organization
    outcome = each(members, lambda member: member.bring_up_to_date(by=request.actor))
    sentence = ngettext("%(count)s account is up to date.", "%(count)s accounts are up to date.", len(outcome.done))
    return _tell(request, outcome, sentence)


def _ask(request: OrganizationRequest, members: list[Member]) -> HttpResponse:
    title = ngettext(
        "Change %(count)s account to a Managed Account?", "Change %(count)s accounts to Managed Accounts?", len(members)
    )
    context = {
        "members": members,
        "title": title % {"count": localize(len(members))},
        "consequences": [
            _(
                "The organization manages the accounts from now on. The people cannot delete their accounts or change "
                "their e-mail."
            ),
            _("The passwords stop working and all sessions end. The people sign in through your IdP."),
            _("Memberships in other organizations stay, and one Pass licence is used for each."),
            _("Each person gets an email about it."),
        ],
        "cancel_url": _review_url(request),
    }
    return render(request, "provisioning/review_convert.html", context)


def _tell(request: OrganizationRequest, outcome: Outcome, sentence: str) -> HttpResponse:
    """Back to the list where all went well; else a page that says who was refused and why."""
    if outcome.done or not outcome.refused:
        messages.success(request, sentence % {"count": localize(len(outcome.done))})
    if not outcome.refused:
        return redirect(_review_url(request))
    refused = [
        {"member": member, "refusal": refusal, "mending": mending(refusal, request.organization)}
        for member, refusal in outcome.refused
    ]
    return render(request, "members/bulk_refused.html", {"refused": refused, "back_url": _review_url(request)})


def _review_url(request: OrganizationRequest) -> str:
    return reverse("provisioning-review", args=[request.organization.space_key])
