"""The SAML Authentication page, also with a refusal on it."""

from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from members.console.pages import OrganizationRequest, administrators_only
from members.refusals import Refusal
from members.single_sign_on import leads_elsewhere
from saml.models import SamlSettings
from saml.pages.forms import CertificateForm, MetadataForm, SettingsForm
from saml.pages.state import badge, groups

EMERGENCY_SHOWN = 10


@leads_elsewhere
@require_safe
@administrators_only
def overview(request: OrganizationRequest) -> HttpResponse:
    return page(request, SamlSettings.of(request.organization))


def page(
    request: OrganizationRequest,
    saml: SamlSettings,
    *,
    form: SettingsForm | None = None,
    metadata_form: MetadataForm | None = None,
    certificate_form: CertificateForm | None = None,
    refusal: Refusal | None = None,
) -> HttpResponse:
    whose, asked = groups(saml), certificate_form or CertificateForm()
    asked.ask_whose(whose)
    context: dict[str, Any] = {
        "saml": saml,
        "badge": badge(saml, whose[0].certificates),
        "form": form or SettingsForm(initial=_values(saml)),
        "metadata_form": metadata_form or MetadataForm(),
        "groups": whose,
        "certificate_form": asked,
        "emergency": request.organization.members.emergency()
        .select_related("account")
        .order_by("pk")[:EMERGENCY_SHOWN],
        "signin_url": settings.BASE_URL + reverse("saml-begin", args=[request.organization.space_key]),
        "why_not_testable": saml.why_not_testable(),
        "why_not_enabled": None if saml.is_enabled else saml.why_not_enabled(),
        "why_not_disabled": saml.why_not_disabled(request.actor),
        "refusal": refusal,
    }
    status = 409 if refusal else 422 if form or metadata_form or certificate_form else 200
    return render(request, "saml/pages/overview.html", context, status=status)


def _values(saml: SamlSettings) -> dict[str, str]:
    entity_id, sso_url = saml.proposed
    return {"entity_id": entity_id, "sso_url": sso_url}
