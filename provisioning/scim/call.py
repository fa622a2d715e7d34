"""One SCIM call: who calls, what came of it, and its line in the sync activity."""

import logging
import time
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

import orjson
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.utils import translation

from members.actors import Actor
from members.models import Organization
from members.refusals import KeptOut, Refusal
from operations import context
from provisioning.models import Kind, ProvisioningSettings, SyncActivity, UnrecordedCalls, unrecorded
from provisioning.models.activity import WRITES
from provisioning.models.words import words
from provisioning.scim import departures
from provisioning.scim.identities import identities
from provisioning.scim.masking import masked, masked_address, masked_ignored, without_nul
from provisioning.scim.refusals import BadToken, UnsupportedEncoding, wire
from provisioning.scim.requests import literal_filter
from provisioning.scim.resource import base_url
from provisioning.scim.sent_fields import sent_fields
from provisioning.scim.wanted import PATH_OF

logger = logging.getLogger(__name__)
CONTENT_TYPE = "application/scim+json"
ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"
IGNORED_MOST = 100


class Caller(NamedTuple):
    """The token as it was found; the issuer's language and time zone are the defaults of new members."""

    token_id: int
    prefix: str
    expires_at: datetime | None
    last_used_at: datetime | None
    last_used_by: str
    language: str | None
    time_zone: str | None
    is_enabled: bool
    has_pass: bool
    sent_fields: str


@dataclass
class Call:
    request: HttpRequest
    started: float = field(default_factory=time.perf_counter)
    request_id: str = field(default_factory=context.request_id)
    # Of the token that was sent, whatever it is worth.
    secret_hash: str = ""
    organization: Organization | None = None
    caller: Caller | None = None
    actor: Actor | None = None
    kind: Kind = Kind.OTHER
    body: dict[str, Any] | None = None
    subject_id: str = ""
    subject: str = ""
    # What else is stored of the person it was about that identifies somebody.
    known: list[str] = field(default_factory=list)
    changes: dict[str, list[Any]] = field(default_factory=dict)
    ignored: list[str] = field(default_factory=list)
    refusal: Refusal | None = None
    # The one wish of a request that was done which was not granted.
    kept_out: KeptOut | None = None
    is_recorded: bool = False

    @property
    def base(self) -> str:
        assert self.organization is not None
        return base_url(self.organization.space_key)

    def answer(self, status: int, document: dict[str, Any] | None = None, **headers: str) -> HttpResponse:
        """A response; its line in the sync activity is written with it, inside the transaction of the change."""
        content = orjson.dumps(document) if document is not None else b""
        sent = b"" if self.request.method == "HEAD" else content
        response = HttpResponse(sent, content_type=CONTENT_TYPE, status=status)
        for name, value in headers.items():
            response[name.replace("_", "-")] = value
        if document is not None:
            # Neither 204 nor 304 may say a length of 0 (RFC 9110 §8.6); HEAD says that of GET.
            response["Content-Length"] = str(len(content))
        response["Cache-Control"] = "no-store"
        self.record(status)
        return response

    def refuse(self, refusal: Refusal) -> HttpResponse:
        """The SCIM error (RFC 7644 §3.12) that a refusal is on the wire. Nothing of the change has stayed."""
        if field := refusal.figures.get("field"):
            refusal.figures["field"] = PATH_OF.get(field, field)
        self.refusal, self.changes = refusal, {}
        departures.note(self, refusal)
        status, scim_type = wire(refusal)
        if status < 500:
            context.refused(refusal.code)
        document = {"schemas": [ERROR], "status": str(status)}
        if scim_type:
            document["scimType"] = scim_type
        document["detail"] = self.detail
        headers: dict[str, str] = {}
        if isinstance(refusal, BadToken):
            headers["WWW_Authenticate"] = 'Bearer realm="SCIM"'
        elif isinstance(refusal, UnsupportedEncoding):
            headers["Accept_Encoding"] = "gzip"  # RFC 9110 §15.5.16
        return self.answer(status, document, **headers)

    @property
    def detail(self) -> str:
        """In English, whatever language somebody else's page has just been in."""
        with translation.override("en"):
            return str(self.refusal) if self.refusal else ""

    def record(self, status: int) -> None:
        """Once, and only for calls with a token of ours: guesses are counted, not stored."""
        if self.organization is None or self.caller is None or self.is_recorded:
            return
        self.is_recorded = True
        self._note_sent(status)
        request = self.request
        is_write = self.kind in WRITES
        reason = self.refusal or self.kept_out
        row = SyncActivity(
            organization_id=self.organization.pk,
            search=words(self.organization.pk, [*self.known, *self._sent]),
            request_id=self.request_id,
            token_prefix=self.caller.prefix,
            kind=self.kind,
            method=(request.method or "")[:8],
            path=_address(request)[:500],
            status=status,
            duration_ms=int((time.perf_counter() - self.started) * 1000),
            subject_id=self.subject_id,
            subject=self.subject[:255],
            changes=self.changes,
            ignored=without_nul([masked_ignored(one) for one in self.ignored[:IGNORED_MOST]]),
            reason=reason.code if reason else "",
            figures=without_nul(reason.figures) if reason else {},
            detail=without_nul(self.detail),
            body=masked(self.body) if is_write and self.body is not None else "",
            is_lasting=bool(self.changes or reason) or status >= 400 or self.kind is Kind.DELETE,
        )
        if is_write and status < 400:
            row.log()
        else:
            self._record_if_possible(row)

    def _record_if_possible(self, row: SyncActivity) -> None:
        """Nothing has been changed, so a full disk is no reason to withhold the answer. The loss is counted."""
        try:
            row.log()
        except DatabaseError as error:
            logger.warning("SCIM call %s could not be recorded: %s", self.request_id, str(error).partition("\n")[0])
            UnrecordedCalls.count(row.organization_id)
            return
        if unrecorded.is_waiting():
            UnrecordedCalls.write_down()

    def _note_sent(self, status: int) -> None:
        """Which fields this IdP sends at all; written when it is the first time."""
        assert self.organization is not None
        assert self.caller is not None
        if status < 400 and self.body is not None and self.kind in WRITES:
            fields = sent_fields(self.body)
            if not fields <= set(self.caller.sent_fields.split()):
                ProvisioningSettings.note_sent(self.organization.pk, fields)

    @property
    def _sent(self) -> list[str]:
        body = self.body or {}
        return identities(
            self.request.path,
            literal_filter(self.request) or self.request.GET.get("filter") or body.get("filter"),
            body,
        )


def _address(request: HttpRequest) -> str:
    path = request.get_full_path().partition("?")[0].partition("/scim/v2")[2]
    return masked_address(path, request.META.get("QUERY_STRING", ""))
