"""The time of the IdP's last write to a member. Beside the member, whose wide row would be written anew each time."""

import datetime
from typing import TYPE_CHECKING

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from members.models.organization import Organization
from members.models.work import pending
from members.statements import new

if TYPE_CHECKING:
    from members.models.member.row import MemberRow

# An IdP that confirms everybody every forty minutes writes once a day.
ONCE_IN = datetime.timedelta(days=1)


class Synchronization(models.Model):
    # Without a constraint: a release that does not know this table must still be able to delete a member.
    member = models.OneToOneField(
        "members.Member", models.CASCADE, primary_key=True, db_constraint=False, related_name="synchronization"
    )
    organization = models.ForeignKey(Organization, models.PROTECT, db_index=False, related_name="synchronizations")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["organization", "at", "member"], name="synchronized_in_order")]
        verbose_name = _("last sync")
        verbose_name_plural = _("last syncs")

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}"

    @staticmethod
    def note(member: "MemberRow", *, has_changed: bool) -> None:
        """Note a write of now; one that changed nothing at most once a day. Called while the member is locked."""
        now, last = timezone.now(), getattr(member, "synchronization", None)
        if last is None:
            Synchronization.at_first(member, now)
        elif has_changed or last.at <= now - ONCE_IN:
            last.at = now
            pending().update(last, ["at"])

    @staticmethod
    def at_first(member: "MemberRow", at: datetime.datetime) -> None:
        row = new(Synchronization, member_id=member.pk, organization_id=member.organization_id, at=at)
        pending().insert(row)
        member.synchronization = row  # type: ignore[attr-defined]  # the other end of the relation
