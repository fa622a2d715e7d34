"""The one place that says which changes may take away what was in a rule's way."""

from members.models.audit import Event
from members.models.change import Change
from members.models.member.roles import Role
from members.models.team_rules.brought import GIVEN
from members.models.team_rules.unmet import What

# Changes by which a licence may become free, if they say of which product.
FREEING = {Event.LICENCE_WITHDRAWN, Event.ACCOUNT_DEACTIVATED, Event.ACCOUNT_DELETED, Event.MEMBER_REMOVED}
# Changes by which there may be one administrator more, so that another may stop being one.
ENTERING = {Event.ROLE_CHANGED, Event.ACCOUNT_CREATED, Event.MEMBER_ADDED, Event.ACCOUNT_REACTIVATED}
# Changes of an account: whose it is, and whether its owner gets in without the identity provider.
LIFTING = {Event.ACCOUNT_TYPE_CHANGED, Event.PASSWORD_SET}


def wakes(change: Change) -> set[What]:
    """The kinds of unmet rules that may be tried again after this change."""
    return _licences(change) | ({What.ROLE} if _may_lift_a_guard(change) else set())


def _licences(change: Change) -> set[What]:
    if change.event == Event.SUBSCRIPTION_CHANGED:
        return {What(product.value) for product in GIVEN if product.label == change.subject}
    if change.event not in FREEING:
        return set()
    freed = change.fields.get("licences", [[], []])[0]
    return {What(product.value) for product in GIVEN if product.label in freed}


def _may_lift_a_guard(change: Change) -> bool:
    """Guards of the apps above hang on what those change: a token's issuer, SAML."""
    if change.event in ENTERING:
        return bool(change.member and change.member.role == Role.ADMIN)
    return change.event in LIFTING or change.event not in Event
