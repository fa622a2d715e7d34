"""The audit trail: one row per change, written by the verb in the change's own transaction."""

import datetime
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from django.contrib.postgres.indexes import HashIndex
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from members import values
from members.actors import Actor
from members.copying import insert_all
from members.models.change import Change
from members.models.work import current, pending
from members.openings import BEFORE_CHANGE
from members.pruning import delete_of_each
from members.statements import new
from members.words import events
from operations import context

if TYPE_CHECKING:
    from members.models.member.row import MemberRow
    from members.models.organization import Organization
    from members.models.team import Team


# 13 months.
KEPT_FOR = datetime.timedelta(days=396)
# Rows that wait with the other writes of a transaction, as one statement; more are copied.
FEW = 20


class Event(models.TextChoices):
    """The domain's events: category.action and its label. Apps above have events of their own."""

    ORGANIZATION_CREATED = "organization.created", _("Organization created")
    ORGANIZATION_RENAMED = "organization.renamed", _("Organization renamed")
    DOMAIN_ADDED = "domain.added", _("Domain added")
    DOMAIN_VERIFIED = "domain.verified", _("Domain verified")
    DOMAIN_REMOVED = "domain.removed", _("Domain removed")
    SUBSCRIPTION_CHANGED = "subscription.changed", _("Subscription changed")
    SUBSCRIPTION_ENDED = "subscription.ended", _("Subscription ended")
    ACCOUNT_CREATED = "account.created", _("Account created")
    ACCOUNT_CHANGED = "account.changed", _("Account changed")
    ACCOUNT_DEACTIVATED = "account.deactivated", _("Account deactivated")
    ACCOUNT_REACTIVATED = "account.reactivated", _("Account reactivated")
    ACCOUNT_LOCKED = "account.locked", _("Account locked")
    ACCOUNT_LOCK_CONFIRMED = "account.lock_confirmed", _("Locked account deactivated by the IdP, too")
    ACCOUNT_LOCK_LIFTED = "account.lock_lifted", _("Lock lifted")
    ACCOUNT_DELETED = "account.deleted", _("Account deleted")
    ACCOUNT_RESTORED = "account.restored", _("Account restored")
    ACCOUNT_MATCHED = "account.matched", _("Account matched by the IdP")
    ACCOUNT_UPDATED = "account.updated", _("Account brought up to date")
    ACCOUNT_TYPE_CHANGED = "account.type_changed", _("Account type changed")
    SIGNED_IN = "account.signed_in", _("Signed in")
    SIGN_IN_REFUSED = "account.sign_in_refused", _("Sign-in refused")
    PASSWORD_RESET_REQUESTED = "account.password_reset_requested", _("Link for a new password requested")
    PASSWORD_SET = "account.password_set", _("Password set")
    SECOND_FACTOR_SET_UP = "account.second_factor_set_up", _("Second factor set up")
    SECOND_FACTOR_REMOVED = "account.second_factor_removed", _("Second factor removed")
    SECOND_FACTOR_LOCKED = "account.second_factor_locked", _("Too many wrong codes for the second factor")
    RECOVERY_CODES_RENEWED = "account.recovery_codes_renewed", _("Recovery codes renewed")
    RECOVERY_CODE_USED = "account.recovery_code_used", _("Recovery code used")
    MEMBER_ADDED = "member.added", _("Member added")
    MEMBERS_EXPORTED = "member.exported", _("Members exported")
    MEMBER_REMOVED = "member.removed", _("Member removed")
    ROLE_CHANGED = "member.role_changed", _("Role changed")
    PRIVILEGES_CHANGED = "member.privileges_changed", _("Privileges changed")
    INVITATION_SENT = "invitation.sent", _("Invitation sent")
    INVITATION_RESENT = "invitation.resent", _("Invitation sent again")
    INVITATION_WITHDRAWN = "invitation.withdrawn", _("Invitation withdrawn")
    INVITATION_ACCEPTED = "invitation.accepted", _("Invitation accepted")
    LICENCE_ASSIGNED = "licence.assigned", _("Licence assigned")
    LICENCE_WITHDRAWN = "licence.withdrawn", _("Licence withdrawn")
    LICENCES_EXPORTED = "licence.exported", _("Licences exported")
    TEAM_CREATED = "team.created", _("Team created")
    TEAM_RENAMED = "team.renamed", _("Team renamed")
    TEAM_CHANGED = "team.changed", _("Team changed")
    TEAM_KEPT_BY_IDP = "team.kept_by_idp", _("Team kept by the IdP")
    TEAM_DELETED = "team.deleted", _("Team deleted")
    TEAM_MEMBER_ADDED = "team.member_added", _("Team member added")
    TEAM_MEMBER_REMOVED = "team.member_removed", _("Team member removed")
    TEAM_RULE_CREATED = "team_rule.created", _("Team rule created")
    TEAM_RULE_MOVED = "team_rule.moved", _("Team rule moved")
    TEAM_RULE_DELETED = "team_rule.deleted", _("Team rule deleted")
    MAIL_SENT_AGAIN = "mail.sent_again", _("Mail sent again")
    AUDIT_LOG_EXPORTED = "audit_log.exported", _("Audit log exported")


