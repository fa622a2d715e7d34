"""Role and privileges of a member, and the guards around them."""

from members import mail
from members.actors import Actor
from members.models import audit
from members.models.audit import Event
from members.models.changing import attempted
from members.models.member import refusals
from members.models.member.protection import ProtectedMember
from members.models.member.roles import Role
from members.models.member.ruled import RuledMember, because
from members.models.team_rules.brought import Rule
from members.models.team_rules.unmet import What
from members.models.work import pending
from members.refusals import Refusal

PRIVILEGES = ("is_plan_admin", "can_invite", "is_audit_log_admin")


class RoleVerbs(RuledMember, ProtectedMember):
    class Meta:
        abstract = True

    def change_role(self, role: Role, *, by: Actor) -> None:
        """Give the member a role of its own: the IdP's beats the team rules, one given by hand is at least theirs.

        Raises a Protected, AtMostMember, AtLeastByRule; for the IdP a NotEligible.
        """
        with self.locked():
            if by.is_identity_provider:
                self.require_editable(by)
            elif role == self.role:
                return
            elif (rule := self.brought(role=role, is_sent=False).role_by) is not None:
                raise refusals.AtLeastByRule(member=self.account.name, rule=rule.number, team=rule.team)
            self._have_role(role, role, by, is_sent=by.is_identity_provider)

    def forget_role(self, *, by: Actor) -> None:
        """Take away the role that was sent: what the team rules give, else Guest. Raises what change_role raises."""
        with self.locked():
            self.require_editable(by)
            self._have_role(self.brought(role=Role.GUEST, is_sent=False).role, Role.GUEST, by, is_sent=False)

    def settle_role(self, *, by: Actor) -> None:
        """Give the role that rules and the member's own make. A refusal is noted, and ends nothing else."""
        wanted = self.brought()
        if wanted.role != self.role:
            try:
                with attempted(self):
                    self._have_role(wanted.role, self.own_role, by, is_sent=self.role_is_sent, rule=wanted.role_by)
            except Refusal as refusal:
                self.not_met(What.ROLE, refusal, by)
                return
        self.met(What.ROLE)

    def _have_role(self, role: Role, own: Role, by: Actor, *, is_sent: bool, rule: Rule | None = None) -> None:
        if role == self.role:
            self._note_source(role, own, is_sent)
        else:
            self._change(role, own, by, is_sent=is_sent, rule=rule)
        if role == self.brought().role:
            self.met(What.ROLE)

    def _change(self, role: Role, own: Role, by: Actor, *, is_sent: bool, rule: Rule | None) -> None:
        if role == Role.ADMIN and self.is_managed_elsewhere:
            raise refusals.AtMostMember(member=self.account.name)
        if self.role == Role.ADMIN:
            self.require_dispensable(by)
        before = self.role
        self.write(role=role)
        self._note_source(role, own, is_sent)
        row = audit.record(
            Event.ROLE_CHANGED, self.organization, by=by, member=self,
            changes={"role": [before, role.value], **because(rule, by)},
        )  # fmt: skip
        self.withdraw_invitations(by=by)
        if Role.ADMIN in (before, role):
            mail.to_all_administrators(row, "members", also=[self.account] if self.is_active else [])

    def _note_source(self, role: Role, own: Role, is_sent: bool) -> None:
        """Note where the role comes from. Not a change of the resource: modified_at stays."""
        wanted = {"role_without_rules": None if own == role else own.value, "role_is_sent": is_sent}
        if changed := {name: value for name, value in wanted.items() if getattr(self, name) != value}:
            for name, value in changed.items():
                setattr(self, name, value)
            pending().update(self, changed)

    def change_privileges(
        self,
        *,
        by: Actor,
        is_plan_admin: bool | None = None,
        can_invite: bool | None = None,
        is_audit_log_admin: bool | None = None,
    ) -> None:
        """Set the given privileges; None leaves one as it is. Raises LastPlanAdmin, NoPlanAdmin."""
        with self.locked():
            wanted = zip(PRIVILEGES, (is_plan_admin, can_invite, is_audit_log_admin), strict=True)
            changes = {name: on for name, on in wanted if on is not None and on != getattr(self, name)}
            if not changes:
                return
            if "is_plan_admin" in changes and (reason := self.reason_to_keep_plan_admin()):
                raise reason
            recorded = {name: [not on, on] for name, on in changes.items()}
            self.write(**changes)
            audit.record(Event.PRIVILEGES_CHANGED, self.organization, by=by, member=self, changes=recorded)
            self.withdraw_invitations(by=by)

    def reason_to_keep_plan_admin(self) -> Refusal | None:
        """The refusal of giving or taking this privilege now, or None."""
        if not self.is_plan_admin and self.is_managed_elsewhere:
            return refusals.NoPlanAdmin(member=self.account.name)
        if self.is_last_plan_admin():
            return refusals.LastPlanAdmin(member=self.account.name)
        return None
