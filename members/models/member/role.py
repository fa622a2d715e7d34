"""Role and privileges of a member, and the team-independent guards around them."""

from members import mail
from members.actors import Actor
from members.models import audit
from members.models.audit import Event
from members.models.member import refusals
from members.models.member.protection import ProtectedMember
from members.models.member.row import Role
from members.refusals import Refusal

PRIVILEGES = ("is_plan_admin", "can_invite", "is_audit_log_admin")


class RoleVerbs(ProtectedMember):
    class Meta:
        abstract = True

    def change_role(self, role: Role, *, by: Actor) -> None:
        """Give the member another role. Raises a Protected, AtMostMember; for the IdP a NotEligible."""
        with self.locked():
            if by.is_identity_provider:
                self.require_editable(by)
            if role == self.role:
                return
            if role == Role.ADMIN and self.account.is_managed and not self.is_own:
                raise refusals.AtMostMember(member=self.account.name)
            if self.role == Role.ADMIN:
                self.require_dispensable(by)
            before = self.role
            self.write(role=role)
            row = audit.record(
                Event.ROLE_CHANGED, self.organization, by=by, member=self, changes={"role": [before, role.value]}
            )
            self.withdraw_invitations(by=by)
            if Role.ADMIN in (before, role):
                mail.to_all_administrators(row, "members", also=[self.account] if self.is_active else [])

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
