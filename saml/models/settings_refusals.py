"""Refusals of the SAML settings."""

from django.utils.translation import gettext_lazy as _

from members.refusals import InvalidValue, Protected, Refusal, Taken
from saml.refusals import AGAIN, SignInRefused

# -- turning SAML authentication on, and what it protects then


class NoEmergencyAdministrator(Refusal):
    code = "no_emergency_administrator"
    sentence = _(
        "SAML authentication needs an emergency account: an active administrator with a Nulab Account and a password. "
        "Invite one first."
    )
    mended_at = "members"


class LastEmergencyAdministrator(Protected):
    code = "last_emergency_administrator"
    sentence = _(
        "%(member)s is the last administrator with a Nulab Account, who can sign in when the identity provider cannot "
        "be reached. Make another Nulab Account an administrator first, or turn SAML authentication off."
    )
    mended_at = "members"


class SamlNotTested(Refusal):
    code = "saml_not_tested"
    sentence = _("Test sign-in has not passed with these settings yet. Run Test sign-in first.")
    mended_at = "saml"


class SamlIncomplete(Refusal):
    code = "saml_incomplete"
    sentence = _("Enter the IdP Entity ID, the IdP Endpoint URL and a certificate first.")
    mended_at = "saml"


# -- the trusted certificates (settings_certificates.py)


class OtherIdpMeanwhile(InvalidValue):
    code = "other_idp_meanwhile"
    sentence = _(
        "The settings have changed in the meantime: “%(idp)s” is no longer the IdP in force or the draft. Nothing was "
        "added. Choose the IdP again."
    )


class TooManyCertificates(Refusal):
    code = "too_many_certificates"
    sentence = _("%(most)s certificates of this IdP are already trusted. Remove those that it no longer uses.")
    mended_at = "saml"


class CertificateAdded(Taken):
    code = "certificate_added"
    sentence = _("This certificate is already trusted.")


class LastCertificate(Refusal):
    code = "last_certificate"
    sentence = _(
        "SAML authentication is on and needs a certificate of the IdP in force. Add the new one before you remove the "
        "last one."
    )


# -- signing in with them


class SamlIsOff(SignInRefused):
    code = "saml_is_off"
    sentence = _("SAML authentication is not turned on for this organization.")
    advice = _("Ask your administrator to turn SAML authentication on.")


class SiteHasNoKey(SignInRefused):
    code = "saml_site_has_no_key"
    sentence = _("This site has no SAML key pair yet, so requests to the IdP cannot be signed. Contact support.")
    advice = _("Signing in through an identity provider (IdP) is not set up on this site. Contact support.")
    mended_at = ""


class SandboxSignsNobodyIn(SignInRefused):
    code = "saml_sandbox"
    sentence = _("This organization is a sandbox: its people are invented and cannot sign in.")
    advice = _("Only the sandbox's administrators can sign in, with their own e-mail address and password.")


class TestIsOutdated(SignInRefused):
    code = "saml_test_outdated"
    sentence = _("The settings were changed while the test was running. Run Test sign-in again.")
    advice = AGAIN
