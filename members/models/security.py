"""The consequences of every change of credentials: other sessions end, it is recorded, the owner gets a mail."""

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.urls import reverse

from members import mail
from members.actors import Actor
from members.models import audit
from members.models.audit import Event
from members.sessions import key_hash

if TYPE_CHECKING:
    from members.models.account import Account


def changed(
    account: "Account", event: Event, *, by: Actor, keep: str = "", changes: dict[str, list[Any]] | None = None
) -> None:
    """`keep` is the key of the session in which its owner did it."""
    account.sessions.exclude(session_key=key_hash(keep)).delete()
    tell(account, event, by=by, changes=changes)


def tell(account: "Account", event: Event, *, by: Actor, changes: dict[str, list[Any]] | None = None) -> None:
    """Mail the owner and record the event in every organization that the account belongs to."""
    for place in account.places():
        audit.record(event, place.organization, by=by, member=place, changes=changes)
    mail.to_owner(
        account, "security_notice", event=event.value, link=f"{settings.BASE_URL}{reverse('forgotten-password')}"
    )
