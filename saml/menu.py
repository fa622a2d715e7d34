"""What SAML adds to the frame, to the sign-in page and to Get started."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from members.getting_started import Step, step
from members.models import Organization
from members.navigation import ACCESS, Entry, add_entry
from members.single_sign_on import sign_in_source
from saml.models import SamlSettings


@sign_in_source
def its_idp(organization: Organization) -> str | None:
    saml = SamlSettings.objects.filter(organization=organization).first()
    is_open = saml is not None and saml.is_enabled and not organization.is_sandbox
    return reverse("saml-begin", args=[organization.space_key]) if is_open else None


add_entry(Entry(ACCESS, _("SAML authentication"), "shield-lock", "saml", 1))


@step(2)
def turn_saml_on(organization: Organization) -> Step | None:
    if organization.is_sandbox:
        return None
    saml = SamlSettings.objects.filter(organization=organization).first()
    return Step(
        title=_("Turn on SAML authentication"),
        text=(saml and saml.idp_entity_id) or _("Your people sign in through your IdP, without a password here."),
        is_done=saml is not None and saml.is_enabled,
        url=reverse("saml", args=[organization.space_key]),
        action=_("Set up SAML"),
    )
