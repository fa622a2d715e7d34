"""Refusals of changes that owners make to their accounts."""

from django.utils.translation import gettext_lazy as _

from members.refusals import Refusal


class HasNoPassword(Refusal):
    code = "has_no_password"
    sentence = _(
        "This account has no password: its organization signs you in through its identity provider, "
        "or it has been deactivated."
    )


class PasswordChanged(Refusal):
    code = "password_changed"
    sentence = _("The password was changed somewhere else a moment ago. Sign in with that one, or ask for a new link.")


class TooManyResets(Refusal):
    code = "too_many_resets"
    sentence = _("Too many emails were requested: use the link in the last one, or try again in an hour.")


class KeptByOrganization(Refusal):
    code = "kept_by_organization"
    sentence = _(
        "An organization manages this account: only its administrators or its identity provider can change its name "
        "and address, delete it, or remove it from the organization."
    )
