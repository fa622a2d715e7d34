"""What is bought, what is used, and who holds it. Buying is not done here: support staff do it in the admin."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from members.console.keyset import Keyset
from members.console.pages import OrganizationRequest, plan_admins_too
from members.models import Product
from members.people.filters import SearchForm, containing

IN_ORDER = Keyset("name_order")
ROWS = 25


@require_safe
@plan_admins_too
def overview(request: OrganizationRequest) -> HttpResponse:
    found = {row.product: row for row in request.organization.subscriptions.all()}
    subscriptions = [found[product] for product in Product if product in found]
    inactive = reverse("members", args=[request.organization.space_key], query={"status": "inactive"})
    context = {
        "subscriptions": subscriptions,
        "has_returned": any(row.returned for row in subscriptions),
        "inactive_url": inactive if request.member.is_administrator else "",
    }
    return render(request, "members/licences.html", context)


@require_safe
@plan_admins_too
def holders(request: OrganizationRequest, product: str) -> HttpResponse:
    subscription = request.organization.subscriptions.filter(product=product).first() if product in Product else None
    if subscription is None:
        raise Http404
    form = SearchForm(request.GET)
    members = request.organization.members.licensed_for(Product(product)).select_related("account")
    members = members.filter(containing(form.cleaned_data["q"])) if form.is_valid() else members.none()
    context = {
        "subscription": subscription,
        "form": form,
        "page": IN_ORDER.page(members, request.GET.get("after", ""), ROWS),
        "is_assignable": product != Product.PASS,
    }
    return render(request, "members/licence_holders.html", context, status=422 if form.errors else 200)
