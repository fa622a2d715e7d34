"""One SCIM call: its caller and its answer."""

import logging
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import orjson
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.encoding import escape_uri_path

from members.refusals import Refusal
from operations import context, faults
from operations.answers import Answer
from provisioning.models import Kind, limit
from provisioning.scim.wire import recording
from provisioning.scim.wire.caller import Caller
from provisioning.scim.wire.masking import Masking
from provisioning.scim.wire.operations import Outcome, Subject
from provisioning.scim.wire.refusals import (
    BadToken,
    ServerFailure,
    TooManyRequests,
    Unavailable,
    UnsupportedEncoding,
    wire,
)
from provisioning.scim.wire.resource_type import NOTHING, ResourceType

logger = logging.getLogger(__name__)
CONTENT_TYPE = "application/scim+json"
NO_HEADERS: Mapping[str, str] = {}
ERROR = "urn:ietf:params:scim:api:messages:2.0:Error"


@dataclass(frozen=True)
class Part:
    """An operation of a Bulk, with the address that a request of its own would have."""

    method: str
    path: str
    scim_id: str = ""


@dataclass
class Call:
    request: HttpRequest
    started: float = field(default_factory=time.perf_counter)
    request_id: str = field(default_factory=context.request_id)
    # Caller; None until a token of the organization has opened the door. Only then the call is recorded.
    caller: Caller | None = None
    # Resource of the address, if it has one.
    resource: ResourceType | None = None
    kind: Kind = Kind.OTHER
    body: dict[str, Any] | None = None
    subject: Subject = field(default_factory=Subject)
    outcome: Outcome | None = None
    refusal: Refusal | None = None
    is_recorded: bool = False
    # The id in the address, once its view is called.
    scim_id: str = ""
    part: Part | None = None

    def part_of(self, part: Part, resource: ResourceType | None, kind: Kind) -> "Call":
        """The call that an operation of a Bulk is."""
        return Call(
            self.request, request_id=self.request_id, caller=self.caller, resource=resource, kind=kind, part=part
        )

    @property
    def method(self) -> str:
        return self.part.method if self.part else self.request.method or ""

    @cached_property
    def path(self) -> str:
        """The address below the SCIM URL."""
        if self.part:
            return self.part.path
        return escape_uri_path(self.request.path).partition("/scim/v2")[2]

    @property
    def query(self) -> str:
        return "" if self.part else self.request.META.get("QUERY_STRING", "")

    def take_pace(self, requests: int) -> None:
        """Count so many requests at once, before anything of them is done. Raises TooManyRequests."""
        assert self.caller
        most = limit.limit()
        if seconds := limit.take(self.caller.organization.pk, requests):
            raise TooManyRequests(rate=f"{most.rate:g}", burst=most.burst, seconds=seconds)

    def record(self, status: int) -> None:
        recording.record(self, status)

    @property
    def masking(self) -> Masking:
        return self.resource.masking if self.resource else NOTHING

    def finish(self, outcome: Outcome) -> HttpResponse:
        """The answer of a handler."""
        self.outcome = outcome
        headers = {"ETag": outcome.version, "Location": outcome.location}
        sent = {name: value for name, value in headers.items() if value}
        return self.answer(outcome.status, outcome.document, sent)

    def answer(
        self, status: int, document: dict[str, Any] | None = None, headers: Mapping[str, str] = NO_HEADERS
    ) -> HttpResponse:
        """A response; its line in the sync activity is written with it, inside the transaction of the change."""
        content = orjson.dumps(document) if document is not None else b""
        # Neither 204 nor 304 may say a length of 0 (RFC 9110 §8.6); HEAD says that of GET.
        length = {} if document is None else {"Content-Length": str(len(content))}
        sent = b"" if self.request.method == "HEAD" else content
        response = Answer(
            sent, status, {"Content-Type": CONTENT_TYPE, **headers, **length, "Cache-Control": "no-store"}
        )
        self.record(status)
        return response

    def refuse(self, refusal: Refusal) -> HttpResponse:
        """The answer that a refusal is on the wire. Nothing of the change has stayed."""
        status, document = self.refused(refusal)
        headers: dict[str, str] = {}
        if isinstance(refusal, BadToken):
            headers["WWW-Authenticate"] = 'Bearer realm="SCIM"'
        elif isinstance(refusal, TooManyRequests):
            headers["Retry-After"] = str(refusal.seconds)
        elif isinstance(refusal, UnsupportedEncoding):
            headers["Accept-Encoding"] = "gzip"  # RFC 9110 §15.5.16
        return self.answer(status, document, headers)

    def refused(self, refusal: Refusal) -> tuple[int, dict[str, Any]]:
        """The status and the SCIM error (RFC 7644 §3.12)."""
        if self.resource and (field := refusal.figures.get("field")):
            refusal.figures["field"] = self.resource.paths.get(field, field)
        self.masking.refusal(refusal)
        self.refusal, self.outcome = refusal, None
        if self.resource:
            self.resource.refused(self, refusal)
        status, scim_type = wire(refusal)
        if status < 500:
            context.refused(refusal.code)
        document = {"schemas": [ERROR], "status": str(status)}
        if scim_type:
            document["scimType"] = scim_type
        document["detail"] = self.detail
        return status, document

    def fail(self, error: Exception) -> HttpResponse:
        """The answer to an unexpected exception: the log gets the traceback, the client the request id.

        A fault of the database is for FrontDoor to repeat or to answer.
        """
        self.is_recorded = True
        if faults.note(self.request, error):
            return self.refuse(Unavailable())
        logger.exception("SCIM call %s failed", self.request_id)
        return self.refuse(ServerFailure(request=self.request_id))

    @property
    def detail(self) -> str:
        """The sentence in English, whatever language is active in this thread."""
        if self.refusal is None:
            return ""
        with translation.override("en"):
            return str(self.refusal)
