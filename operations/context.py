"""The id and the facts of a request, for everything that writes about it: logs, error pages, the sync activity."""

import random
import re
import time
from contextvars import ContextVar, Token
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from operations import metrics

_USABLE = re.compile(r"[A-Za-z0-9_-]{8,32}")


@dataclass(slots=True)
class Context:
    """The facts about the present request: its id, its door, then organization and account as they are found."""

    request_id: str
    fields: dict[str, Any] = field(default_factory=dict)
    _before: "Token[Context | None] | None" = None

    def __enter__(self) -> "Context":
        self._before = _now.set(self)
        return self

    def __exit__(self, *_: object) -> None:
        if self._before:
            _now.reset(self._before)


_now: ContextVar[Context | None] = ContextVar("request", default=None)


def entered(request: HttpRequest) -> Context:
    """The facts of a request, which are the present ones while they are entered."""
    return Context(_sent_id(request) or new_id(), {"door": door_of(request.path_info)})


def bind(**fields: Any) -> None:
    """Add fields to every line of the log from here to the end of the request."""
    context = _now.get()
    if context:
        context.fields.update(fields)


def forget() -> None:
    """Drop the facts of the first answer before the second one is made."""
    context = _now.get()
    if context:
        context.fields = {"door": context.fields["door"]}


def refused(code: str) -> None:
    """Note a refusal in the request's line of the log and count it by code, once however often it is shown."""
    context = _now.get()
    if context and context.fields.get("refused") != code:
        context.fields["refused"] = code
        metrics.refusals.labels(context.fields["door"], code).inc()


def now() -> Context | None:
    return _now.get()


def request_id() -> str:
    """The id of the present request; a new id outside of one."""
    context = _now.get()
    return context.request_id if context else new_id()


def new_id() -> str:
    """A new id. Ids are in the order of time, so that an index of them grows at one end. They are no secrets: to ask
    the kernel for their end would let another thread of the process go first.
    """
    return f"{time.time_ns() // 1000:015x}{random.getrandbits(48):012x}"


def _sent_id(request: HttpRequest) -> str:
    """The id that our own proxy has given, or "". From anybody else it is not taken: it could be another request's."""
    sent = request.META.get("HTTP_X_REQUEST_ID", "") if settings.TRUSTED_PROXIES else ""
    return sent if _USABLE.fullmatch(sent) else ""


def door_of(path: str) -> str:
    return next((door for door, address in settings.DOORS.items() if address.match(path)), "page")
