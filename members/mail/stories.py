"""The names of the kinds of mails, for support staff. A kind is called as its template, templates/mail/STORY.txt."""

from typing import Any

from django.utils.translation import gettext_lazy as _

STORIES: dict[str, Any] = {
    "account_became_managed": _("Account managed by the organization"),
    "account_became_nulab": _("Account managed by its owner"),
    "account_created": _("Account created"),
    "address_changed": _("E-mail address changed"),
    "certificate_expires": _("SAML certificate expires"),
    "confirm_address": _("Link to confirm an address"),
    "departure_refused": _("Deactivation or deletion refused"),
    "endpoint_paused": _("Endpoint paused"),
    "forgotten_password": _("Link for a new password"),
    "health": _("State of user provisioning"),
    "invitation": _("Invitation"),
    "licences": _("Licences run out"),
    "notice": _("Change to know of"),
    "notices": _("Changes to know of"),
    "personal_token_expires": _("Personal access token expires"),
    "security_notice": _("Change of password or second factor"),
    "signed_in_past_idp": _("Sign-in without the identity provider"),
    "token_expires": _("SCIM token expires"),
}
