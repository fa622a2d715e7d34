"""The namespace that the addresses of all accounts share, and whose an address is."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.db import models

from members import values
from members.models import address_refusals as refusals
from members.refusals import Taken

if TYPE_CHECKING:
    from members.models.organization import Organization

# The scope of all addresses but those of sandboxes.
SITE = 0


class Address(models.Model):
    """userName and Email of all accounts share one namespace: this is it.

    One row per distinct key of an account, unique over the site or over one sandbox.
    """

    scope = models.BigIntegerField()
    key = models.CharField(max_length=values.MAX_KEY)
    account = models.ForeignKey("members.Account", models.CASCADE, related_name="addresses")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["scope", "key"], name="address_taken_once")]

    def __str__(self) -> str:
        return self.key


@dataclass(frozen=True)
class Owner:
    """The owner of an address, as far as an organization may know."""

    account_id: int
    # Name of a member of that organization; of nobody else.
    name: str | None

    @property
    def refusal(self) -> Taken:
        return refusals.AddressTakenHere(member=self.name) if self.name else refusals.AddressTaken()


def owners(organization: "Organization", keys: Iterable[str]) -> dict[str, Owner]:
    """The owners, by key, of those addresses that are taken in the organization's scope; in two statements."""
    taken = dict(
        Address.objects.filter(scope=organization.scope, key__in=set(keys) - {""}).values_list("key", "account_id")
    )
    here = organization.members.filter(account_id__in=set(taken.values()))
    names = dict(here.values_list("account_id", "account__name"))
    return {key: Owner(account_id, names.get(account_id)) for key, account_id in taken.items()}
