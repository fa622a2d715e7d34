"""Adding and removing the keys that are trusted."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from members.console.confirmation import Confirmation, confirm
from members.console.pages import OrganizationRequest, administrators_only, recent_sign_in
from members.refusals import Refusal
from members.single_sign_on import leads_elsewhere
from saml.models import SamlSettings
from saml.models.settings_refusals import OtherIdpMeanwhile
from saml.pages import words
from saml.pages.forms import CertificateForm
from saml.pages.overview import page
from saml.pages.state import groups


@leads_elsewhere
@require_POST
@sensitive_post_parameters("certificate")
@administrators_only
@recent_sign_in
def add(request: OrganizationRequest) -> HttpResponse:
    form = CertificateForm(request.POST)
    saml = SamlSettings.of(request.organization)
    if form.is_valid():
        try:
            added = saml.add_certificate(
                form.cleaned_data["certificate"], idp=form.cleaned_data["idp"], by=request.actor
            )
        except OtherIdpMeanwhile as refusal:
            form.add_error("idp", str(refusal))
        except Refusal as refusal:
            form.add_error("certificate", str(refusal))
    if form.errors:
        return page(request, saml, certificate_form=form)
    messages.success(request, words.added(added))
    return redirect("saml", request.organization.space_key)


@require_http_methods(["GET", "HEAD", "POST"])
@administrators_only
@recent_sign_in
def remove(request: OrganizationRequest, certificate_id: int) -> HttpResponse:
    saml = SamlSettings.of(request.organization)
    certificate = get_object_or_404(saml.certificates, pk=certificate_id)
    question = Confirmation(
        title=_("Remove this certificate?"),
        verb=_("Remove certificate"),
        lead=certificate.subject,
        consequences=words.of_removing(certificate, groups(saml)),
        back=reverse("saml", args=[request.organization.space_key]),
        success=_("The certificate is removed."),
        objection=lambda: saml.why_not_removable(certificate),
    )
    return confirm(request, question, lambda: saml.remove_certificate(certificate, by=request.actor))
