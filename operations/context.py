"""What a request is called, for everything that writes about it: logs, error pages, the sync activity."""

import re
import secrets
import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from operations import metrics

_USABLE = re.compile(r"[A-Za-z0-9_-]{8,32}")


@dataclass(slots=True)
class Told:
    """What is known of the request by now: its id, its door, then organization and account as they are found."""

    request_id: str
    fields: dict[str, Any] = field(default_factory=dict)


_now: ContextVar[Told | None] = ContextVar("request", default=None)


@contextmanager
def telling(request: HttpRequest) -> Iterator[Told]:
    told = Told(_sent_id(request) or new_id(), {"door": door_of(request.path_info)})
    token = _now.set(told)
    try:
        yield told
    finally:
        _now.reset(token)


def bind(**fields: Any) -> None:
    """Stands in every line of the log from here to the end of the request."""
    told = _now.get()
    if told:
        told.fields.update(fields)


def forget() -> None:
    """What the first answer has found out, before the second."""
    told = _now.get()
    if told:
        told.fields = {"door": told.fields["door"]}


def refused(code: str) -> None:
    """By a rule: in the line of the request, and counted by its code, once however often it is said."""
    told = _now.get()
    if told and told.fields.get("refused") != code:
        told.fields["refused"] = code
        metrics.refusals.labels(told.fields["door"], code).inc()


def now() -> Told | None:
    return _now.get()


def request_id() -> str:
    """Of the request that is being answered; outside of one a new id."""
    told = _now.get()
    return told.request_id if told else new_id()


def new_id() -> str:
    """In the order of time, so that an index of ids grows at one end."""
    return f"{time.time_ns() // 1000:015x}{secrets.token_hex(6)}"


def _sent_id(request: HttpRequest) -> str:
    """The id that our own proxy has given it. Anybody else could give his requests somebody's id."""
    sent = request.META.get("HTTP_X_REQUEST_ID", "") if settings.TRUSTED_PROXIES else ""
    return sent if _USABLE.fullmatch(sent) else ""


def door_of(path: str) -> str:
    return next((door for door, address in settings.DOORS.items() if address.match(path)), "page")
