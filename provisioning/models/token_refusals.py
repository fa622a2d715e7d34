"""Tokens that cannot be issued or changed."""

from django.utils.translation import gettext_lazy as _

from members.refusals import InvalidValue, Refusal


class TwoTokensAlready(Refusal):
    code = "two_tokens_already"
    sentence = _("There are already two live tokens, which is the limit. Revoke one first.")
    mended_at = "provisioning"


class TokenNameTaken(InvalidValue):
    code = "token_name_taken"
    sentence = _(
        "There is already a live token called “%(name)s”. Choose another name, so that you can tell the two apart."
    )


class SupportIssuesNoTokens(Refusal):
    code = "support_issues_no_tokens"
    sentence = _(
        "Support staff can revoke tokens but not issue them. Ask an administrator of the organization to issue one."
    )


class IssuerMustBeAdministrator(InvalidValue):
    code = "issuer_must_be_administrator"
    sentence = _("Only an active administrator of this organization can be the issuer of a token.")


class TokenIsNotLive(Refusal):
    code = "token_is_not_live"
    sentence = _("This token has already been revoked or has expired.")
