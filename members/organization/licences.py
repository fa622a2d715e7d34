"""The Licences pages: figures and holders. Buying is not done here: support staff do it in the admin."""

from collections.abc import Sequence
from typing import Any

from django.http import Http404, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from members.console.keyset import Keyset
from members.console.pages import OrganizationRequest, plan_admins_too, recent_sign_in
from members.console.spreadsheets import exported
from members.models import Event, Member, Organization, Product, Subscription
from members.models.finding import Found, members_found
from members.people.filters import SearchForm

IN_ORDER = Keyset("name_order")
ROWS, EXPORT_BATCH = 25, 1000


@require_safe
@plan_admins_too
def overview(request: OrganizationRequest) -> HttpResponse:
    subscriptions = _subscriptions(request.organization)
    inactive = reverse("members", args=[request.organization.space_key], query={"status": "inactive"})
    context = {
        "subscriptions": subscriptions,
        "has_returned": any(row.returned for row in subscriptions),
        "inactive_url": inactive if request.member.is_administrator else "",
    }
    return render(request, "members/organization/licences.html", context)


@require_safe
@plan_admins_too
def holders(request: OrganizationRequest, product: str) -> HttpResponse:
    subscription = _subscription(request.organization, product)
    form = SearchForm(request.GET)
    found = _holders(request.organization, product, form)
    context = {
        "subscription": subscription,
        "form": form,
        "page": IN_ORDER.page_of(found, request.organization.members.all(), request.GET.get("after", ""), ROWS),
        "is_assignable": product != Product.PASS,
    }
    return render(request, "members/organization/licence_holders.html", context, status=422 if form.errors else 200)


@require_POST
@plan_admins_too
@recent_sign_in
def export(request: OrganizationRequest) -> HttpResponseBase:
    """The CSV file of each product's figures. Taking a copy is an event."""
    columns = [_("Product"), _("Bought"), _("In use"), _("Free"), _("Returned"), _("Ended on")]
    batches = [_subscriptions(request.organization)]
    return exported(request, Event.LICENCES_EXPORTED, "licences", columns, batches, _figures_of, {})


@require_POST
@plan_admins_too
@recent_sign_in
def export_holders(request: OrganizationRequest, product: str) -> HttpResponseBase:
    """The CSV file of a product's holders, as the page was filtered."""
    _subscription(request.organization, product)
    form = SearchForm(request.GET)
    columns = [_("Name"), _("Email"), _("Sign-in address"), _("Account type"), _("Role"), _("Status"), "SCIM id"]
    batches = IN_ORDER.batches(_holders(request.organization, product, form).rows, EXPORT_BATCH)
    words = form.cleaned_data.get("q", "")
    chosen = {"licence": ["", Product(product).label]} | ({"subject": ["", words]} if words else {})
    return exported(request, Event.LICENCES_EXPORTED, f"licences-{product}", columns, batches, _holder_of, chosen)


def _subscriptions(organization: Organization) -> list[Subscription]:
    found = {row.product: row for row in organization.subscriptions.all()}
    return [found[product] for product in Product if product in found]


def _subscription(organization: Organization, product: str) -> Subscription:
    found = organization.subscriptions.filter(product=product).first() if product in Product else None
    if found is None:
        raise Http404
    return found


def _holders(organization: Organization, product: str, form: SearchForm) -> Found:
    members = organization.members.licensed_for(Product(product)).select_related("account")
    return members_found(organization.pk, members, form.cleaned_data["q"]) if form.is_valid() else Found(members.none())


def _figures_of(row: Subscription) -> Sequence[Any]:
    ended = f"{timezone.localdate(row.ended_at):%Y-%m-%d}" if row.ended_at else ""
    return [row.get_product_display(), row.bought, row.used, row.free, row.returned, ended]


def _holder_of(member: Member) -> Sequence[Any]:
    account = member.account
    return [
        account.name, account.email, account.user_name, account.get_type_display(), member.get_role_display(),
        _("Active") if account.is_active else _("Inactive"), member.scim_id,
    ]  # fmt: skip
