"""Leavers whom the IdP was not allowed to deactivate or delete."""

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from members import mail
from members.models import Member, Organization
from members.models.member.row import MemberRow
from members.models.work import current, pending
from members.prepared import Prepared, number
from members.refusals import NotEligible, Protected, Refusal


class RefusedDeparture(models.Model):
    """A leaver who is still in. Shown as a banner until the member is out or the IdP activates the person again."""

    organization = models.ForeignKey(Organization, models.PROTECT, db_index=False, related_name="refused_departures")
    member = models.OneToOneField(Member, models.CASCADE, related_name="refused_departure")
    refused_at = models.DateTimeField(default=timezone.now)
    code = models.CharField(max_length=40)
    figures = models.JSONField(default=dict)

    class Meta:
        indexes = [models.Index(fields=["organization", "refused_at"], name="refused_departures_by_time")]
        verbose_name = _("refused departure")
        verbose_name_plural = _("refused departures")

    def __str__(self) -> str:
        return f"{self.member}: {self.code}"

    @property
    def refusal(self) -> Refusal | None:
        """The refusal as it was raised, with the person's present name."""
        refusal = Refusal.recall(self.code, self.figures)
        if isinstance(refusal, Protected | NotEligible):
            return type(refusal)(**self.figures | {"member": self.member.account.name})
        return refusal

    @property
    def reason(self) -> str:
        """The refusal's sentence in the reader's language."""
        return str(self.refusal or self.code)

    @staticmethod
    def remember(member: Member, refusal: Refusal) -> None:
        """Note it and, the first time, mail the other administrators: the person too, if there is nobody else.

        No warning about a person who is out by now.
        """
        try:
            with member.locked():
                if member.is_active:
                    RefusedDeparture._remember(member, refusal)
        except Member.DoesNotExist:
            return

    @staticmethod
    def _remember(member: Member, refusal: Refusal) -> None:
        departure, is_new = RefusedDeparture.objects.update_or_create(
            member=member,
            defaults={
                "organization": member.organization,
                "refused_at": timezone.now(),
                "code": refusal.code,
                "figures": refusal.figures,
            },
        )
        if is_new:
            link = mail.address_of("member", member.organization, member.scim_id)
            mail.to_administrators(
                member.organization, "departure_refused", about=member.account,
                member=member, reason=departure.refusal or refusal, link=link,
            )  # fmt: skip

    @staticmethod
    def forget(member: Member) -> None:
        """End the warning: the IdP activates the person again. A deletion takes the row along by itself."""
        if member.known and not member.known.has(RefusedDeparture.__name__):
            return
        if work := current():
            work.pending.delete(RefusedDeparture, member_id=member.pk)
        else:
            RefusedDeparture.objects.filter(member=member).delete()

    @staticmethod
    def forget_everywhere(member: MemberRow) -> None:
        """End the warnings in all organizations: the person is out. Within that change."""
        known = member.known
        if known is None or known.is_elsewhere or known.has(RefusedDeparture.__name__):
            pending().delete_those(RefusedDeparture, _OF_ACCOUNT, member.account_id)


_OF_ACCOUNT = Prepared(
    lambda: RefusedDeparture.objects.filter(member__account=number(1)).order_by().values_list("pk"), 1
)
