"""A network that has to wait."""

from django.utils.translation import gettext_lazy as _

from saml.refusals import SignInRefused


class TooManyRefused(SignInRefused):
    code = "saml_too_many_refused"
    sentence = _(
        "More than %(most)s sign-ins from the same network were refused within a minute, so this one was not checked."
    )
    advice = _(
        "Start again from your organization's sign-in link or from the sign-in page, not from the IdP. If that does "
        "not help, wait a minute."
    )
    status, wait = 429, 60
