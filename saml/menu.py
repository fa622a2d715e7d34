"""What SAML adds to the frame and to Get started."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from members.getting_started import Step, step
from members.models import Organization
from members.navigation import ACCESS, Entry, add_entry
from saml.models import SamlSettings

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
