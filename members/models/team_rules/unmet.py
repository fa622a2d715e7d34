"""Roles and licences that rules ought to bring or take away and have not: refused, or waiting for their turn."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from members import values
from members.models.licence import Product
from members.models.organization import Organization
from members.refusals import NotEligible, Protected, Refusal


class What(models.TextChoices):
    ROLE = "role", _("Role")
    CACOO = Product.CACOO.value, Product.CACOO.label
    TYPETALK = Product.TYPETALK.value, Product.TYPETALK.label


class Unmet(models.Model):
    """A role or licence of one member that is not what the rules and the member's own make it."""

    organization = models.ForeignKey(Organization, models.PROTECT, db_index=False, related_name="unmet_rules")
    # Without a constraint of the database, which each deletion of a member would look at.
    member = models.ForeignKey("members.Member", models.CASCADE, db_constraint=False, related_name="unmet_rules")
    what = models.CharField(max_length=8, choices=What)
    # Of the refusal; "" while it waits for its turn.
    code = models.CharField(max_length=40, blank=True, default="", db_default="")
    figures = models.JSONField(default=dict)
    since = models.DateTimeField(default=timezone.now)
    # The name of who caused it, for the audit log of a later try.
    caused_by = models.CharField(max_length=values.MAX_FULL_NAME, blank=True, default="", db_default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["member", "what"], name="unmet_once")]
        indexes = [
            models.Index(fields=["organization", "what", "id"], name="unmet_in_order"),
            models.Index(fields=["organization", "id"], name="unmet_waiting", condition=Q(code="")),
        ]
        verbose_name = _("unmet team rule")
        verbose_name_plural = _("unmet team rules")

    def __str__(self) -> str:
        return f"{self.member_id}: {self.what}"

    @property
    def refusal(self) -> Refusal | None:
        """The refusal as it was raised, with the person's present name; None while it waits."""
        refusal = Refusal.recall(self.code, self.figures)
        if isinstance(refusal, Protected | NotEligible):
            return type(refusal)(**self.figures | {"member": self.member.account.name})
        return refusal

    @staticmethod
    def note(member: Any, what: What, refusal: Refusal, caused_by: str) -> None:
        row = Unmet(
            organization_id=member.organization_id, member=member, what=what, code=refusal.code,
            figures=refusal.figures, caused_by=caused_by[: values.MAX_FULL_NAME],
        )  # fmt: skip
        Unmet.objects.bulk_create(
            [row], update_conflicts=True, unique_fields=["member", "what"], update_fields=["code", "figures"]
        )
