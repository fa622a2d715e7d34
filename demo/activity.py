"""Two weeks of sync activity: the changes that the audit trail tells of, reads around them, and failures.

The rows are written at once and with past dates; nothing but the SCIM door writes them otherwise.
"""

import datetime
import json
import random
import uuid
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote

from django.utils import timezone, translation

from demo import entra
from demo.failures import failures
from demo.past import CYCLE, CYCLES, last_cycle
from demo.people import COLLEAGUES
from members.models import AuditEvent, Event, Organization
from members.refusals import Refusal
from provisioning.models import ActivityHour, BadTokenCount, Kind, ProvisioningSettings, ScimToken, SyncActivity
from provisioning.models.hours import recount
from provisioning.models.words import words
from provisioning.scim.users.identities import identities
from provisioning.scim.users.sent_fields import sent_fields

BY_METHOD = {"POST": Kind.CREATE, "PUT": Kind.REPLACE, "PATCH": Kind.PATCH, "DELETE": Kind.DELETE, "GET": Kind.READ}
PATHS = {
    "display_name": "displayName",
    "name": "name.formatted",
    "language": "preferredLanguage",
    "role": entra.PRIMARY_ROLE,
}
PROVISIONED = [colleague.in_directory() for colleague in COLLEAGUES if colleague.type == "provisioned"]
STATUS = {"POST": 201, "PATCH": 200, "GET": 200}


def two_weeks(organization: Organization, token: ScimToken) -> None:
    chance = random.Random(14)  # noqa: S311 - the same picture at every seeding
    with translation.override("en"):
        rows = [*_changes(organization, chance), *_reads(chance), *_failures(organization, chance)]
    for row in rows:
        row.organization, row.token_prefix = organization, token.prefix
        filter_text = unquote(row.path.partition("filter=")[2])
        row.search = words(organization.pk, identities(row.path, filter_text, json.loads(row.body or "{}")))
    SyncActivity.objects.bulk_create(sorted(rows, key=lambda row: row.at), batch_size=500)
    sent = (json.loads(row.body) for row in rows if row.body and not row.is_refused)
    ProvisioningSettings.note_sent(organization.pk, set().union(*map(sent_fields, sent)))
    recount(organization.pk, SyncActivity.objects.all(), ActivityHour.objects.all())
    _calls_since_expiry(organization)


def _row(at: datetime.datetime, request: entra.Request, chance: random.Random, **more: Any) -> SyncActivity:
    kind = Kind.SEARCH if "filter=" in request.path else BY_METHOD[request.method]
    defaults = {"status": STATUS.get(request.method, 204), "is_lasting": False}
    return SyncActivity(
        at=at,
        request_id=uuid.UUID(int=chance.getrandbits(128)).hex,
        kind=kind,
        method=request.method,
        path=request.path,
        duration_ms=chance.randrange(9, 34) + (chance.randrange(10, 60) if request.body else 0),
        body=json.dumps(request.body, ensure_ascii=False, separators=(",", ":")) if request.body else "",
        **(defaults | more),
    )


def _changes(organization: Organization, chance: random.Random) -> Iterator[SyncActivity]:
    since = timezone.now() - datetime.timedelta(days=14)
    people = {person.object_id: person for person in PROVISIONED}
    members = {member.scim_id: member for member in organization.members.exclude(external_id=None)}
    for event in organization.audit.filter(operator_kind="provisioning", at__gte=since).order_by("at"):
        member = members[event.subject_id]
        person = people[member.external_id or ""]
        request = _request_for(event, person)
        asked = entra.search(person.user_name) if request.method == "POST" else entra.read(event.subject_id)
        yield _row(event.at - datetime.timedelta(seconds=1), asked, chance, subject=event.subject)
        yield _row(
            event.at, request, chance,
            subject_id=event.subject_id, subject=event.subject, changes=_as_the_door_tells(event), is_lasting=True,
            ignored=["roles.type"] if request.method == "POST" else [],
        )  # fmt: skip


def _as_the_door_tells(event: AuditEvent) -> dict[str, list[Any]]:
    """The changes as the SCIM door records them: a new account had no values before, licences are left out."""
    changes = {field: change for field, change in event.changes.items() if field != "licences"}
    if event.event == Event.ACCOUNT_CREATED:
        return {field: [None, after] for field, (_, after) in changes.items()}
    return changes


def _request_for(event: AuditEvent, person: entra.Person) -> entra.Request:
    if event.event == Event.ACCOUNT_CREATED:
        return entra.create(person)
    if event.event == Event.ACCOUNT_DEACTIVATED:
        return entra.switch(event.subject_id, False, compliant=False)
    attributes = person.attributes()
    changed = {PATHS[field] for field in event.changes if field in PATHS}
    return entra.change(event.subject_id, attributes | dict.fromkeys(changed, ""), attributes, compliant=False)


def _reads(chance: random.Random) -> Iterator[SyncActivity]:
    """The reads of each cycle, which looks up the people who have changed in the directory, more of them by day."""
    for number in range(CYCLES):
        begun = last_cycle() - number * CYCLE
        # Daytime in Tokyo.
        most = 5 if begun.hour < 10 else 1
        for person in chance.sample(PROVISIONED, chance.randrange(most + 1)):
            at = begun + datetime.timedelta(seconds=chance.random() * 60)
            yield _row(at, entra.search(person.user_name), chance, subject=person.display_name)


def _failures(organization: Organization, chance: random.Random) -> Iterator[SyncActivity]:
    ids = {member.unique_id: member.scim_id for member in organization.members.all()}
    for failure in failures(ids.__getitem__):
        refusal: Refusal = failure.refusal
        for number in range(failure.times):
            # An IdP tries again in the next cycles, less and less often.
            at = last_cycle() - (failure.cycles_ago + number * (number + 1)) * CYCLE
            yield _row(
                at + datetime.timedelta(seconds=20 + chance.random() * 40), failure.request, chance,
                status=failure.status, subject=failure.subject, reason=refusal.code, figures=refusal.figures,
                detail=str(refusal), is_lasting=True,
            )  # fmt: skip


def _calls_since_expiry(organization: Organization) -> None:
    for number in range(1, 4):
        minute = (last_cycle() + number * CYCLE).replace(second=0, microsecond=0)
        BadTokenCount.objects.create(organization=organization, address="198.51.100.20", minute=minute, calls=number)
