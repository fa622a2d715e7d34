"""Keys and personal access tokens that cannot be made or ended."""

from django.utils.translation import gettext_lazy as _

from members.refusals import InvalidValue, Refusal


class TwoKeysAlready(Refusal):
    code = "two_keys_already"
    sentence = _("%(app)s already has two live keys, which is the limit. Revoke one first.")


class KeyIsNotLive(Refusal):
    code = "key_is_not_live"
    sentence = _("This key has already been revoked.")


class OwnerMustBeAdministrator(Refusal):
    code = "owner_must_be_administrator"
    sentence = _("Only active administrators of the organization can have personal access tokens for it.")


class TooManyPersonalTokens(Refusal):
    code = "too_many_personal_tokens"
    sentence = _("You already have %(most)s live tokens for this organization, which is the limit. Revoke one first.")


class PersonalTokenNameTaken(InvalidValue):
    code = "personal_token_name_taken"
    sentence = _(
        "You already have a live token called “%(name)s”. Choose another name, so that you can tell them apart."
    )


class PersonalTokenIsNotLive(Refusal):
    code = "personal_token_is_not_live"
    sentence = _("This personal access token has already ended.")
