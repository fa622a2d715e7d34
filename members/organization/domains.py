"""Mail domains: proved by a TXT record."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from members.console.confirmation import Confirmation, confirm
from members.console.pages import OrganizationRequest, administrators_only, with_link
from members.models import Domain
from members.models.standing import accounts_by_domain
from members.organization.forms import DomainForm
from members.refusals import Refusal


@require_safe
@administrators_only
def domains(request: OrganizationRequest) -> HttpResponse:
    return _page(request, DomainForm())


@require_POST
@administrators_only
def add(request: OrganizationRequest) -> HttpResponse:
    form = DomainForm(request.POST)
    if not form.is_valid():
        return _page(request, form)
    try:
        domain = Domain.objects.add(request.organization, form.cleaned_data["name"], by=request.actor)
    except Refusal as refusal:
        form.add_error("name", with_link(refusal, request.organization))
        return _page(request, form)
    messages.success(request, _("“%(domain)s” is added. Next, add its TXT record to your DNS.") % {"domain": domain})
    return redirect("domains", request.organization.space_key)


@require_POST
@administrators_only
def verify(request: OrganizationRequest, name: str) -> HttpResponse:
    domain = _domain(request, name)
    domain.verify(by=request.actor)
    messages.success(request, _("“%(domain)s” is verified.") % {"domain": domain.name})
    return redirect("domains", request.organization.space_key)


@require_http_methods(["GET", "HEAD", "POST"])
@administrators_only
def remove(request: OrganizationRequest, name: str) -> HttpResponse:
    domain = _domain(request, name)
    objection = domain.protection(request.actor)
    question = Confirmation(
        title=_("Remove the domain “%(domain)s”?") % {"domain": name},
        verb=_("Remove domain"),
        back=reverse("domains", args=[request.organization.space_key]),
        objection=lambda: objection,
        consequences=[
            *([] if objection else [_("No Managed Account has an address in it.")]),
            _("No account can get an address in this domain until it is verified again with a new TXT record."),
        ],
        success=_("“%(domain)s” is removed.") % {"domain": name},
    )
    return confirm(request, question, lambda: domain.remove(by=request.actor))


def _domain(request: OrganizationRequest, name: str) -> Domain:
    found: Domain = get_object_or_404(request.organization.domains, name=name)
    return found


def _page(request: OrganizationRequest, form: DomainForm) -> HttpResponse:
    listed, accounts = request.organization.domains.order_by("name"), accounts_by_domain(request.organization)
    context = {
        "form": form,
        "verified": [(domain, accounts[domain.name]) for domain in listed if domain.verified_at],
        "pending": [domain for domain in listed if not domain.verified_at],
    }
    return render(request, "members/organization/domains.html", context, status=422 if form.errors else 200)