def event_choices() -> list[tuple[str, Any]]:
    """The choices, a callable, so that a new event needs no migration."""
    return [(value, event.label) for value, event in events().items()]


class AuditEvent(models.Model):
    """A change: what was done, by whom, to whom, with before and after.

    Rows keep names and ids as they were: no foreign key to a person, so that the
    trail outlives the account and its deletion costs nothing here.
    """

    organization = models.ForeignKey("members.Organization", models.PROTECT, db_index=False, related_name="audit")
    at = models.DateTimeField(default=timezone.now)
    event = models.CharField(max_length=40, choices=event_choices)
    operator_kind = models.CharField(max_length=16)
    operator_id = models.BigIntegerField(null=True)
    operator_name = models.CharField(max_length=values.MAX_FULL_NAME)
    operator_email = models.CharField(max_length=254, blank=True)
    ip_address = models.GenericIPAddressField(null=True)
    user_agent = models.CharField(max_length=300, blank=True)
    # The SCIM id and the name of the member it was done to; of the team, where it was done to no member.
    subject_id = models.CharField(max_length=36, blank=True)
    subject = models.CharField(max_length=values.MAX_FULL_NAME, blank=True)
    # {"field": [before, after]}
    changes = models.JSONField(default=dict)
    version = models.PositiveSmallIntegerField(default=1)
    # X-Request-Id of the answer; "" for commands.
    request_id = models.CharField(max_length=32, blank=True, default="", db_default="")

    class Meta:
        indexes = [
            models.Index(fields=["organization", "-at"], name="audit_by_time"),
            models.Index(fields=["organization", "subject_id", "-at"], name="audit_by_subject"),
            HashIndex(fields=["request_id"], name="audit_of_request", condition=~models.Q(request_id="")),
        ]
        verbose_name = _("audit event")
        verbose_name_plural = _("audit events")

    def __str__(self) -> str:
        return ": ".join(filter(None, [self.get_event_display(), self.subject]))

    @property
    def category(self) -> str:
        return self.event.partition(".")[0]

    @property
    def action(self) -> str:
        return self.event.partition(".")[2]

    @staticmethod
    def prune() -> int:
        return delete_of_each("organization", AuditEvent.objects.filter(at__lt=timezone.now() - KEPT_FOR), along="at")


def record(
    event: models.TextChoices,
    organization: "Organization",
    *,
    by: Actor,
    member: "MemberRow | None" = None,
    subject: str = "",
    changes: dict[str, list[Any]] | None = None,
    derived: dict[str, list[Any]] | None = None,
    team: "Team | None" = None,
) -> AuditEvent:
    """The row of a change, inserted without reading its key back: `row.pk` stays None.

    Within a transaction of changing.py, at whose end the apps above are told; those that may forbid it are asked here.
    """
    work = current()
    assert work, "A change begins with organization.locked() or changing()."
    about = member.account.name if member else subject
    change = Change(event, organization, by, member, about, changes or {}, derived or {}, team)
    BEFORE_CHANGE.ask(change)
    row = _row_of(change)
    work.pending.insert(row)
    work.changes.append(change)
    return row


def note(changes: Sequence[Change]) -> list[AuditEvent]:
    """The rows of changes that are recorded together; the caller inserts them, with those of many others."""
    work = current()
    assert work, "A change begins with organization.locked() or changing()."
    for change in changes:
        BEFORE_CHANGE.ask(change)
    work.changes += changes
    return [_row_of(change) for change in changes]


def record_all(changes: Sequence[Change]) -> None:
    """Record changes of one kind, few or thousands."""
    rows = note(changes)
    if len(rows) > FEW:
        insert_all(rows)
        return
    for row in rows:
        pending().insert(row)


def _row_of(change: Change) -> AuditEvent:
    by, request, thing = change.by, context.now(), change.member or change.team
    return new(
        AuditEvent,
        organization=change.organization,
        event=change.event.value,
        operator_kind=by.kind.value,
        operator_id=by.account_id,
        operator_name=by.name[: values.MAX_FULL_NAME],
        operator_email=by.email,
        ip_address=by.ip_address,
        user_agent=by.user_agent,
        subject_id=thing.scim_id if thing else "",
        subject=change.subject[: values.MAX_FULL_NAME],
        changes=change.fields,
        request_id=request.request_id if request else "",
    )
