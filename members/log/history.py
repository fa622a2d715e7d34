"""Audit events as people read them: a title, the changes, the reason of a refusal, a colour."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from django.conf import settings
from django.utils.translation import gettext, override
from django.utils.translation import gettext_lazy as _

from members import fields, words
from members.actors import Kind
from members.models import Account, AuditEvent, Event, Role
from members.models.sign_in import Method, SignIn
from members.models.team_rules.brought import Gives
from members.openings import WORDS
from members.refusals import Refusal
from members.texts import Text
from members.words import Words

# Among an event's changes: [code, figures] of what it was refused for, which are no before and after.
REFUSAL = "refusal"
# Characters of a user agent that are shown: enough to tell one from another.
MAX_BROWSER = 80

FIELDS: dict[str, Text] = {
    **{field.name: field.label for field in fields.FIELDS},
    "active": _("Status"),
    "actor": _("Actor"),
    "bought": _("Licences bought"),
    "can_invite": _("Invite users"),
    "caused_by": _("Caused by"),
    "event": _("Event"),
    "gives": _("Gives"),
    "inviter": _("Invited by"),
    "is_audit_log_admin": _("Audit log admin"),
    "is_plan_admin": _("Plan admin"),
    # Fields of older events, from before licences were recorded alike.
    "licence": _("Licence"),
    "licences": _("Licences"),
    "licences_without_room": _("Licences without room"),
    "locked": _("Locked"),
    "members_added": _("Members added"),
    "members_removed": _("Members removed"),
    "method": _("Method"),
    "past_idp": _("Without the identity provider"),
    "place": _("Place"),
    "proof": _("Proof"),
    "since": _("From"),
    "slug": _("Organization ID"),
    "subject": _("Target"),
    "team": _("Team"),
    "team_rule": _("Team rule"),
    "type": _("Account type"),
    "unique_id_is_chosen": _("Unique ID chosen"),
    "until": _("To"),
}
OPERATORS: dict[Kind, Any] = {
    Kind.PROVISIONING: _("User provisioning"),
    Kind.SAML: _("SAML sign-in"),
    Kind.SUPPORT: _("Nulab Support"),
    Kind.ELSEWHERE: _("Managing organization"),
    Kind.VISITOR: _("Sign-in page"),
    Kind.TEAM_RULE: _("Team rule"),
}
# The same by the names under which they are recorded as the cause of something.
NAMELESS = {
    "User provisioning": OPERATORS[Kind.PROVISIONING],
    "Nulab Support": OPERATORS[Kind.SUPPORT],
    "Managing organization": OPERATORS[Kind.ELSEWHERE],
}
TONES = {
    "created": "green", "enabled": "green", "verified": "green", "reactivated": "green", "issued": "green",
    "restored": "green", "deleted": "red", "removed": "red", "disabled": "red", "revoked": "red", "ended": "red",
    "refused": "red", "sign_in_refused": "red", "deactivated": "yellow", "locked": "yellow",
}  # fmt: skip


@WORDS.register
def own_words() -> Words:
    """The words of the domain's own events."""
    return Words(
        events=Event,
        categories={
            "account": _("Account"),
            "audit_log": _("Audit log"),
            "domain": _("Domain"),
            "invitation": _("Invitation"),
            "licence": _("Licence"),
            "mail": _("Mail"),
            "member": _("Member"),
            "organization": _("Organization"),
            "subscription": _("Subscription"),
            "team": _("Team"),
            "team_rule": _("Team rule"),
        },
        fields=FIELDS,
        values={
            "active": {True: _("Active"), False: _("Inactive")},
            "method": dict(Method.choices),
            "proof": {"dns": _("TXT record"), "operator": _("operator"), "mailed_link": _("link in an email")},
            "role": dict(Role.choices),
            "gives": dict(Gives.choices),
            # Operators that are no persons are recorded by these names.
            "caused_by": NAMELESS,
            "type": dict(Account.Type.choices),
            "language": {"en": _("English"), "ja": _("Japanese")},
        },
        sign_ins=(Event.SIGNED_IN, Event.PASSWORD_RESET_REQUESTED, Event.RECOVERY_CODE_USED),
        refused_sign_ins=(Event.SIGN_IN_REFUSED,),
    )


class Change(NamedTuple):
    label: str
    before: str
    after: str

    def __str__(self) -> str:
        after = self.after or "—"
        return f"{self.label}: {self.before} → {after}" if self.before else f"{self.label}: {after}"


def timeline(events: Iterable[AuditEvent], *, with_subject: bool) -> list[dict[str, Any]]:
    """The events for components/timeline.html; a member's own page leaves the subject out."""
    return [
        {"when": event.at, "title": title_of(event), "text": _sentence(event, with_subject), "tone": tone_of(event)}
        for event in events
    ]


def sign_in_timeline(events: Iterable[AuditEvent | SignIn]) -> list[dict[str, Any]]:
    """The sign-ins for the same component: the way, the refusal, the place; always by the account itself."""
    return [
        {"when": event.at, "title": title_of(event), "text": _circumstances(event), "tone": tone_of(event)}
        for event in events
    ]


def title_of(event: AuditEvent | SignIn) -> str:
    known = words.events().get(event.event)
    return str(known.label) if known else event.event


def category_name(category: str) -> str:
    return str(words.categories().get(category, category))


def tone_of(event: AuditEvent | SignIn) -> str:
    return TONES.get(event.action, "grey")


def operator_of(event: AuditEvent) -> str:
    return str(OPERATORS.get(event.operator_kind, event.operator_name))  # type: ignore[call-overload]


def operators_called(words: str) -> list[Kind]:
    """The kinds of operators, persons aside, whose name contains the words in any language: links are passed on."""
    wanted, kinds = words.casefold(), []
    for kind, name in OPERATORS.items():
        for language, _name in settings.LANGUAGES:
            with override(language):
                if wanted in str(name).casefold() and kind not in kinds:
                    kinds.append(kind)
    return kinds


def changes_of(event: AuditEvent | SignIn) -> list[Change]:
    return in_words(event.changes)


def in_words(changes: dict[str, list[Any]]) -> list[Change]:
    """The changes {"field": [before, after]} in the reader's words."""
    return [
        Change(str(words.fields().get(field, field)), *(_in_words(field, value) for value in change))
        for field, change in changes.items()
        if field != REFUSAL
    ]


def refusal_of(event: AuditEvent | SignIn) -> str:
    """The sentence of the refusal in the reader's language; "" where nothing was refused."""
    if REFUSAL not in event.changes:
        return ""
    code, figures = event.changes[REFUSAL]
    return str(Refusal.recall(code, figures) or code)


def _sentence(event: AuditEvent, with_subject: bool) -> str:
    by = gettext("by %(operator)s") % {"operator": operator_of(event)}
    about = event.subject if with_subject else ""
    return " · ".join(filter(None, [by, about, *map(str, changes_of(event)), refusal_of(event)]))


def _circumstances(event: AuditEvent | SignIn) -> str:
    browser = event.user_agent if len(event.user_agent) <= MAX_BROWSER else f"{event.user_agent[:MAX_BROWSER]}…"
    return " · ".join(filter(None, [*map(str, changes_of(event)), refusal_of(event), event.ip_address, browser]))


def _in_words(field: str, value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(str(part) for part in value)
    if isinstance(value, bool) and field not in words.values():
        return gettext("Yes") if value else gettext("No")
    known = words.values().get(field, {})
    return str(known[value]) if value in known else "" if value is None else str(value)
