"""A Bulk, done: each operation by itself, in a transaction of its own, with a line of its own in the sync activity.

In the order in which they were sent, but that one that refers to what another makes comes after it, and before all
that was sent behind both.
"""

import logging
from dataclasses import dataclass, field
from heapq import heappop, heappush
from typing import Any

from django.db import connection
from django.http import HttpResponse

from members.refusals import Refusal
from operations import faults
from provisioning.models import Kind
from provisioning.scim.wire import refusals
from provisioning.scim.wire.answering import versions_in
from provisioning.scim.wire.bulk import Entry, entries_of, fail_on_errors
from provisioning.scim.wire.bulk_ids import references_of, resolved
from provisioning.scim.wire.call import Call, Part
from provisioning.scim.wire.caller import Caller
from provisioning.scim.wire.operations import Conditions, Operation, Outcome
from provisioning.scim.wire.requests import body_of
from provisioning.scim.wire.resource_type import ResourceType

logger = logging.getLogger(__name__)
RESPONSE = "urn:ietf:params:scim:api:messages:2.0:BulkResponse"


def bulk(call: Call, caller: Caller, resources: tuple[ResourceType, ...]) -> HttpResponse:
    body = body_of(call.request)
    entries, most = entries_of(body, resources), fail_on_errors(body)
    call.take_pace(max(1, len(entries)))
    run = _Run(call, caller, entries)
    run.all(most)
    # Each operation has written its own line.
    call.is_recorded = bool(entries)
    answers = [run.answers[place] for place in sorted(run.answers)]
    return call.answer(200, {"schemas": [RESPONSE], "Operations": answers})


@dataclass
class _Run:
    call: Call
    caller: Caller
    entries: list[Entry]
    # By their places in the request.
    answers: dict[int, dict[str, Any]] = field(default_factory=dict)
    # bulkId -> id of what has been made.
    made: dict[str, str] = field(default_factory=dict)
    errors: int = 0
    # Whether the database has failed, so that nothing more is tried.
    is_ended: bool = False

    def all(self, most_errors: int | None) -> None:
        """Do them until so many have failed, always the first one that need not wait for another."""
        wanted = [references_of(entry) if entry.refusal is None else set() for entry in self.entries]
        owners = {entry.bulk_id: place for place, entry in enumerate(self.entries) if entry.kind is Kind.CREATE}
        awaited = [{owners[name] for name in names if name in owners} for names in wanted]
        waiting: dict[int, list[int]] = {}
        for place, others in enumerate(awaited):
            for other in others:
                waiting.setdefault(other, []).append(place)
        # In the order of a heap.
        ready = [place for place, others in enumerate(awaited) if not others]
        while ready and not self._has_failed(most_errors):
            place = heappop(ready)
            self._one(place, wanted[place])
            for other in waiting.get(place, ()):
                awaited[other].discard(place)
                if not awaited[other]:
                    heappush(ready, other)
        self._refuse_circles(most_errors)

    def _has_failed(self, most_errors: int | None) -> bool:
        return most_errors is not None and self.errors >= most_errors

    def _refuse_circles(self, most_errors: int | None) -> None:
        """Refuse those that are left because they wait for each other."""
        for place, entry in enumerate(self.entries):
            if place not in self.answers and not self._has_failed(most_errors):
                entry.refusal = refusals.CircularReference()
                self._one(place, set())

    def _one(self, place: int, wanted: set[str]) -> None:
        entry = self.entries[place]
        if entry.refusal is None and not wanted <= self.made.keys():
            entry.refusal = refusals.NothingMade()
        answer = self._answer(entry)
        self.errors += int(answer["status"]) >= 400
        self.answers[place] = answer

    def _answer(self, entry: Entry) -> dict[str, Any]:
        part = self.call.part_of(Part(entry.method or "?", entry.path, entry.id), entry.resource, entry.kind)
        part.body = entry.data or None
        answer: dict[str, Any] = {"method": entry.method} | ({"bulkId": entry.bulk_id} if entry.bulk_id else {})
        try:
            outcome = self._outcome(part, entry)
        except Refusal as refusal:
            return answer | self._refused(part, entry, refusal)
        except Exception as error:
            return answer | self._failed(part, entry, error)
        if entry.kind is Kind.CREATE:
            self.made[entry.bulk_id] = outcome.location.rpartition("/")[2]
        location = outcome.location or self._location(part)
        version = {"version": outcome.version} if outcome.version else {}
        return answer | {"location": location, **version, "status": str(outcome.status)}

    def _outcome(self, part: Call, entry: Entry) -> Outcome:
        if self.is_ended:
            raise refusals.Unavailable
        if entry.refusal:
            raise entry.refusal
        assert entry.resource
        scim_id, data = resolved(entry, self.made)
        part.body = data if entry.kind is not Kind.DELETE else None
        part.part = Part(entry.method, f"/{entry.resource.endpoint}" + (f"/{scim_id}" if scim_id else ""), scim_id)
        conditions = Conditions(wanted=versions_in(entry.version))
        if entry.kind is Kind.CREATE:
            conditions.check_new()
        operation = Operation(entry.kind, scim_id, data, conditions)
        part.subject = operation.subject
        with entry.resource.handlers[entry.kind](self.caller, operation) as outcome:
            part.outcome = outcome
            part.record(outcome.status)
            return outcome

    def _refused(self, part: Call, entry: Entry, refusal: Refusal) -> dict[str, Any]:
        """The line of the change was undone with it."""
        part.is_recorded = False
        status, document = part.refused(refusal)
        part.record(status)
        where = {} if entry.kind is Kind.CREATE else {"location": self._location(part)}
        return {**where, "status": str(status), "response": document}

    def _failed(self, part: Call, entry: Entry, error: Exception) -> dict[str, Any]:
        """An unexpected exception. After a fault of the database the rest is not tried; if nothing has been done yet,
        FrontDoor repeats or answers the whole request.
        """
        fault = faults.fault_in(error)
        if fault and not self.answers:
            raise error
        if fault:
            self.is_ended = True
            logger.warning("SCIM Bulk %s was cut off: %s", self.call.request_id, fault.words)
            if fault.kind.ends_connection:
                connection.close()
            return self._refused(part, entry, refusals.Unavailable())
        logger.exception("SCIM call %s failed", self.call.request_id)
        return self._refused(part, entry, refusals.ServerFailure(request=self.call.request_id))

    def _location(self, part: Call) -> str:
        return self.caller.base.rstrip("/") + "/" + part.path.strip("/")
