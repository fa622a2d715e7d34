"""The log: one JSON object a line, or a line to read; one line a request; faults of the database once a second."""

import json
import logging
import time
from datetime import UTC, datetime
from threading import Lock
from typing import Any

from django.http import HttpRequest

from operations import context
from operations.faults import Fault, fault_in
from operations.log_masking import masked_path

access = logging.getLogger("access")
database = logging.getLogger("database")


# Encoder in ASCII, for halves of characters; made once, because `dumps` would make one for each line.
_encode = json.JSONEncoder(default=str).encode


class JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "logger": record.name,
            "event": record.getMessage(),
            **_of_request(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            line["exception"] = record.exc_text or self.formatException(record.exc_info)
        return _encode(line)


class ReadableLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        fields = {**_of_request(), **getattr(record, "fields", {})}
        at = datetime.fromtimestamp(record.created, UTC).strftime("%H:%M:%S")
        said = "".join(f" {name}={_one_line(value)}" for name, value in fields.items())
        line = f"{at} {record.levelname} {record.name} {_one_line(record.getMessage())}{said}"
        return f"{line}\n{record.exc_text or self.formatException(record.exc_info)}" if record.exc_info else line


def _one_line(value: Any) -> str:
    """The text in one line: no address or message can break it."""
    return str(value).translate(dict.fromkeys((*range(32), 127, 133, 8232, 8233), "?"))


def _of_request() -> dict[str, Any]:
    known = context.now()
    return {"request_id": known.request_id, **known.fields} if known else {}


class OnlyUncaught(logging.Filter):
    """A filter for Django's own loggers of requests, which keeps mistakes of ours only.

    What was refused stands in the line of the request, a fault of the database has its own line.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        return error is not None and getattr(record, "status_code", 500) >= 500 and fault_in(error) is None


def answered(request: HttpRequest, door: str, status: int, seconds: float) -> None:
    """The line of a request. Its query is left out: filters hold names, links hold secrets."""
    # 501 is no fault: a client has asked for what is not offered.
    level = logging.INFO if status < 500 or status == 501 else logging.WARNING if status == 503 else logging.ERROR
    if door == "probe" and status < 500:
        level = logging.DEBUG
    if not access.isEnabledFor(level):
        return
    fields = {
        "method": (request.method or "")[:10],
        "path": masked_path(request.path[:300], status),
        "status": status,
        "duration_ms": round(seconds * 1000, 1),
    }
    access.log(level, "request", extra={"fields": fields})


class OncePerSecond:
    """One line for each kind of fault and second, with the number of those that were left out."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._last: dict[str, float] = {}
        self._left_out: dict[str, int] = {}

    def write(self, fault: Fault) -> None:
        name, now = fault.kind.name, time.monotonic()
        with self._lock:
            if now - self._last.get(name, 0.0) < 1:
                self._left_out[name] = self._left_out.get(name, 0) + 1
                return
            self._last[name] = now
            left_out = self._left_out.pop(name, 0)
        fields = {"fault": name, "detail": fault.words, "left_out": left_out}
        database.error("Database fault: %s", name, extra={"fields": fields})


fault = OncePerSecond().write
