"""Checks that this site cannot make now."""

from django.utils.translation import gettext_lazy as _

from saml.refusals import SignInRefused


class SiteIsBusy(SignInRefused):
    code = "saml_busy"
    sentence = _("Too many sign-ins were being checked at the same time. Nothing is wrong with this one.")
    advice = _("Wait a few seconds, then start again from the sign-in page.")
    status, wait = 503, 5


class SiteCannotCheck(SignInRefused):
    code = "saml_cannot_check"
    sentence = _(
        "The program that checks signatures on this site could not be run. Nothing is wrong with this sign-in. Contact "
        "support."
    )
    advice = _("This site cannot check sign-ins at the moment. Try again in a minute, or contact support.")
    mended_at = ""
    status, wait = 503, 60
