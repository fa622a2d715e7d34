"""The outermost middleware: every request gets an id, one line in the log and, when the database fails, an answer."""

import time
from collections.abc import Callable
from functools import cache

from django.conf import settings
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.utils.module_loading import import_string
from prometheus_client import Counter, Histogram

from operations import context, faults, logs, metrics, repeating


class FrontDoor:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        started = time.perf_counter()
        with context.entered(request) as known:
            response = self._answer(request)
            response["X-Request-Id"] = known.request_id
            seconds, door = time.perf_counter() - started, known.fields["door"]
            _count(door, response.status_code, seconds)
            logs.answered(request, door, response.status_code, seconds)
        return response

    def _answer(self, request: HttpRequest) -> HttpResponse:
        environ = request.META.copy()
        repeating.begin()
        response = self.get_response(request)
        fault = faults.noted(request)
        if fault is None:
            return response
        _clean_up(fault)
        second = repeating.again(request, environ, fault)
        if second is None:
            return _unavailable(request, response, fault)
        context.forget()
        response = self.get_response(second)
        fault = faults.noted(second)
        if fault is None:
            metrics.repeated.inc()
            return response
        _clean_up(fault)
        return _unavailable(second, response, fault)


def _count(door: str, status: int, seconds: float) -> None:
    requests, durations = _counters(door, status)
    requests.inc()
    durations.observe(seconds)
    if status == 429 and door != "scim":
        metrics.throttled.inc()


@cache
def _counters(door: str, status: int) -> tuple[Counter, Histogram]:
    """The counters with these labels, which the library would look for at each request."""
    return metrics.requests.labels(door, status), metrics.durations.labels(door)


def _clean_up(fault: faults.Fault) -> None:
    metrics.database_faults.labels(fault.kind.name).inc()
    logs.fault(fault)
    if fault.kind.ends_connection:
        connection.close()


def _unavailable(request: HttpRequest, response: HttpResponse, fault: faults.Fault) -> HttpResponse:
    """The 503 in the form of the door: its own answer if it has given one, else the page."""
    if response.status_code != 503:
        page: Callable[[HttpRequest], HttpResponse] = import_string(settings.UNAVAILABLE_VIEW)
        response = page(request)
    response["Retry-After"] = str(fault.kind.retry_after)
    response["Cache-Control"] = "no-store"
    return response
