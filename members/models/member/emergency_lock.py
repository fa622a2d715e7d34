"""The lock of an emergency stop: a late write of the IdP does not reactivate what an administrator has stopped."""

from typing import TYPE_CHECKING, Any

from django.db import models
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.formats import localize
from django.utils.translation import gettext_lazy as _

from members import values
from members.actors import Actor

if TYPE_CHECKING:
    from members.models.member.row import MemberRow


class EmergencyLock(models.Model):
    """Stands while an administrator keeps the member out. A table of its own, because hardly anybody has one."""

    # Without a constraint: a release that does not know this table must still be able to delete a member.
    member = models.OneToOneField(
        "members.Member", models.CASCADE, primary_key=True, db_constraint=False, related_name="emergency_lock"
    )
    at = models.DateTimeField(default=timezone.now)
    # Administrator's name, as in the audit log.
    by_kind = models.CharField(max_length=16)
    by_name = models.CharField(max_length=values.MAX_FULL_NAME)
    # False: the account was inactive already, so the lock alone does not keep the person out.
    was_active = models.BooleanField()
    # Time when the IdP, after the lock, deactivated the person as well. Its next write is a decision.
    confirmed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("emergency lock")
        verbose_name_plural = _("emergency locks")

    def __str__(self) -> str:
        return f"{self.by_name}, {localize(timezone.localtime(self.at))}"

    @property
    def is_confirmed(self) -> bool:
        return self.confirmed_at is not None

    @property
    def stands_alone(self) -> bool:
        """Whether only the administrator keeps the person out, so that an administrator may reactivate."""
        return self.was_active and not self.is_confirmed

    @staticmethod
    def place(member: "MemberRow", by: Actor, *, was_active: bool) -> None:
        """Lock the member. Replaces a lock that a release without locks may have left."""
        lock = EmergencyLock(member_id=member.pk, by_kind=by.kind, by_name=by.name, was_active=was_active)
        lock.save()
        member.emergency_lock = lock  # type: ignore[attr-defined]  # the other end of the relation

    def confirm(self) -> bool:
        """Note that the IdP wants the person out as well; returns whether that is new."""
        if self.is_confirmed:
            return False
        self.confirmed_at = timezone.now()
        self.save(update_fields=["confirmed_at"])
        return True

    def snapshot(self, by: Actor) -> dict[str, Any]:
        """The columns for the snapshot of a deleted account. A deletion by the IdP confirms the lock."""
        confirmed_at = self.confirmed_at or (timezone.now() if by.is_identity_provider else None)
        return {
            "at": self.at.isoformat(),
            "by_kind": self.by_kind,
            "by_name": self.by_name,
            "was_active": self.was_active,
            "confirmed_at": confirmed_at.isoformat() if confirmed_at else None,
        }

    @staticmethod
    def restore(member: "MemberRow", snapshot: dict[str, Any]) -> None:
        times = {name: parse_datetime(snapshot[name] or "") for name in ("at", "confirmed_at")}
        EmergencyLock.objects.create(member_id=member.pk, **{**snapshot, **times})
