"""The caller: a token that opens the door, and the member in whose name it writes."""

from dataclasses import dataclass, field

from members.actors import Actor
from members.models import Organization
from provisioning.scim.wire.rendering import base_url


@dataclass(frozen=True, slots=True)
class Caller:
    organization: Organization
    actor: Actor
    token_id: int
    token_prefix: str
    # Hash by which the token is found again under the organization's lock.
    token_hash: str = field(repr=False)
    # The defaults of new resources: the token issuer's.
    language: str
    time_zone: str
    # The fields that this identity provider has ever sent.
    sent_fields: frozenset[str]

    @property
    def base(self) -> str:
        return base_url(self.organization.space_key)
