"""The SAML Authentication page. Signing in through the IdP is another door: saml/views/sso.py."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from members.confirmation import Confirmation, confirm
from members.guards import Occasion, ask
from members.pages import OrganizationRequest, administrators_only, recent_sign_in
from members.refusals import Refusal
from members.single_sign_on import leads_elsewhere
from saml import metadata
from saml.forms import CertificateForm, MetadataForm, SettingsForm
from saml.models import SamlSettings
from saml.refusals import InvalidEndpoint, InvalidEntityId
from saml.state import badge

EMERGENCY_SHOWN = 10


@leads_elsewhere
@require_safe
@administrators_only
def overview(request: OrganizationRequest) -> HttpResponse:
    return _page(request, SamlSettings.of(request.organization))


@leads_elsewhere
@require_POST
@administrators_only
@recent_sign_in
def change(request: OrganizationRequest) -> HttpResponse:
    form = SettingsForm(request.POST)
    saml = SamlSettings.of(request.organization)
    if not form.is_valid():
        return _page(request, saml, form=form)
    try:
        saml.propose(**form.cleaned_data, by=request.actor)
    except InvalidEntityId as refusal:
        form.add_error("entity_id", str(refusal))
    except InvalidEndpoint as refusal:
        form.add_error("sso_url", str(refusal))
    if form.errors:
        return _page(request, saml, form=form)
    draft = _("Saved as a draft: it takes effect once Test sign-in has passed with it.")
    messages.success(request, draft if saml.has_draft else _("Saved."))
    return redirect("saml", request.organization.space_key)


@leads_elsewhere
@require_POST
@administrators_only
@recent_sign_in
def import_metadata(request: OrganizationRequest) -> HttpResponse:
    form = MetadataForm(request.POST, request.FILES)
    saml = SamlSettings.of(request.organization)
    added = 0
    if form.is_valid():
        try:
            found = metadata.read(form.cleaned_data["metadata"].read(metadata.LARGEST + 1))
            added = saml.import_metadata(found, by=request.actor)
        except Refusal as refusal:
            form.add_error("metadata", str(refusal))
    if form.errors:
        return _page(request, saml, metadata_form=form)
    read = ngettext(
        "The metadata is read: %(count)s certificate is new.",
        "The metadata is read: %(count)s certificates are new.",
        added,
    )
    messages.success(request, read % {"count": added})
    return redirect("saml", request.organization.space_key)


@require_POST
@administrators_only
@recent_sign_in
def unsolicited(request: OrganizationRequest) -> HttpResponse:
    saml = SamlSettings.of(request.organization)
    saml.change_unsolicited("accepted" in request.POST, by=request.actor)
    messages.success(request, _("Saved."))
    return redirect("saml", request.organization.space_key)


@leads_elsewhere
@require_POST
@administrators_only
@recent_sign_in
def add_certificate(request: OrganizationRequest) -> HttpResponse:
    form = CertificateForm(request.POST)
    saml = SamlSettings.of(request.organization)
    if form.is_valid():
        try:
            saml.add_certificate(form.cleaned_data["certificate"], by=request.actor)
        except Refusal as refusal:
            form.add_error("certificate", str(refusal))
    if form.errors:
        return _page(request, saml, certificate_form=form)
    messages.success(request, _("The certificate is trusted from now on."))
    return redirect("saml", request.organization.space_key)


@require_http_methods(["GET", "HEAD", "POST"])
@administrators_only
@recent_sign_in
def remove_certificate(request: OrganizationRequest, certificate_id: int) -> HttpResponse:
    saml = SamlSettings.of(request.organization)
    certificate = get_object_or_404(saml.certificates, pk=certificate_id)
    question = Confirmation(
        title=_("Remove this certificate?"),
        verb=_("Remove certificate"),
        lead=certificate.subject,
        consequences=[_("Sign-ins that the IdP signs with its key are refused from now on.")],
        back=reverse("saml", args=[request.organization.space_key]),
        success=_("The certificate is removed."),
    )
    return confirm(request, question, lambda: saml.remove_certificate(certificate, by=request.actor))


@leads_elsewhere
@require_POST
@administrators_only
@recent_sign_in
def enable(request: OrganizationRequest) -> HttpResponse:
    saml = SamlSettings.of(request.organization)
    try:
        saml.enable(by=request.actor)
    except Refusal as refusal:
        return _page(request, saml, refusal=refusal)
    messages.success(request, _("SAML authentication is on."))
    return redirect("saml", request.organization.space_key)


@require_http_methods(["GET", "HEAD", "POST"])
@administrators_only
@recent_sign_in
def disable(request: OrganizationRequest) -> HttpResponse:
    question = Confirmation(
        title=_("Turn off SAML authentication?"),
        verb=_("Turn off SAML authentication"),
        cancel=_("Keep it on"),
        consequences=[
            _("Managed Accounts have no password: nobody with one can sign in until SAML is on again."),
            _("Settings and certificates are kept."),
        ],
        word=request.organization.slug,
        back=reverse("saml", args=[request.organization.space_key]),
        success=_("SAML authentication is off."),
    )
    saml = SamlSettings.of(request.organization)
    return confirm(request, question, lambda: saml.disable(by=request.actor))


def _page(
    request: OrganizationRequest,
    saml: SamlSettings,
    *,
    form: SettingsForm | None = None,
    metadata_form: MetadataForm | None = None,
    certificate_form: CertificateForm | None = None,
    refusal: Refusal | None = None,
) -> HttpResponse:
    certificates = list(saml.certificates.all())
    context: dict[str, Any] = {
        "saml": saml,
        "badge": badge(saml, certificates),
        "form": form or SettingsForm(initial=_values(saml)),
        "metadata_form": metadata_form or MetadataForm(),
        "certificates": certificates,
        "certificate_form": certificate_form or CertificateForm(),
        "emergency": request.organization.members.emergency()
        .select_related("account")
        .order_by("pk")[:EMERGENCY_SHOWN],
        "signin_url": settings.BASE_URL + reverse("saml-begin", args=[request.organization.space_key]),
        "why_not_testable": saml.why_not_testable(),
        "why_not_enabled": None if saml.is_enabled else saml.why_not_enabled(),
        "why_not_disabled": _why_not_disabled(saml, request),
        "refusal": refusal,
    }
    status = 409 if refusal else 422 if form or metadata_form or certificate_form else 200
    return render(request, "saml/overview.html", context, status=status)


def _values(saml: SamlSettings) -> dict[str, str]:
    entity_id, sso_url = saml.proposed
    return {"entity_id": entity_id, "sso_url": sso_url}


def _why_not_disabled(saml: SamlSettings, request: OrganizationRequest) -> Refusal | None:
    """What the guards would say, so that the page can say it before anybody tries."""
    if not saml.is_enabled:
        return None
    try:
        ask(Occasion.DISABLES_SAML, request.organization, request.actor)
    except Refusal as refusal:
        return refusal
    return None
