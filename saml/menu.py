"""Additions of SAML to the frame, the sign-in page, Get started and the words of the audit log."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from members.console.checklist import Step
from members.console.navigation import ACCESS, Entry
from members.models import Organization
from members.openings import FIRST_STEPS, SIDEBAR, SIGN_IN_ADDRESS, WORDS
from members.words import Words
from saml.events import SamlEvent
from saml.models import SamlSettings


@SIGN_IN_ADDRESS.register
def its_idp(organization: Organization) -> str | None:
    saml = SamlSettings.objects.filter(organization=organization).first()
    is_open = saml is not None and saml.is_enabled and not organization.is_sandbox
    return reverse("saml-begin", args=[organization.space_key]) if is_open else None


@SIDEBAR.register
def page() -> Entry:
    return Entry(ACCESS, _("SAML authentication"), "shield-lock", "saml", 1)


@FIRST_STEPS.register
def turn_saml_on(organization: Organization) -> Step | None:
    if organization.is_sandbox:
        return None
    saml = SamlSettings.objects.filter(organization=organization).first()
    return Step(
        order=2,
        title=_("Turn on SAML authentication"),
        text=(saml and saml.idp_entity_id) or _("Your people sign in through your IdP, without a password here."),
        is_done=saml is not None and saml.is_enabled,
        url=reverse("saml", args=[organization.space_key]),
        action=_("Set up SAML"),
    )


@WORDS.register
def words() -> Words:
    return Words(
        events=SamlEvent,
        categories={"saml": _("SAML authentication")},
        fields={
            "accepts_unsolicited": _("Sign-in that starts at the IdP"),
            "idp_entity_id": _("IdP Entity ID"),
            "idp_sso_url": _("IdP Endpoint URL"),
            "name_id": "NameID",
            "passed": _("Passed"),
        },
        sign_ins=(SamlEvent.SIGNED_IN,),
        refused_sign_ins=(SamlEvent.REFUSED,),
    )
