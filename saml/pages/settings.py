"""The forms of the SAML Authentication page. Signing in through the IdP is another door: saml/sso/views.py."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from members.console.confirmation import Confirmation, confirm
from members.console.pages import OrganizationRequest, administrators_only, recent_sign_in
from members.refusals import InvalidValue, Refusal
from members.single_sign_on import leads_elsewhere
from saml.addresses_refusals import EntityIdHasOddCharacter, InvalidEntityId
from saml.idp_documents import metadata
from saml.models import SamlSettings
from saml.pages import words
from saml.pages.forms import MetadataForm, SettingsForm
from saml.pages.overview import page


@leads_elsewhere
@require_POST
@administrators_only
@recent_sign_in
def change(request: OrganizationRequest) -> HttpResponse:
    form = SettingsForm(request.POST)
    saml = SamlSettings.of(request.organization)
    if not form.is_valid():
        return page(request, saml, form=form)
    try:
        ended = saml.propose(**form.cleaned_data, by=request.actor)
    except (InvalidEntityId, EntityIdHasOddCharacter) as refusal:
        form.add_error("entity_id", str(refusal))
    except InvalidValue as refusal:
        form.add_error("sso_url", str(refusal))
    if form.errors:
        return page(request, saml, form=form)
    draft = _("Saved as a draft: it takes effect once Test sign-in has passed with it.")
    messages.success(request, " ".join([str(draft if saml.has_draft else _("Saved.")), *words.ended(ended)]))
    return redirect("saml", request.organization.space_key)


@leads_elsewhere
@require_POST
@administrators_only
@recent_sign_in
def import_metadata(request: OrganizationRequest) -> HttpResponse:
    form = MetadataForm(request.POST, request.FILES)
    saml = SamlSettings.of(request.organization)
    if form.is_valid():
        try:
            found = metadata.read(form.cleaned_data["metadata"].read(metadata.MAX_BYTES + 1))
            imported = saml.import_metadata(found, by=request.actor)
        except Refusal as refusal:
            form.add_error("metadata", str(refusal))
    if form.errors:
        return page(request, saml, metadata_form=form)
    messages.success(request, words.imported(imported))
    for warning in words.doubts(found):
        messages.warning(request, warning)
    return redirect("saml", request.organization.space_key)


@require_POST
@administrators_only
@recent_sign_in
def unsolicited(request: OrganizationRequest) -> HttpResponse:
    saml = SamlSettings.of(request.organization)
    saml.change_unsolicited("accepted" in request.POST, by=request.actor)
    messages.success(request, _("Saved."))
    return redirect("saml", request.organization.space_key)


@require_http_methods(["GET", "HEAD", "POST"])
@administrators_only
@recent_sign_in
def discard(request: OrganizationRequest) -> HttpResponse:
    saml = SamlSettings.of(request.organization)
    if not saml.has_draft:
        return redirect("saml", request.organization.space_key)
    question = Confirmation(
        title=_("Discard the draft?"),
        verb=_("Discard the draft"),
        cancel=_("Keep the draft"),
        lead=saml.draft_entity_id,
        consequences=words.of_discarding(saml),
        back=reverse("saml", args=[request.organization.space_key]),
        success=_("The draft is discarded."),
    )
    return confirm(request, question, lambda: saml.discard_draft(by=request.actor))


@leads_elsewhere
@require_POST
@administrators_only
@recent_sign_in
def enable(request: OrganizationRequest) -> HttpResponse:
    saml = SamlSettings.of(request.organization)
    try:
        saml.enable(by=request.actor)
    except Refusal as refusal:
        return page(request, saml, refusal=refusal)
    messages.success(request, _("SAML authentication is on."))
    return redirect("saml", request.organization.space_key)


@require_http_methods(["GET", "HEAD", "POST"])
@administrators_only
@recent_sign_in
def disable(request: OrganizationRequest) -> HttpResponse:
    saml = SamlSettings.of(request.organization)
    question = Confirmation(
        title=_("Turn off SAML authentication?"),
        verb=_("Turn off SAML authentication"),
        cancel=_("Keep it on"),
        consequences=[
            _("People with a Managed Account have no password: they cannot sign in until SAML is on again."),
            _("Settings and certificates are kept."),
        ],
        word=request.organization.slug,
        back=reverse("saml", args=[request.organization.space_key]),
        success=_("SAML authentication is off."),
        objection=lambda: saml.why_not_disabled(request.actor),
    )
    return confirm(request, question, lambda: saml.disable(by=request.actor))
