"""The actor of a change: the required `by=` of every verb."""

import ipaddress
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import TYPE_CHECKING

from django.conf import settings
from django.http import HttpRequest

if TYPE_CHECKING:
    from members.models import Account


class Kind(StrEnum):
    ACCOUNT = "account"
    SUPPORT = "support"
    PROVISIONING = "provisioning"
    SAML = "saml"
    OPERATOR = "operator"
    ELSEWHERE = "elsewhere"
    VISITOR = "visitor"
    TEAM_RULE = "team_rule"


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody or something that changes data; `name` is how the audit log calls it."""

    kind: Kind
    name: str
    account_id: int | None = None
    email: str = ""
    ip_address: str | None = None
    user_agent: str = ""
    # The name of who changed the teams or the rules, where a rule acts.
    caused_by: str = ""
    # The SCIM token of a request by the identity provider.
    token_id: int | None = None

    @property
    def is_identity_provider(self) -> bool:
        return self.kind is Kind.PROVISIONING


# Name for the audit log of another organization when the managing one switches an account off or deletes it.
MANAGING_ORGANIZATION = Actor(kind=Kind.ELSEWHERE, name="Managing organization")


def command(name: str) -> Actor:
    """An operator who runs a management command on the server."""
    return Actor(kind=Kind.OPERATOR, name=f"manage.py {name}")


def person(account: "Account", request: HttpRequest) -> Actor:
    """An administrator or the account's owner, in a browser."""
    return Actor(
        kind=Kind.ACCOUNT,
        name=account.name,
        account_id=account.pk,
        email=account.email,
        ip_address=client_address(request),
        user_agent=user_agent_of(request),
    )


def support(account: "Account", request: HttpRequest) -> Actor:
    """Support staff in the Django admin: customers read “Nulab Support”, not a name."""
    return Actor(
        kind=Kind.SUPPORT,
        name="Nulab Support",
        account_id=account.pk,
        ip_address=client_address(request),
        user_agent=user_agent_of(request),
    )


def identity_provider(*, token_id: int, ip_address: str | None, user_agent: str) -> Actor:
    return Actor(
        kind=Kind.PROVISIONING,
        name="User provisioning",
        token_id=token_id,
        ip_address=ip_address,
        user_agent=user_agent[:300],
    )


def single_sign_on(request: HttpRequest) -> Actor:
    """Somebody who comes from an IdP and has not been let in yet."""
    return Actor(
        kind=Kind.SAML,
        name="SAML sign-in",
        ip_address=client_address(request),
        user_agent=user_agent_of(request),
    )


def team_rule(cause: "Actor") -> Actor:
    """A rule, which acts because of what somebody else has done: from the same place, and with that name."""
    if cause.kind is Kind.TEAM_RULE:
        return cause
    return Actor(
        kind=Kind.TEAM_RULE,
        name="Team rule",
        ip_address=cause.ip_address,
        user_agent=cause.user_agent,
        caused_by=cause.name,
    )


def team_rule_later(caused_by: str) -> Actor:
    """A rule that acts when its turn comes, or when what was in its way has gone."""
    return Actor(kind=Kind.TEAM_RULE, name="Team rule", caused_by=caused_by)


def visitor(request: HttpRequest) -> Actor:
    """Somebody at the sign-in page, who has not proved yet who it is."""
    return Actor(
        kind=Kind.VISITOR,
        name="Sign-in page",
        ip_address=client_address(request),
        user_agent=user_agent_of(request),
    )


def user_agent_of(request: HttpRequest) -> str:
    """The User-Agent of a request, without NUL, which PostgreSQL does not store."""
    sent: str = request.META.get("HTTP_USER_AGENT", "")
    return sent.replace("\x00", "")[:300]


def client_address(request: HttpRequest) -> str | None:
    """The address that reached the outermost proxy we trust; headers count only that far."""
    proxies: int = settings.TRUSTED_PROXIES
    if proxies:
        hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",")]
        if len(hops) >= proxies and (forwarded := _address(hops[-proxies][:100])):
            return forwarded
    return _address(request.META.get("REMOTE_ADDR", "")[:100])


@lru_cache(maxsize=1000)
def _address(hop: str) -> str | None:
    """The IP address without the port that some proxies add; None if it is no address, which no database would take."""
    for candidate in (hop, hop.rpartition(":")[0].strip("[]")):
        try:
            return str(ipaddress.ip_address(candidate.partition("%")[0]))
        except ValueError:
            continue
    return None
