"""Who calls: the token of the organization in the URL, or nobody.

django-scim2 makes this class anew for every request and gives it the URL's arguments
(its setting AUTH_CHECK_MIDDLEWARE).
"""

from collections.abc import Callable
from contextlib import suppress
from datetime import timedelta
from typing import Any

from django.db import DatabaseError
from django.db.models import Exists, OuterRef, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from members.actors import client_address, identity_provider, user_agent_of
from members.models import Organization, Product, Subscription
from members.sealing import hash_of
from members.statements import Prepared, text
from operations import context
from provisioning.models import BadTokenCount, ProvisioningSettings, ScimToken
from provisioning.models.token import USER_AGENT_MOST
from provisioning.refusals import NotEnabled, PassHasEnded
from provisioning.scim.call import Call, Caller
from provisioning.scim.refusals import BadToken

A_MINUTE = timedelta(minutes=1)
ORGANIZATION = [field.attname for field in Organization._meta.concrete_fields]


class AuthCheck:
    def __init__(self, get_response: Callable[..., HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: Any, *args: Any, space_key: str, **kwargs: Any) -> HttpResponse:
        authenticate(request.scim_call, request, space_key)
        return self.get_response(request, *args, **kwargs)


def authenticate(call: Call, request: HttpRequest, space_key: str) -> None:
    """Raises BadToken, and what closes the door to a token that is good: NotEnabled, PassHasEnded."""
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    call.secret_hash = hash_of(secret.strip()) if scheme.casefold() == "bearer" and secret else ""
    found = _caller(call.secret_hash, space_key)
    if found is None:
        with suppress(DatabaseError):
            _count_bad_token(request, space_key)
            _note_dead_use(secret.strip(), space_key)
        raise BadToken
    caller, call.organization = found
    call.caller = caller
    context.bind(organization=space_key)
    call.actor = identity_provider(
        token_id=caller.token_id,
        ip_address=client_address(request),
        user_agent=user_agent_of(request),
    )
    with suppress(DatabaseError):
        # When it was used is worth less than the answer.
        _note_use(caller, call.actor.user_agent)
    _require_open(caller, call.organization)


def authenticate_again(call: Call) -> None:
    """Under the organization's lock, which revoking, disabling and ending the Pass take as well.

    What was let in before one of them must not be written after its answer. Raises what `authenticate` does.
    """
    assert call.organization is not None
    found = _caller(call.secret_hash, call.organization.space_key)
    if found is None:
        raise BadToken
    call.caller = found[0]
    _require_open(call.caller, call.organization)


def _require_open(caller: Caller, organization: Organization) -> None:
    if not caller.is_enabled:
        raise NotEnabled
    if not organization.is_sandbox and not caller.has_pass:
        raise PassHasEnded


_SENT_FIELDS = Subquery(ProvisioningSettings.objects.filter(pk=OuterRef("organization")).values("sent_fields"))


def _callers() -> "QuerySet[Any, Any]":
    organization = OuterRef("organization")
    enabled = ProvisioningSettings.objects.filter(pk=organization, enabled_at__isnull=False)
    with_pass = Subscription.objects.filter(organization=organization, product=Product.PASS, ended_at=None)
    return (
        ScimToken.objects.filter(hash=text("hash"), organization__space_key=text("space key"), revoked_at=None)
        .annotate(is_enabled=Exists(enabled), has_pass=Exists(with_pass), sent_fields=_SENT_FIELDS)
        .values_list(
            "pk", "prefix", "expires_at", "last_used_at", "last_used_by",
            "issuer__account__language", "issuer__account__time_zone",
            "is_enabled", "has_pass", "sent_fields", *(f"organization__{name}" for name in ORGANIZATION),
        )
        .order_by()
    )  # fmt: skip


# Found by the hash alone, with everything that decides whether the token opens the door, in one statement.
# Nothing of it is remembered from call to call: a revoked token is refused at the next one.
_CALLER = Prepared(_callers, "hash", "space key")


def _caller(secret_hash: str, space_key: str) -> tuple[Caller, Organization] | None:
    row = _CALLER.row(secret_hash, space_key) if secret_hash and "\x00" not in space_key else None
    if row is None:
        return None
    caller = Caller(*row[: len(Caller._fields)])
    if caller.expires_at is not None and caller.expires_at <= timezone.now():
        return None
    return caller, Organization.from_db("default", ORGANIZATION, row[len(Caller._fields) :])


def _note_use(caller: Caller, user_agent: str) -> None:
    """To the minute, so that reads do not become writes; at once when somebody else comes with it."""
    now, user_agent = timezone.now(), user_agent[:USER_AGENT_MOST]
    if caller.last_used_at is None or now - caller.last_used_at >= A_MINUTE or caller.last_used_by != user_agent:
        ScimToken.objects.filter(pk=caller.token_id).update(
            first_used_at=Coalesce("first_used_at", Value(now)), last_used_at=now, last_used_by=user_agent
        )


def _note_dead_use(secret: str, space_key: str) -> None:
    """That somebody still comes with a token that is revoked or has expired: to the minute, too."""
    if "\x00" in space_key:
        return
    now = timezone.now()
    dead = ScimToken.objects.filter(hash=hash_of(secret), organization__space_key=space_key)
    dead.exclude(last_refused_at__gt=now - A_MINUTE).update(last_refused_at=now)


def _count_bad_token(request: HttpRequest, space_key: str) -> None:
    if "\x00" in space_key:
        return
    organization_id = Organization.objects.filter(space_key=space_key).values_list("pk", flat=True).first()
    address = client_address(request)
    if organization_id is not None and address:
        BadTokenCount.count(organization_id, address)
