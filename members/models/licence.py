"""The subscriptions of an organization, and the licences that its members hold."""

from collections.abc import Collection
from typing import Any

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from members.actors import Actor
from members.models import audit
from members.models import licence_refusals as refusals
from members.models.audit import Event
from members.models.organization import Organization
from members.models.work import is_tried, pending
from members.prepared import Listed, Prepared, number, text
from members.refusals import Refusal

# A subscription as it was read: none, or one as [bought, used].
Seen = list[list[int]]


class Product(models.TextChoices):
    PASS = "pass", "Nulab Pass"
    CACOO = "cacoo", "Cacoo"
    TYPETALK = "typetalk", "Typetalk"

    @property
    def holder_field(self) -> str:
        """The column of Member that says whether the member holds a licence."""
        return f"has_{self.value}"


def licence_changes(*, before: Collection[Product] = (), after: Collection[Product] = ()) -> dict[str, list[Any]]:
    """Changes as every event records licences, so that the audit log adds up to the figures; none where none move."""
    sides = [[product.label for product in Product if product in side] for side in (before, after)]
    return {"licences": sides} if any(sides) else {}


class SubscriptionManager(models.Manager["Subscription"]):
    def buy(self, organization: Organization, product: Product, bought: int, *, by: Actor) -> "Subscription":
        """Start or resume a subscription, or change how many licences it has."""
        with organization.locked():
            subscription, is_new = Subscription.objects.get_or_create(organization=organization, product=product)
            before = 0 if subscription.ended_at else subscription.bought
            if is_new or subscription.ended_at or before != bought:
                subscription.bought, subscription.ended_at = bought, None
                subscription.save(update_fields=["bought", "ended_at"])
                audit.record(
                    Event.SUBSCRIPTION_CHANGED,
                    organization,
                    by=by,
                    subject=product.label,
                    changes={"bought": [before, bought]},
                )
        return subscription


class Subscription(models.Model):
    organization = models.ForeignKey(Organization, models.PROTECT, db_index=False, related_name="subscriptions")
    product = models.CharField(_("product"), max_length=8, choices=Product)
    bought = models.PositiveIntegerField(_("licences bought"), default=0)
    used = models.PositiveIntegerField(_("licences used"), default=0, editable=False)
    # Licences that inactive members gave back and would take again.
    returned = models.PositiveIntegerField(default=0, editable=False)
    ended_at = models.DateTimeField(null=True, blank=True, editable=False)
    # State that the administrators were mailed last: members/mail/licence_watch.py
    told = models.CharField(max_length=8, blank=True, db_default="", editable=False)

    objects = SubscriptionManager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["organization", "product"], name="subscription_once_a_product"),
            models.CheckConstraint(name="subscription_used_not_negative", condition=Q(used__gte=0)),
        ]
        verbose_name = _("subscription")
        verbose_name_plural = _("subscriptions")

    def __str__(self) -> str:
        return f"{self.get_product_display()}: {self.used} / {self.bought}"

    @property
    def free(self) -> int:
        return max(0, self.bought - self.used)

    @property
    def without_room(self) -> int:
        """The number of returned licences that would not fit if all inactive members came back now."""
        return max(0, self.returned - self.free)

    @property
    def by_rule(self) -> int:
        """The number of those in use that team rules alone account for; read from an index."""
        if self.product == Product.PASS:
            return 0
        held = {f"has_{self.product}": True, f"{self.product}_by_rule": True}
        return self.organization.members.filter(**held).count()

    def end(self, *, by: Actor) -> None:
        """End the subscription; members keep their licences on record for the day it starts again."""
        with self.organization.locked(self):
            if self.ended_at is None:
                self.ended_at = timezone.now()
                self.save(update_fields=["ended_at"])
                audit.record(Event.SUBSCRIPTION_ENDED, self.organization, by=by, subject=self.get_product_display())

    @staticmethod
    def take(organization: Organization, product: Product, seen: "Seen | None" = None) -> None:
        """Take one licence. Counted and taken in one statement, so that two takers cannot share the last; or counted in
        what was seen, if all who take hold the organization's lock.

        Raises NoFreeLicence with the figures, NoSubscription.
        """
        if seen is None and is_tried():
            # Read with the writes, which are nothing if there is none.
            pending().require(*_FREE.statement(organization.pk, product.value), lambda met: None)
            Subscription._shift(organization.pk, product, used=1)
            return
        if seen is None:
            mine = Subscription.objects.filter(organization=organization, product=product, ended_at=None)
            if not mine.filter(used__lt=F("bought")).update(used=F("used") + 1):
                raise Subscription.none_free(product, mine.first())
            return
        if not seen:
            raise Subscription.none_free(product, None)
        [[bought, used]] = seen
        if used >= bought:
            raise Subscription.none_free(product, Subscription(bought=bought))
        seen[0][1] += 1
        Subscription._shift(organization.pk, product, used=1)

    @staticmethod
    def require_free(organization: Organization, product: Product) -> None:
        """Raise the refusal of take() without taking a licence."""
        subscription = Subscription.running(organization, product)
        if subscription is None or not subscription.free:
            raise Subscription.none_free(product, subscription)

    @staticmethod
    def none_free(product: Product, subscription: "Subscription | None") -> Refusal:
        """The refusal for a product without a free licence: NoSubscription or NoFreeLicence."""
        if subscription is None:
            return refusals.NoSubscription(product=product.label)
        return refusals.NoFreeLicence(product=product.label, bought=subscription.bought)

    @staticmethod
    def running(organization: Organization, product: Product) -> "Subscription | None":
        return Subscription.objects.filter(organization=organization, product=product, ended_at=None).first()

    @staticmethod
    def shift_returned(organization_id: int, products: Collection[str], by: int) -> None:
        """Add to the returned licences of each product, in one order, so that two transactions cannot deadlock."""
        for product in Product:
            if product in products:
                Subscription._shift(organization_id, product, returned=by)

    @staticmethod
    def give_back(organization_id: int, product: Product) -> None:
        Subscription._shift(organization_id, product, used=-1)

    @staticmethod
    def _shift(organization_id: int, product: Product, **amounts: int) -> None:
        key = {"organization_id": organization_id, "product": product.value}
        pending().shift(Subscription, key, **amounts)

    @staticmethod
    def running_pass(organization: Any) -> "Listed":
        """The running subscription of Nulab Pass as Seen, for a statement about the organization."""
        mine = Subscription.objects.filter(organization=organization, product=Product.PASS, ended_at=None)
        return Listed(mine.values(a=F("bought"), b=F("used")))


_FREE = Prepared(
    lambda: (
        Subscription.objects.filter(
            organization_id=number(1), product=text("product"), ended_at=None, used__lt=F("bought")
        )
        .order_by()
        .values_list("pk")
    ),
    1,
    "product",
)


class LicenceDay(models.Model):
    """The licences in use at the first look on a day: the pace is computed from these."""

    subscription = models.ForeignKey(Subscription, models.CASCADE, db_index=False, related_name="days")
    day = models.DateField()
    used = models.PositiveIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["subscription", "day"], name="licence_day")]
        verbose_name = verbose_name_plural = _("licences of a day")

    def __str__(self) -> str:
        return f"{self.day}: {self.used}"
