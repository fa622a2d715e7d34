"""Review existing accounts: changes to several accounts at once."""

from collections.abc import Iterator

from django.http import HttpResponse
from django.urls import reverse
from django.utils.formats import localize
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from members.console.pages import OrganizationRequest, administrators_only
from members.models import Member
from members.people.bulk import each
from members.people.bulk_page import BulkChange, Consequences, Origin, another, answer, tell, ticked
from provisioning.matching.review import with_update_needed

# Accounts of one request, few enough to wait for; the button says how many are left.
AT_ONCE = 200


@require_http_methods(["GET", "HEAD", "POST"])
@administrators_only
def convert(request: OrganizationRequest) -> HttpResponse:
    """Make the ticked Nulab Accounts Managed Accounts."""
    change = BulkChange(
        verb=_("Change to Managed Account"),
        act=another(lambda member: member.convert_to_managed(by=request.actor), request),
        question=lambda count: ngettext(
            "Change %(count)s account to a Managed Account?", "Change %(count)s accounts to Managed Accounts?", count
        ) % {"count": localize(count)},
        success=lambda count: ngettext(
            "%(count)s account is managed now.", "%(count)s accounts are managed now.", count
        ) % {"count": localize(count)},
        unselected=_("No Nulab Account is selected"),
        consequences=_what_a_conversion_does,
        origin=_origin(request),
    )  # fmt: skip
    return answer(request, [member for member in ticked(request) if not member.account.is_managed], change)


def _what_a_conversion_does(converted: list[Member]) -> Iterator[Consequences]:
    yield Consequences([
        _(
            "The organization manages the accounts from now on. The people cannot delete their accounts or change "
            "their e-mail."
        ),
        _("The passwords stop working and all sessions end. The people sign in through your IdP."),
        _("Memberships in other organizations stay, and one Pass licence is used for each."),
        _("Each person gets an email about it."),
    ])  # fmt: skip


@require_POST
@administrators_only
def update(request: OrganizationRequest) -> HttpResponse:
    """Update all accounts that need it, as many as fit into one request."""
    outdated = with_update_needed(request.organization)
    members = list(outdated.select_related("account").order_by("pk")[:AT_ONCE])
    for member in members:
        member.organization = request.organization
    outcome = each(members, lambda member: member.bring_up_to_date(by=request.actor))
    sentence = ngettext("%(count)s account is up to date.", "%(count)s accounts are up to date.", len(outcome.done))
    return tell(request, outcome, sentence % {"count": localize(len(outcome.done))}, _origin(request))


def _origin(request: OrganizationRequest) -> Origin:
    url = reverse("provisioning-review", args=[request.organization.space_key])
    return Origin(url, _("Review existing accounts"))
