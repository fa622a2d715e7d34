"""The one place that says which changes may take away what was in a rule's way."""

from members.models.audit import Event
from members.models.change import Change
from members.models.licence import Product
from members.models.team_rules.brought import GIVEN
from members.models.team_rules.unmet import What

# Changes by which a licence may become free, if they say of which product.
FREEING = {
    Event.LICENCE_WITHDRAWN, Event.ACCOUNT_DEACTIVATED, Event.ACCOUNT_DELETED, Event.MEMBER_REMOVED,
}  # fmt: skip
# Categories of changes of which none lifts the guard of an administrator or makes an account one's own.
INDIFFERENT = {
    "audit_log",
    "domain",
    "invitation",
    "licence",
    "mail",
    "organization",
    "subscription",
    "team",
    "team_rule",
}
# The same of the categories in which others do.
INDIFFERENT_EVENTS = {
    Event.ACCOUNT_CHANGED, Event.SIGNED_IN, Event.SIGN_IN_REFUSED, Event.PASSWORD_RESET_REQUESTED,
    Event.RECOVERY_CODE_USED, Event.RECOVERY_CODES_RENEWED, Event.MEMBERS_EXPORTED,
}  # fmt: skip


def wakes(change: Change) -> list[What]:
    """What may be tried again after this change."""
    return [*_licences(change), *([What.ROLE] if _may_lift_a_guard(change) else [])]


def _licences(change: Change) -> list[What]:
    if change.event == Event.SUBSCRIPTION_CHANGED:
        return [What(product.value) for product in GIVEN if product.label == change.subject]
    if change.event not in FREEING:
        return []
    freed = change.fields.get("licences", [[], []])[0]
    return [What(product.value) for product in Product if product in GIVEN and product.label in freed]


def _may_lift_a_guard(change: Change) -> bool:
    category = change.event.value.partition(".")[0]
    return category not in INDIFFERENT and change.event not in INDIFFERENT_EVENTS
