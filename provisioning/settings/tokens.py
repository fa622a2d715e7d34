"""The pages of tokens: issued and shown once, revoked, renamed, put in another administrator's name."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_safe

from members.console.confirmation import Confirmation, confirm
from members.console.pages import OrganizationRequest, administrators_only, recent_sign_in
from members.models import Organization
from members.refusals import Refusal
from members.sealing import hash_of
from provisioning.models import ProvisioningSettings, ScimToken
from provisioning.models.token_refusals import TokenIsNotLive
from provisioning.settings.forms import IssuerForm, RenameForm, TokenForm
from provisioning.settings.token_use import what_stops

# htmx: swap the answer in and stop polling.
STOP_POLLING = 286


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@administrators_only
@recent_sign_in
@sensitive_variables("secret")
def issue(request: OrganizationRequest) -> HttpResponse:
    form = TokenForm(request.POST if request.method == "POST" else None, organization=request.organization)
    refusal = None
    if request.method == "POST" and form.is_valid():
        try:
            secret = ScimToken.objects.issue(
                request.organization,
                issuer=request.member,
                name=form.cleaned_data["name"],
                lifetime=form.cleaned_data["lifetime"],
                by=request.actor,
            )[1]
        except Refusal as raised:
            refusal = raised
        else:
            return show_once(request, secret)
    status = 409 if refusal else 422 if form.errors else 200
    return render(request, "provisioning/settings/token_form.html", {"form": form, "refusal": refusal}, status=status)


@sensitive_variables("secret")
def show_once(request: OrganizationRequest, secret: str) -> HttpResponse:
    """The one page that contains a token's secret, which is not stored and cannot be shown again."""
    token = ScimToken.objects.get(hash=hash_of(secret))
    context = {
        "scim_url": ProvisioningSettings(organization=request.organization).scim_url,
        "token": token,
        "secret": secret,
        "test_address": _test_address(request.organization),
    }
    return render(request, "provisioning/settings/token_issued.html", context)


def _test_address(organization: Organization) -> str:
    domain = min(organization.verified_domains(), default="example.com")
    return f"test.user@{domain}"


@require_safe
@never_cache
@administrators_only
def first_request(request: OrganizationRequest, token_id: int) -> HttpResponse:
    """Polled by the page that shows the token: 204 until the IdP has used it."""
    token = _token(request, token_id)
    calls = request.organization.sync_activity.filter(token_prefix=token.prefix, at__gte=token.created_at)
    first = calls.order_by("at", "pk").first()
    if first is None:
        return HttpResponse(status=204)
    context = {"first": first, "token": token}
    return render(request, "provisioning/settings/first_request.html", context, status=STOP_POLLING)


def revoking(token: ScimToken, live: list[ScimToken]) -> Confirmation:
    return Confirmation(
        title=_("Revoke the token “%(token)s”?") % {"token": token.called},
        verb=_("Revoke token"),
        cancel=_("Keep token"),
        consequences=what_stops(token, live),
        back=reverse("provisioning", args=[token.organization.space_key]),
        success=_("The token “%(token)s” is revoked.") % {"token": token.called},
        objection=lambda: _objection(token),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@administrators_only
@recent_sign_in
def revoke(request: OrganizationRequest, token_id: int) -> HttpResponse:
    token = _token(request, token_id)
    live = list(ScimToken.objects.live().filter(organization=request.organization).select_related("organization"))
    return confirm(request, revoking(token, live), lambda: token.revoke(by=request.actor))


@require_http_methods(["GET", "HEAD", "POST"])
@administrators_only
@recent_sign_in
def change_issuer(request: OrganizationRequest, token_id: int) -> HttpResponse:
    token = _token(request, token_id)
    form = IssuerForm(request.POST if request.method == "POST" else None, token=token)
    refusal = _objection(token)
    if request.method == "POST" and form.is_valid():
        issuer = form.cleaned_data["issuer"]
        try:
            token.change_issuer(issuer, by=request.actor)
        except Refusal as raised:
            refusal = raised
        else:
            words = {"token": token.called, "member": issuer.account.name}
            messages.success(request, _("%(member)s is the issuer of the token “%(token)s” now.") % words)
            return redirect("provisioning", request.organization.space_key)
    status = 409 if refusal else 422 if form.errors else 200
    return render(
        request, "provisioning/settings/issuer.html", {"form": form, "token": token, "refusal": refusal}, status=status
    )


@require_http_methods(["GET", "HEAD", "POST"])
@administrators_only
def rename(request: OrganizationRequest, token_id: int) -> HttpResponse:
    token = _token(request, token_id)
    form = RenameForm(request.POST if request.method == "POST" else None, initial={"name": token.name})
    refusal = _objection(token)
    if request.method == "POST" and form.is_valid():
        try:
            token.rename(form.cleaned_data["name"], by=request.actor)
        except Refusal as raised:
            refusal = raised
        else:
            messages.success(request, _("The token is called “%(token)s” now.") % {"token": token.name})
            return redirect("provisioning", request.organization.space_key)
    status = 409 if refusal else 422 if form.errors else 200
    context = {"form": form, "token": token, "refusal": refusal}
    return render(request, "provisioning/settings/token_name.html", context, status=status)


def _objection(token: ScimToken) -> Refusal | None:
    """The refusal of any change of the token: somebody may have revoked it since the list was opened."""
    return None if token.is_live else TokenIsNotLive()


def _token(request: OrganizationRequest, token_id: int) -> ScimToken:
    return get_object_or_404(request.organization.scim_tokens.select_related("issuer__account"), pk=token_id)
