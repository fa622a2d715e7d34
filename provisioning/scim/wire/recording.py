"""The line of a call in the sync activity, made of all that came of it."""

import logging
import time
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from django.db import DatabaseError

from members.models.work import current
from members.statements import new
from members.values import MAX_FULL_NAME
from provisioning.models import (
    Kind,
    ProvisioningSettings,
    RefusedBurst,
    SyncActivity,
    UnrecordedCalls,
    reads,
    unrecorded,
)
from provisioning.models.activity import WRITES
from provisioning.models.words import words
from provisioning.scim.wire.caller import Caller
from provisioning.scim.wire.masking import without_nul
from provisioning.scim.wire.operations import Outcome
from provisioning.scim.wire.refusals import TooManyRequests
from provisioning.scim.wire.requests import filter_in, literal_filter

if TYPE_CHECKING:
    from provisioning.scim.wire.call import Call

logger = logging.getLogger(__name__)
MAX_IGNORED = 100


def record(call: "Call", status: int) -> None:
    """Write the line, once, and only for calls with a token of ours: guesses are counted, not stored."""
    if call.caller is None or call.is_recorded:
        return
    call.is_recorded = True
    if isinstance(call.refusal, TooManyRequests) and _is_counted(call.caller):
        return
    _note_sent(call, call.caller, status)
    line = _line(call, call.caller, status)
    if isinstance(call.refusal, TooManyRequests):
        _record_if_possible(line, lambda line: RefusedBurst.log(SyncActivity(**line)))
    elif call.kind not in WRITES and call.part is None:
        reads.log(line, call.caller.token_id, call.outcome.position if call.outcome else None)
    elif status < 400:
        _log_change(call, call.caller, line)
    else:
        _record_if_possible(line, partial(_log, is_counted=call.part is not None))


def _is_counted(caller: Caller) -> bool:
    """Whether the refused request is counted in the line of a burst that is on."""
    try:
        return RefusedBurst.count(caller.organization.pk)
    except DatabaseError:
        return False


def _log_change(call: "Call", caller: Caller, line: dict[str, Any]) -> None:
    """Write the line with the change; of one that changes nothing, which holds no lock, as that of a read."""
    work = current()
    if work and work.is_idle and not line["is_lasting"] and call.part is None:
        work.afterwards.append(lambda: reads.log(line, caller.token_id, None))
    else:
        _log(line, is_counted=call.part is not None)


def _log(line: dict[str, Any], *, is_counted: bool) -> None:
    """Write the line of a write, which counts as a request if it is no part of one."""
    new(SyncActivity, **line).log(is_counted=is_counted)


def _line(call: "Call", caller: Caller, status: int) -> dict[str, Any]:
    """The values of a SyncActivity."""
    organization = caller.organization
    outcome = call.outcome or Outcome(status)
    subject = outcome.subject or call.subject
    reason = call.refusal or outcome.kept_out
    return {
        "organization_id": organization.pk,
        "search": words(organization.pk, [*subject.known, *_sent(call)]),
        "request_id": call.request_id,
        "token_prefix": caller.token_prefix,
        "kind": call.kind.value,
        "method": call.method[:8],
        "path": _address(call)[:500],
        "status": status,
        "duration_ms": int((time.perf_counter() - call.started) * 1000),
        "subject_id": subject.id,
        "subject": subject.name[:MAX_FULL_NAME],
        "changes": outcome.changes,
        "ignored": without_nul([call.masking.ignored(one) for one in outcome.ignored[:MAX_IGNORED]]),
        "reason": reason.code if reason else "",
        "figures": without_nul(reason.figures) if reason else {},
        "detail": without_nul(call.detail),
        "body": call.masking.body(call.body) if call.kind in WRITES and call.body is not None else "",
        "is_lasting": bool(outcome.changes or reason) or status >= 400 or call.kind is Kind.DELETE,
    }


def _record_if_possible(line: dict[str, Any], log: Callable[[dict[str, Any]], None]) -> None:
    """Write the line of a call that has changed nothing. A full disk is no reason to withhold its answer; the loss is
    counted.
    """
    try:
        log(line)
    except DatabaseError as error:
        logger.warning("SCIM call %s could not be recorded: %s", line["request_id"], str(error).partition("\n")[0])
        UnrecordedCalls.count(line["organization_id"])
        return
    if unrecorded.is_waiting():
        UnrecordedCalls.write_down()


def _note_sent(call: "Call", caller: Caller, status: int) -> None:
    """Note the fields that this IdP sends; written when one is new."""
    if status < 400 and call.body is not None and call.resource and call.kind in WRITES:
        fields = call.resource.sent_fields(call.body)
        if not fields <= caller.sent_fields:
            ProvisioningSettings.note_sent(caller.organization.pk, fields)


def _sent(call: "Call") -> list[str]:
    """The sent addresses and ids by which the call is found."""
    if call.resource is None:
        return []
    request, body = call.request, call.body or {}
    asked = (literal_filter(request) or filter_in(request.GET)) if request.META.get("QUERY_STRING") else None
    filter_text = asked or filter_in(body)
    return call.resource.identities(call.path, filter_text, body)


def _address(call: "Call") -> str:
    return call.masking.address(call.path, call.query)
