"""Manage: the switch itself."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods, require_safe

from members.console.confirmation import Confirmation, confirm
from members.console.pages import OrganizationRequest, administrators_only, recent_sign_in
from members.refusals import Refusal
from provisioning.models import ProvisioningSettings, ScimToken, preconditions
from provisioning.settings.forms import ManageForm
from provisioning.settings.tokens import show_once


@require_safe
@administrators_only
@recent_sign_in
def manage(request: OrganizationRequest) -> HttpResponse:
    settings = ProvisioningSettings.of(request.organization)
    suggested = ScimToken.objects.next_name(request.organization)
    return _page(request, settings, ManageForm(initial={"enable": settings.is_enabled, "name": suggested}))


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@administrators_only
@recent_sign_in
@sensitive_variables("secret")
def save(request: OrganizationRequest) -> HttpResponse:
    if request.method != "POST":  # Somebody has switched the language of the answer.
        return redirect("provisioning", request.organization.space_key)
    settings = ProvisioningSettings.of(request.organization)
    form = ManageForm(request.POST)
    if not form.is_valid():
        return _page(request, settings, form)
    if not form.cleaned_data["enable"]:
        if settings.is_enabled:
            return redirect("provisioning-disable", request.organization.space_key)
        form.add_error("enable", _("Tick this to enable user provisioning. Nothing has been changed."))
        return _page(request, settings, form)
    try:
        secret = settings.enable(issuer=request.member, by=request.actor, **form.first_token)
    except Refusal as refusal:
        return _page(request, settings, form, refusal)
    if secret:
        return show_once(request, secret)
    messages.success(request, _("User provisioning is enabled. The existing token still works."))
    return redirect("provisioning", request.organization.space_key)


def _page(
    request: OrganizationRequest, settings: ProvisioningSettings, form: ManageForm, refusal: Refusal | None = None
) -> HttpResponse:
    context = {
        "settings": settings,
        "form": form,
        "refusal": refusal,
        "missing": [missing for missing, is_met in preconditions(request.organization) if not is_met],
        "has_live_token": ScimToken.objects.live().filter(organization=request.organization).exists(),
    }
    status = 409 if refusal else 422 if form.errors else 200
    return render(request, "provisioning/settings/manage.html", context, status=status)


def disabling(request: OrganizationRequest) -> Confirmation:
    return Confirmation(
        title=_("Disable user provisioning?"),
        verb=_("Disable user provisioning"),
        cancel=_("Keep enabled"),
        lead=_("From now on, every request of the IdP is answered with 403 and the reason."),
        consequences=[
            _("All accounts stay unchanged, with their account types, roles, licences and externalIds."),
            _("People who leave keep their access until you deactivate them here."),
            _("Live tokens stay valid in case you enable it again, and their issuers stay protected."),
        ],
        word=request.organization.slug,
        back=reverse("provisioning", args=[request.organization.space_key]),
        success=_("User provisioning is disabled."),
    )


@require_http_methods(["GET", "HEAD", "POST"])
@administrators_only
@recent_sign_in
def disable(request: OrganizationRequest) -> HttpResponse:
    settings = ProvisioningSettings.of(request.organization)
    return confirm(request, disabling(request), lambda: settings.disable(by=request.actor))
