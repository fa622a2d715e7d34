"""Authentication of a request by a key, together with what it asks for: one statement.

Nothing is remembered from request to request: a key that is revoked, and a token whose owner is no longer an
administrator, are refused at the next one.
"""

from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.db import DatabaseError, models
from django.db.models import F, OuterRef, QuerySet, Subquery, Value
from django.http import HttpRequest
from django.utils import timezone

from api.models import AppKey, PersonalToken, app_key, personal_token
from api.scopes import OF_PERSONAL_TOKENS, Scope, scopes_in
from api.wire import limits, refusals
from api.wire.caller import Caller
from members.models import Organization
from members.prepared import Listed, Prepared, text
from members.sealing import hash_of
from members.statements import made
from operations import context

A_MINUTE = timedelta(minutes=1)
# Rows of each list that stood beside.
Found = list[list[list[Any]]]
# Columns of the organization in the address; when it was founded only the list of organizations says.
ORGANIZATION = ("id", "space_key", "slug", "name", "is_sandbox")


class _Key(NamedTuple):
    """Columns about a key, before those that were asked for."""

    pk: int
    last_used_at: datetime | None
    # Of a personal access token "".
    app: str
    scopes: str
    expires_at: datetime | None
    own_organization_id: int | None
    # Seconds ahead of the limit.
    ahead: float | None
    organization: list[list[Any]]


class Beside:
    """Lists of rows that a question asks for in the statement that finds the caller.

    `build` makes them; in_address() is the organization that they are about. `names` are the values in them, in order.
    """

    def __init__(self, build: "Callable[[], Sequence[Listed]]" = tuple, *names: str | int) -> None:
        self.of_apps = Prepared(lambda: _app_keys(*build()), "hash", SPACE_KEY, *names)
        self.of_people = Prepared(lambda: _personal_tokens(*build()), "hash", SPACE_KEY, *names)


SPACE_KEY = "space key"
NOTHING = Beside()


def in_address() -> "QuerySet[Organization]":
    """The organization in the address, for a statement that stands Beside."""
    return Organization.objects.filter(space_key=text(SPACE_KEY))


def authenticate(
    request: HttpRequest, scope: Scope, space_key: str = "", beside: Beside = NOTHING, *values: Any
) -> tuple[Caller, Found]:
    """The caller, and what is asked for besides. Raises BadKey, KeyTooFast, NotInScope."""
    scheme, _, secret = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
    secret = secret.strip() if scheme.casefold() == "bearer" else ""
    # A text that cannot be a space key is looked for as none: PostgreSQL fails on a NUL.
    key, found = _find(secret, space_key if space_key.isalnum() else "", beside, values)
    caller = _caller(key)
    with suppress(DatabaseError):
        # Worth less than the answer, as is the count of requests.
        _note_use(key)
        limits.require_pace(limits.APPS if key.app else limits.PEOPLE, key.pk, key.ahead)
    if scope not in caller.scopes:
        raise refusals.NotInScope(scope=scope.value)
    if caller.organization:
        context.bind(organization=space_key)
    return caller, found


def _find(secret: str, space_key: str, beside: Beside, values: tuple[Any, ...]) -> tuple[_Key, Found]:
    if secret.startswith(app_key.SECRET_START):
        statement = beside.of_apps
    elif secret.startswith(personal_token.SECRET_START):
        statement = beside.of_people
    else:
        raise refusals.BadKey
    row = statement.row(hash_of(secret), space_key, *values)
    if row is None:
        raise refusals.BadKey
    key = _Key(*row[: len(_Key._fields)])
    if key.expires_at is not None and key.expires_at <= timezone.now():
        raise refusals.BadKey
    return key, list(row[len(_Key._fields) :])


def _caller(key: _Key) -> Caller:
    found = next(iter(key.organization), None)
    return Caller(
        scopes=scopes_in(key.scopes) if key.app else OF_PERSONAL_TOKENS,
        app=key.app,
        organization=made(Organization, ORGANIZATION, found) if found else None,
        own_organization_id=key.own_organization_id,
    )


def _note_use(key: _Key) -> None:
    """Note the use, to the minute, so that questions do not become writes."""
    now = timezone.now()
    if key.last_used_at is None or now - key.last_used_at >= A_MINUTE:
        kind: type[AppKey | PersonalToken] = AppKey if key.app else PersonalToken
        kind.objects.filter(pk=key.pk).update(last_used_at=now)


def _app_keys(*more: Any) -> "QuerySet[Any, Any]":
    keys = AppKey.objects.filter(hash=text("hash"), revoked_at=None).order_by()
    return keys.values_list(
        "pk", "last_used_at", "app", "scopes", _nothing(models.DateTimeField()), _nothing(models.BigIntegerField()),
        Subquery(limits.ahead(limits.APPS)), _listed(in_address()), *more,
    )  # fmt: skip


def _personal_tokens(*more: Any) -> "QuerySet[Any, Any]":
    tokens = PersonalToken.objects.filter(PersonalToken.opens(), hash=text("hash")).order_by()
    own = in_address().filter(pk=OuterRef("member__organization_id"))
    return tokens.values_list(
        "pk", "last_used_at", Value(""), Value(""), "expires_at", "member__organization_id",
        Subquery(limits.ahead(limits.PEOPLE)), _listed(own), *more,
    )  # fmt: skip


def _nothing(field: "models.Field[Any, Any]") -> Value:
    return Value(None, output_field=field)


def _listed(organizations: "QuerySet[Organization]") -> Listed:
    return Listed(organizations.values(**{f"o{place}": F(name) for place, name in enumerate(ORGANIZATION)}))
