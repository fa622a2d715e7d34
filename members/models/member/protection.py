"""Members on whom others depend: the last administrator, the last plan admin, and those of other apps' guards."""

from typing import TYPE_CHECKING, Any, cast

from django.db import models

from members.actors import Actor
from members.models.account import Account
from members.models.member import refusals
from members.models.member.roles import Role
from members.models.member.row import MemberRow
from members.openings import LEAVES_ADMINISTRATION, LEAVES_EMERGENCY, REACTIVATES
from members.refusals import Protected, Refusal

if TYPE_CHECKING:
    from members.models.member.member import Member


class ProtectedMember(MemberRow):
    class Meta:
        abstract = True

    def others(self) -> "models.QuerySet[Any]":
        """The other active members of the organization."""
        return self.organization.members.filter(account__is_active=True).exclude(pk=self.pk)

    def is_last_administrator(self) -> bool:
        """Whether there is no other administrator. In a sandbox Nulab Accounts count only: others cannot sign in."""
        if not self.is_administrator:
            return False
        administrators = self.others().filter(role=Role.ADMIN)
        if self.organization.is_sandbox:
            administrators = administrators.filter(account__type=Account.Type.NULAB)
            return not self.account.is_managed and not administrators.exists()
        return not administrators.exists()

    def is_last_plan_admin(self) -> bool:
        return self.is_plan_admin and self.is_active and not self.others().filter(is_plan_admin=True).exists()

    def is_last_emergency_administrator(self) -> bool:
        return (
            self.is_emergency_administrator and not self.organization.members.emergency().exclude(pk=self.pk).exists()
        )

    def require_dispensable(self, by: Actor) -> None:
        """Require that nobody depends on this member as administrator. Raises a Protected."""
        if self.is_last_administrator():
            raise refusals.LastAdministrator(member=self.account.name)
        if self.is_administrator:
            LEAVES_ADMINISTRATION.ask(cast("Member", self), by)
        self.require_emergency_elsewhere(by)

    def require_emergency_elsewhere(self, by: Actor) -> None:
        """Ask other apps' guards whether the IdP may be the only way in for this member. Raises a Protected."""
        if self.is_emergency_administrator:
            LEAVES_EMERGENCY.ask(cast("Member", self), by)

    def require_plan_admin_elsewhere(self) -> None:
        if self.is_last_plan_admin():
            raise refusals.LastPlanAdmin(member=self.account.name)

    def protection(self, by: Actor) -> Protected | None:
        """The refusal to deactivate or remove this member now, or None: pages show it beforehand."""
        try:
            self.require_dispensable(by)
            self.require_plan_admin_elsewhere()
        except Protected as reason:
            return reason
        return None

    def require_reactivable(self, by: Actor) -> None:
        """Ask other apps' guards whether an inactive account may be activated. Raises their refusals."""
        REACTIVATES.ask(cast("Member", self), by)

    def reason_to_stay_administrator(self, by: Actor) -> Protected | None:
        """The refusal of another role now, or None: forms show it beforehand."""
        try:
            self.require_dispensable(by)
        except Protected as reason:
            return reason
        return None

    def reason_to_stay_out(self, by: Actor) -> Refusal | None:
        """The refusal of a reactivation by this actor, or None: pages show it beforehand."""
        try:
            self.require_reactivable(by)
            self.require_pass_free()
        except Refusal as reason:
            return reason
        return None

    def withdraw_invitations(self, *, by: Actor, leaves: bool = False) -> None:
        """Withdraw the open invitations that this member could not send any more; all when the member `leaves`."""
        from members.models.invitation import Invitation

        if self.known and not self.known.has_invited:
            return
        for invitation in Invitation.objects.filter(invited_by_id=self.pk).select_related("organization"):
            invitation.invited_by = cast("Any", self)
            if leaves or not invitation.is_backed:
                invitation.lose_inviter(by=by)
