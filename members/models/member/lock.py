"""Members whom an administrator keeps out, whatever the IdP sends."""

from members.actors import Actor
from members.models import audit
from members.models.audit import Event
from members.models.member import refusals
from members.models.member.emergency_lock import EmergencyLock
from members.models.member.protection import ProtectedMember


class LockVerbs(ProtectedMember):
    class Meta:
        abstract = True

    @property
    def lock(self) -> EmergencyLock | None:
        """The emergency stop that stands; an active account has none."""
        found: EmergencyLock | None = None if self.account.is_active else getattr(self, "emergency_lock", None)
        return found if found and found.pk else None

    def lift_lock(self, *, by: Actor) -> None:
        """Lift the lock; the account stays inactive until somebody activates it. Raises NotLocked, a NotEligible."""
        with self.locked():
            self.require_editable(by)
            if self.lock is None:
                raise refusals.NotLocked(member=self.account.name)
            self.lock.delete()
            audit.record(
                Event.ACCOUNT_LOCK_LIFTED, self.organization, by=by, member=self, changes={"locked": [True, False]}
            )

    def _stay_out(self, by: Actor) -> None:
        """Deactivate an inactive member once more: the IdP confirms the lock that stands, anybody else places one."""
        if by.is_identity_provider:
            if self.lock and self.lock.confirm():
                audit.record(Event.ACCOUNT_LOCK_CONFIRMED, self.organization, by=by, member=self)
        elif self.lock is None:
            EmergencyLock.place(self, by, was_active=False)
            audit.record(Event.ACCOUNT_LOCKED, self.organization, by=by, member=self, changes={"locked": [False, True]})

    def _require_admission(self, by: Actor) -> None:
        """Require that the actor may reactivate. Raises KeptOut to the IdP, the refusals of the guards to others."""
        if not by.is_identity_provider:
            self.require_reactivable(by)
        elif self.lock and not self.lock.is_confirmed:
            raise refusals.KeptOut(member=self.account.name, administrator=self.lock.by_name)
