"""Records of sign-ins and refusals at any door: for the account's owner, and for every organization that the
account belongs to, in its audit log."""

import datetime
import logging
from typing import Any

from django.db.models import TextChoices
from django.utils import timezone

from members import mail
from members.actors import Actor
from members.models import Account, AuditEvent, Event, Member, Organization, SignIn, audit
from members.models.changing import changing
from members.models.sign_in import Method
from members.networks import network_of
from members.refusals import Refusal
from members.single_sign_on import sign_in_address
from members.words import refused_sign_ins

# Limit of recorded refusals. Anybody may type an address or post to an ACS: a flood must not bury the audit log.
MAX_REFUSALS = 500
WITHIN = datetime.timedelta(minutes=10)
logger = logging.getLogger(__name__)


def record_sign_in(account: Account, method: Method, at_keeper: TextChoices = Event.SIGNED_IN, *, by: Actor) -> None:
    """Record a sign-in. `at_keeper` are the details for the organization whose IdP signed the account in."""
    with changing():
        _keep(account, Event.SIGNED_IN, {"method": ["", method.value]}, by)
        for place in account.places():
            is_its_idp = method is Method.IDP and place.is_own
            row = audit.record(
                at_keeper if is_its_idp else Event.SIGNED_IN, place.organization, by=by, member=place,
                changes={} if is_its_idp else _past_idp(place, method),
            )  # fmt: skip
            if "past_idp" in row.changes:
                _tell_other_administrators(row, place)


def record_refused(account: Account | None, refusal: Refusal, *, by: Actor) -> None:
    """Record a wrong password or code, or one too many.

    Whom no organization knows costs the statements of a member of one, so that the time tells nobody who exists.
    """
    details: dict[str, list[Any]] = {"refusal": [refusal.code, refusal.figures]}
    with changing():
        _keep(account, Event.SIGN_IN_REFUSED, details, by)
        places = _places(account)
        for place in places:
            _refused_at(place.organization, Event.SIGN_IN_REFUSED, details, by=by, member=place)
        if not places:
            _is_flooded(0)
            _keep(None, Event.SIGN_IN_REFUSED, details, by)


def record_refused_at(
    organization: Organization,
    event: TextChoices,
    refusal: Refusal,
    *,
    by: Actor,
    member: Member | None = None,
    subject: str = "",
    changes: dict[str, list[Any]] | None = None,
) -> None:
    """Record a refusal at one organization's own door."""
    details = {"refusal": [refusal.code, refusal.figures], **(changes or {})}
    with changing():
        _refused_at(organization, event, details, by=by, member=member, subject=subject)


def _refused_at(
    organization: Organization, event: TextChoices, details: dict[str, list[Any]], *, by: Actor, **whom: Any
) -> None:
    """Record a refusal; beyond MAX_REFUSALS in WITHIN in the server's log only."""
    if _is_flooded(organization.pk):
        logger.warning("Sign-in at %s refused: %s", organization.slug, details["refusal"][0])
        return
    audit.record(event, organization, by=by, changes=details, **whom)


def _is_flooded(organization_id: int) -> bool:
    since, refused = timezone.now() - WITHIN, refused_sign_ins()
    lately = AuditEvent.objects.filter(organization=organization_id, at__gt=since, event__in=refused)
    return lately[MAX_REFUSALS - 1 : MAX_REFUSALS].exists()


def record_request(account: Account | None, *, by: Actor) -> None:
    """Record a request for a link to set a new password.

    As with refusals, nobody's request costs the same statements.
    """
    places = _places(account)
    for place in places:
        audit.record(Event.PASSWORD_RESET_REQUESTED, place.organization, by=by, member=place)
    if not places:
        _keep(None, Event.PASSWORD_RESET_REQUESTED, {}, by)


def is_recorded_already(
    account: Account | None, refusal: type[Refusal], network: str, within: datetime.timedelta
) -> bool:
    """Whether a row says already that this place is locked: a hundred would say no more."""
    since = timezone.now() - within
    lately = SignIn.objects.filter(account=account, at__gt=since, network=network, event=Event.SIGN_IN_REFUSED)
    return any(changes["refusal"][0] == refusal.code for changes in lately.values_list("changes", flat=True))


def _keep(account: Account | None, event: Event, changes: dict[str, list[Any]], by: Actor) -> None:
    SignIn.objects.create(
        account=account, event=event, changes=changes,
        ip_address=by.ip_address, network=network_of(by.ip_address), user_agent=by.user_agent,
    )  # fmt: skip


def _places(account: Account | None) -> list[Member]:
    """The places of the account; of nobody none, for the same statement."""
    return (account or Account(pk=0)).places()


def _past_idp(place: Member, method: Method) -> dict[str, list[Any]]:
    """The way of signing in; of an emergency administrator also that the IdP was not asked."""
    changes: dict[str, list[Any]] = {"method": ["", method.value]}
    if place.is_emergency_administrator and sign_in_address(place.organization):
        changes["past_idp"] = [None, True]
    return changes


def _tell_other_administrators(row: AuditEvent, place: Member) -> None:
    organization = place.organization
    others = [reader for reader in mail.administrators(organization) if reader.address != place.account.email]
    link = mail.address_of("member", organization, place.scim_id)
    mail.post("signed_in_past_idp", others, {"organization": organization, "row": row, "link": link})
