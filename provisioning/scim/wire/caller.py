"""The caller: a token that opens the door, and the member in whose name it writes."""

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from members import values
from members.actors import Actor
from members.models import Organization
from members.prepared import Prepared, number
from provisioning.models import ScimToken
from provisioning.scim.wire.rendering import base_url

if TYPE_CHECKING:
    from django.db.models import QuerySet

# Columns of a token: what its issuer prefers. Creations alone ask for it, so it does not come with every caller.
PREFERENCES = ["issuer__account__language", "issuer__account__time_zone"]


@dataclass(frozen=True)
class Defaults:
    """Language and time zone of a new account that names none: those of the token's issuer."""

    language: str
    time_zone: str

    @staticmethod
    def of(language: str | None, time_zone: str | None) -> "Defaults":
        """Those of an issuer's PREFERENCES, which are NULL where there is no issuer."""
        return Defaults(language or values.LANGUAGES[0], time_zone or "UTC")


@dataclass(frozen=True)
class Caller:
    organization: Organization
    actor: Actor
    token_id: int
    token_prefix: str
    # Hash by which the token is found again under the organization's lock.
    token_hash: str = field(repr=False)
    # The fields that this identity provider has ever sent.
    sent_fields: frozenset[str]

    @cached_property
    def defaults(self) -> Defaults:
        return Defaults.of(*(_PREFERENCES.row(self.token_id) or (None, None)))

    @property
    def base(self) -> str:
        return base_url(self.organization.space_key)


def _preferences() -> "QuerySet[Any, Any]":
    return ScimToken.objects.filter(pk=number(1)).order_by().values_list(*PREFERENCES)


_PREFERENCES = Prepared(_preferences, 1)
