"""Who calls: the token of the organization in the URL, or nobody.

django-scim2 makes this class anew for every request and gives it the URL's arguments
(its setting AUTH_CHECK_MIDDLEWARE).
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.db.models import Exists, OuterRef
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from members.actors import client_address, identity_provider
from members.models import Organization, Product, Subscription
from provisioning.models import BadTokenCount, ProvisioningSettings, ScimToken
from provisioning.models.token import hash_of
from provisioning.refusals import NotEnabled, PassHasEnded
from provisioning.scim.call import Call
from provisioning.scim.refusals import BadToken

A_MINUTE = timedelta(minutes=1)


class AuthCheck:
    def __init__(self, get_response: Callable[..., HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: Any, *args: Any, space_key: str, **kwargs: Any) -> HttpResponse:
        call: Call = request.scim_call
        authenticate(call, request, space_key)
        return self.get_response(request, *args, **kwargs)


def authenticate(call: Call, request: HttpRequest, space_key: str) -> None:
    """Raises BadToken, and what closes the door to a token that is good: NotEnabled, PassHasEnded."""
    scheme, _, secret = request.headers.get("Authorization", "").partition(" ")
    token = _token(secret.strip(), space_key) if scheme.casefold() == "bearer" and secret else None
    if token is None:
        _count_bad_token(request, space_key)
        raise BadToken
    organization = token.organization
    call.organization, call.token = organization, token
    call.actor = identity_provider(
        token_id=token.pk,
        ip_address=client_address(request),
        user_agent=request.headers.get("User-Agent", ""),
    )
    _note_use(token)
    if not token.is_enabled:  # type: ignore[attr-defined]
        raise NotEnabled
    if not organization.is_sandbox and not token.has_pass:  # type: ignore[attr-defined]
        raise PassHasEnded


def _token(secret: str, space_key: str) -> ScimToken | None:
    """Found by its hash alone, in one statement with everything that decides whether it opens the door."""
    organization = OuterRef("organization")
    return (
        ScimToken.objects.live()
        .filter(hash=hash_of(secret), organization__space_key=space_key)
        .select_related("organization", "issuer__account")
        .annotate(
            is_enabled=Exists(ProvisioningSettings.objects.filter(pk=organization, enabled_at__isnull=False)),
            has_pass=Exists(
                Subscription.objects.filter(organization=organization, product=Product.PASS, ended_at=None)
            ),
        )
        .first()
    )


def _note_use(token: ScimToken) -> None:
    """To the minute, so that reads do not become writes."""
    now = timezone.now()
    if token.last_used_at is None or now - token.last_used_at >= A_MINUTE:
        ScimToken.objects.filter(pk=token.pk).update(last_used_at=now)


def _count_bad_token(request: HttpRequest, space_key: str) -> None:
    organization_id = Organization.objects.filter(space_key=space_key).values_list("pk", flat=True).first()
    address = client_address(request)
    if organization_id is not None and address:
        BadTokenCount.count(organization_id, address)
