"""Moves the rows that the verbs have just written to their dates in the past.

Nothing but dates is written here.
"""

import datetime
import random

from django.utils import timezone

from demo.people import BEFORE_PROVISIONING, Colleague
from members.models import Account, AuditEvent, Event, Member, Organization, Synchronization
from provisioning.events import ProvisioningEvent
from provisioning.models import ScimToken
from saml.models import SamlSettings

CYCLE = datetime.timedelta(minutes=40)
CYCLES = 13 * 36
# Microsoft Entra ID sends no more of itself than this.
CLIENT = "Azure AD SCIM client"
FOUNDED = datetime.datetime(2021, 4, 1, 1, tzinfo=datetime.UTC)
LONG_AGO = datetime.datetime(2021, 6, 14, 2, tzinfo=datetime.UTC)
TOKEN_LIVED = datetime.timedelta(days=90)
# Number of provisioned people at the first synchronization; the others joined since.
AT_FIRST = 33


def last_cycle() -> datetime.datetime:
    """The last synchronization before the token expired."""
    return timezone.now() - datetime.timedelta(hours=2, minutes=5)


def some_cycle(chance: random.Random) -> datetime.datetime:
    """One of the last two weeks, rather a late one, with the seconds within it."""
    return last_cycle() - int(CYCLES * chance.random() ** 2) * CYCLE + datetime.timedelta(seconds=chance.random() * 90)


def move_back(organization: Organization, token: ScimToken, people: list[tuple[Colleague, Member]]) -> None:
    chance = random.Random(16012023)  # noqa: S311 - the same picture at every seeding
    expired = timezone.now() - datetime.timedelta(hours=2)
    started = expired - TOKEN_LIVED
    Organization.objects.filter(pk=organization.pk).update(created_at=FOUNDED)
    organization.domains.update(added_at=FOUNDED, verified_at=FOUNDED)
    SamlSettings.objects.filter(pk=organization.pk).update(tested_at=FOUNDED, enabled_at=FOUNDED)
    ScimToken.objects.filter(pk=token.pk).update(
        created_at=started, expires_at=expired, first_used_at=started, last_used_at=last_cycle(), last_used_by=CLIENT
    )
    joined = {member.scim_id: moment for member, moment in _arrivals(people, started, chance)}
    _date_audit(organization, joined, started, chance)
    _date_members(organization, joined, chance)


def _arrivals(
    people: list[tuple[Colleague, Member]], started: datetime.datetime, chance: random.Random
) -> list[tuple[Member, datetime.datetime]]:
    arrivals = []
    for number, (colleague, member) in enumerate(people):
        if colleague.local == BEFORE_PROVISIONING:
            moment = LONG_AGO
        elif colleague.type != "provisioned":
            moment = started - datetime.timedelta(days=chance.randrange(30, 400), minutes=chance.randrange(400))
        elif number < AT_FIRST:
            moment = started + datetime.timedelta(minutes=10, seconds=2 * number)
        else:
            moment = some_cycle(chance)
        arrivals.append((member, moment))
    return arrivals


def _date_audit(
    organization: Organization,
    joined: dict[str, datetime.datetime],
    started: datetime.datetime,
    chance: random.Random,
) -> None:
    events = list(organization.audit.exclude(event=ProvisioningEvent.DISABLED).order_by("pk"))
    for number, event in enumerate(events):
        arrival = joined.get(event.subject_id, FOUNDED)
        if event.event in (ProvisioningEvent.ENABLED, ProvisioningEvent.TOKEN_ISSUED):
            event.at = started
        elif event.event in (Event.ROLE_CHANGED, Event.ACCOUNT_CHANGED, Event.ACCOUNT_DEACTIVATED):
            event.at = some_cycle(chance)
        elif event.event in (Event.ACCOUNT_CREATED, Event.MEMBER_ADDED):
            event.at = arrival
        else:
            # An administrator gives out teams and licences within the hour.
            event.at = arrival + datetime.timedelta(minutes=5 + number % 50)
    AuditEvent.objects.bulk_update(events, ["at"])


def _date_members(organization: Organization, joined: dict[str, datetime.datetime], chance: random.Random) -> None:
    last_change = dict(organization.audit.order_by("at").values_list("subject_id", "at"))
    members = list(organization.members.select_related("account"))
    for member in members:
        member.created_at = member.account.created_at = joined.get(member.scim_id, FOUNDED)
        member.modified_at = last_change[member.scim_id]
        if member.account.type == Account.Type.PROVISIONED:
            at = max(member.modified_at, some_cycle(chance))
            Synchronization.objects.filter(member=member).update(at=at)
    Member.objects.bulk_update(members, ["created_at", "modified_at"])
    Account.objects.bulk_update([member.account for member in members], ["created_at"])
