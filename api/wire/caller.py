"""The caller: a key of an app, or a personal access token."""

from dataclasses import dataclass

from members.models import Organization


@dataclass(frozen=True, slots=True)
class Caller:
    scopes: frozenset[str]
    # One of App; "" for a personal access token.
    app: str
    # The organization in the address, if the caller may ask about it.
    organization: Organization | None
    # The only organization that a personal access token may ask about; None for an app, which serves everybody.
    own_organization_id: int | None = None
