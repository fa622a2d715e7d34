"""Authentication of calls by a token of the organization in the URL."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import DatabaseError
from django.db.models import Exists, F, FloatField, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.functions import Coalesce, Now
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from members.actors import Actor, client_address, identity_provider, user_agent_of
from members.models import Organization, Product, Subscription
from members.models.work import pending
from members.prepared import Prepared, number, text
from members.sealing import hash_of
from members.statements import made
from operations import context
from provisioning.models import BadTokenCount, ProvisioningSettings, ScimToken, limit, reads
from provisioning.models.settings_refusals import NotEnabled, PassHasEnded
from provisioning.models.token import MAX_USER_AGENT
from provisioning.scim.wire.call import Call
from provisioning.scim.wire.caller import Caller
from provisioning.scim.wire.refusals import BadToken, TooManyRequests
from provisioning.scim.wire.sought import Brought, Sought

A_MINUTE = timedelta(minutes=1)
# When it was founded says nothing here, and moments are what takes longest to read.
ORGANIZATION = [field.attname for field in Organization._meta.concrete_fields if field.name != "created_at"]


class AuthCheck:
    """Made anew by django-scim2 for every request, and given the arguments of the address.

    It stands here because django-scim2's views import it while they are imported themselves.
    """

    def __init__(self, get_response: Callable[..., HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: Any, *args: Any, space_key: str, **kwargs: Any) -> HttpResponse:
        authenticate(request.scim_call, request, space_key)
        return self.get_response(request, *args, **kwargs)


class _Token(NamedTuple):
    """The row of a token that was found, before the columns of its organization."""

    pk: int
    prefix: str
    expires_at: datetime | None
    last_used_at: datetime | None
    last_used_by: str
    enabled_at: datetime | None
    has_pass: bool
    sent_fields: str
    # Seconds ahead of the limit.
    ahead: float | None


_CALLER_COLUMNS = [
    "pk", "prefix", "expires_at", "last_used_at", "last_used_by", "enabled_at", "has_pass", "sent_fields", "ahead",
    *(f"organization__{name}" for name in ORGANIZATION),
]  # fmt: skip


def authenticate(call: Call, request: HttpRequest, space_key: str, sought: Sought | None = None) -> Brought:
    """Find the caller; returns what is sought besides. Raises BadToken; of a good token
    TooManyRequests, NotEnabled, PassHasEnded.
    """
    scheme, _, secret = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    token_hash = hash_of(secret.strip()) if scheme.casefold() == "bearer" and secret else ""
    found = _find(token_hash, space_key, sought)
    if found is None:
        with suppress(DatabaseError):
            _count_bad_token(request, space_key)
            _note_dead_use(secret.strip(), space_key)
        raise BadToken
    token, organization, brought = found
    context.bind(organization=space_key)
    actor = identity_provider(
        token_id=token.pk,
        ip_address=client_address(request),
        user_agent=user_agent_of(request),
    )
    call.caller = _caller(token, organization, actor, token_hash)
    with suppress(DatabaseError):
        # Time of use is worth less than the answer.
        _note_use(token, actor.user_agent)
    _require_pace(token, organization.pk)
    _require_open(token, organization)
    return brought


def _authenticate_again(caller: Caller) -> None:
    """Say why the token does not open the door any longer. Raises what `authenticate` does."""
    found = _find(caller.token_hash, caller.organization.space_key)
    if found is None:
        raise BadToken
    token, _, _ = found
    _require_open(token, caller.organization)


def require_still_open(caller: Caller) -> None:
    """Require, with the writes of this transaction, that the token still opens the door: what was let in before it was
    revoked must not be written after the answer to that. Revoking takes the organization's lock as well.

    When they are sent, raises what `authenticate` does.
    """

    def require(met: int) -> None:
        if not met:
            _authenticate_again(caller)
            raise BadToken

    look = _SANDBOX_STILL_OPEN if caller.organization.is_sandbox else _STILL_OPEN
    pending().require(*look.statement(caller.token_id), require)


def _caller(token: _Token, organization: Organization, actor: Actor, token_hash: str) -> Caller:
    return Caller(
        organization=organization,
        actor=actor,
        token_id=token.pk,
        token_prefix=token.prefix,
        token_hash=token_hash,
        sent_fields=frozenset(token.sent_fields.split()),
    )


def _require_pace(token: _Token, organization_id: int) -> None:
    """Require that the organization keeps to its limit. The request itself is counted with its line, and lines of reads
    that wait in this process are counted here.
    """
    most = limit.limit()
    if seconds := most.wait(token.ahead, reads.waiting(organization_id)):
        raise TooManyRequests(rate=f"{most.rate:g}", burst=most.burst, seconds=seconds)


def _require_open(token: _Token, organization: Organization) -> None:
    if not token.enabled_at:
        raise NotEnabled
    if not organization.is_sandbox and not token.has_pass:
        raise PassHasEnded


_SETTINGS = "organization__provisioning"
_HERE = OuterRef("organization")
_IS_ENABLED = Exists(ProvisioningSettings.objects.filter(pk=_HERE, enabled_at__isnull=False))
_HAS_PASS = Exists(Subscription.objects.filter(organization=_HERE, product=Product.PASS, ended_at=None))


def _callers() -> "QuerySet[Any, Any]":
    return (
        ScimToken.objects.filter(hash=text("hash"), organization__space_key=text("space key"), revoked_at=None)
        .annotate(enabled_at=F(f"{_SETTINGS}__enabled_at"), sent_fields=F(f"{_SETTINGS}__sent_fields"))
        .annotate(has_pass=_HAS_PASS)
        .annotate(ahead=Subquery(limit.ahead("organization"), output_field=FloatField()))
        .order_by()
    )


def beside_callers(
    join: "Callable[[QuerySet[Any, Any]], QuerySet[Any, Any]]", columns: Sequence[Any], *names: str | int
) -> Prepared:
    """The statement that finds a caller and brings these columns. What is joined must be so by LEFT JOINs only:
    whether the token is good and whether there is what was asked for are two questions.
    """
    return Prepared(lambda: join(_callers()).values_list(*_CALLER_COLUMNS, *columns), "hash", "space key", *names)


def _still_open(*conditions: Exists) -> "QuerySet[Any, Any]":
    is_valid = Q(expires_at=None) | Q(expires_at__gt=Now())
    token = ScimToken.objects.filter(is_valid, *conditions, pk=number(1), revoked_at=None)
    return token.values_list("pk").order_by()


_STILL_OPEN = Prepared(lambda: _still_open(_IS_ENABLED, _HAS_PASS), 1)
_SANDBOX_STILL_OPEN = Prepared(lambda: _still_open(_IS_ENABLED), 1)

# Found by the hash alone, with everything that decides whether the token opens the door, in one statement.
# Nothing of it is remembered from call to call: a revoked token is refused at the next one.
CALLERS = beside_callers(lambda callers: callers, ())
# Names for its columns.
CALLER_COLUMNS = (*_Token._fields, *ORGANIZATION)
_OF_TOKEN, _OF_CALLER = len(_Token._fields), len(_Token._fields) + len(ORGANIZATION)


def _find(token_hash: str, space_key: str, sought: Sought | None = None) -> tuple[_Token, Organization, Brought] | None:
    if not token_hash or "\x00" in space_key:
        return None
    rows = (
        sought.statement.rows(token_hash, space_key, *sought.values) if sought else CALLERS.rows(token_hash, space_key)
    )
    if not rows:
        return None
    token = _Token._make(rows[0][:_OF_TOKEN])
    if token.expires_at is not None and token.expires_at <= timezone.now():
        return None
    organization = made(Organization, ORGANIZATION, rows[0][_OF_TOKEN:_OF_CALLER])
    # Columns that no row has joined are all NULL.
    brought = [row[_OF_CALLER:] for row in rows if row[_OF_CALLER] is not None] if sought else None
    return token, organization, brought


def _note_use(token: _Token, user_agent: str) -> None:
    """Note the use, to the minute, so that reads do not become writes; at once if another program comes with it."""
    now, user_agent = timezone.now(), user_agent[:MAX_USER_AGENT]
    if token.last_used_at is None or now - token.last_used_at >= A_MINUTE or token.last_used_by != user_agent:
        ScimToken.objects.filter(pk=token.pk).update(
            first_used_at=Coalesce("first_used_at", Value(now)), last_used_at=now, last_used_by=user_agent
        )


def _note_dead_use(secret: str, space_key: str) -> None:
    """Note the use of a token that is revoked or has expired, to the minute."""
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
