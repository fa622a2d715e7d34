"""Test sign-in: to the IdP and back, with the settings as they are being made, signing nobody in."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_POST, require_safe

from members.console.pages import OrganizationRequest, administrators_only, recent_sign_in
from members.models import Member
from members.refusals import Refusal
from saml.models import SamlSettings, SignInRequest
from saml.refusals import SignInRefused
from saml.sso import accepting
from saml.sso.views import send


@require_POST
@administrators_only
@recent_sign_in
def start(request: OrganizationRequest) -> HttpResponse:
    saml = SamlSettings.of(request.organization)
    if reason := saml.why_not_testable():
        raise reason
    entity_id, sso_url = saml.proposed
    return send(
        request,
        saml,
        purpose=SignInRequest.Purpose.TEST,
        tester=request.member.account,
        idp_entity_id=entity_id,
        idp_sso_url=sso_url,
    )


@require_safe
@administrators_only
def result(request: OrganizationRequest, request_id: str) -> HttpResponse:
    tests = SignInRequest.objects.filter(
        organization=request.organization, purpose=SignInRequest.Purpose.TEST, answered_at__isnull=False
    )
    outcome = get_object_or_404(tests, pk=request_id).outcome
    saml = SamlSettings.of(request.organization)
    context = {
        "saml": saml,
        "passed": outcome["passed"],
        "name_id": outcome.get("name_id", ""),
        "reason": Refusal.recall(*outcome["refusal"]) if "refusal" in outcome else None,
        "why_not_enabled": None if saml.is_enabled else saml.why_not_enabled(),
    }
    if outcome["passed"]:
        context["match"], context["why_no_match"] = _match(saml, outcome["name_id"])
        context["has_managed_accounts"] = request.organization.members.managed_here().exists()
    return render(request, "saml/pages/test_result.html", context)


def _match(saml: SamlSettings, name_id: str) -> tuple[Member | None, SignInRefused | None]:
    """The member whom the response would have signed in, or the refusal."""
    try:
        return accepting.member_with(saml, name_id), None
    except SignInRefused as reason:
        return None, reason
