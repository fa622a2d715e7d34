"""Answers to a request that cannot be answered, or not by this browser."""

from django.utils.translation import gettext_lazy as _

from saml.refusals import AGAIN, SignInRefused


class ForeignRequest(SignInRefused):
    code = "saml_foreign_request"
    sentence = _("It answers a request that this site has not sent for this organization.")
    advice = AGAIN


class RequestAnswered(SignInRefused):
    code = "saml_request_answered"
    sentence = _("It answers a request that has already been answered.")
    advice = AGAIN


class RequestExpired(SignInRefused):
    code = "saml_request_expired"
    sentence = _("It answers a request that is more than an hour old.")
    advice = AGAIN


class OtherBrowser(SignInRefused):
    code = "saml_other_browser"
    sentence = _("It answers a request that was sent from another browser, or the browser blocks cookies.")
    advice = AGAIN
