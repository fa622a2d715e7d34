"""The page Review existing accounts."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from members.console.keyset import Keyset
from members.console.pages import OrganizationRequest, administrators_only
from members.models import Product, Subscription
from members.people import account_types
from members.people.by_rule import by_rule
from members.people.member import member_of
from provisioning.matching.forms import ReviewFilter
from provisioning.matching.review import State, by_type_and_state, state_of, staying_nulab
from provisioning.matching.review_bulk import AT_ONCE

A_PAGE = 50
# Order by sign-in address: alphabetical, and read from an index.
BY_ADDRESS = Keyset("user_name_key")


@require_safe
@administrators_only
def review(request: OrganizationRequest) -> HttpResponse:
    organization, domains = request.organization, request.organization.verified_domains()
    form = ReviewFilter(request.GET)
    found = form.found(organization, domains)
    page = BY_ADDRESS.page_of(found, organization.members.all(), request.GET.get("after", ""), A_PAGE)
    counts = by_type_and_state(organization, domains)
    for member in page.rows:
        member.organization = organization
    lines, staying = by_rule(page.rows), staying_nulab(page.rows, organization, domains, request.actor)
    context = {
        "form": form,
        "is_filtered": any(form.cleaned_data.values()) or bool(form.errors),
        "page": page,
        "rows": [
            {
                "member": member,
                "state": state_of(member, domains),
                "reason": staying.get(member.pk) or member.ineligibility(domains),
                "stays": member.pk in staying,
                "by_rules": lines[member.pk],
            }
            for member in page.rows
        ],
        "has_choice": not organization.is_sandbox
        and any(not member.account.is_managed and member.pk not in staying for member in page.rows),
        "counts": counts,
        "states": [(state, counts[f"in_{state.name}"]) for state in State],
        "outdated": counts["outdated"],
        "at_once": AT_ONCE,
        "pass": Subscription.running(organization, Product.PASS),
        "State": State,
    }
    return render(request, "provisioning/matching/review.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@administrators_only
def convert_to_managed(request: OrganizationRequest, scim_id: UUID) -> HttpResponse:
    return account_types.to_managed(request, member_of(request, scim_id), _review_url(request))


@require_http_methods(["GET", "HEAD", "POST"])
@administrators_only
def convert_to_nulab(request: OrganizationRequest, scim_id: UUID) -> HttpResponse:
    return account_types.to_nulab(request, member_of(request, scim_id), _review_url(request))


@require_http_methods(["GET", "HEAD", "POST"])
@administrators_only
def bring_up_to_date(request: OrganizationRequest, scim_id: UUID) -> HttpResponse:
    return account_types.update(request, member_of(request, scim_id), _review_url(request))


def _review_url(request: OrganizationRequest) -> str:
    return reverse("provisioning-review", args=[request.organization.space_key])
