"""The addresses that machines ask: /healthz, /readyz and /metrics.

Answered before anything looks at the Host header or at the scheme, because load balancers come by IP address and
over plain HTTP.
"""

import hmac
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, JsonResponse

from operations import metrics, readiness


class Probes:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        probe = _PROBES.get(request.path_info)
        if probe is None or (probe is _metrics and not settings.METRICS_TOKEN):
            return self.get_response(request)
        is_read = request.method in ("GET", "HEAD")
        response = probe(request) if is_read else HttpResponseNotAllowed(["GET", "HEAD"])
        response["Cache-Control"] = "no-store"
        # They do not pass the middleware that says so elsewhere.
        response["X-Content-Type-Options"] = "nosniff"
        return response


def _health(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok\n", content_type="text/plain")


def _readiness(request: HttpRequest) -> HttpResponse:
    problems = readiness.problems()
    is_ready = not any(problems.values())
    checks = {name: problem or "ok" for name, problem in problems.items()}
    return JsonResponse({"ready": is_ready, "checks": checks}, status=200 if is_ready else 503)


def _metrics(request: HttpRequest) -> HttpResponse:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    is_known = hmac.compare_digest(token.strip().encode(), settings.METRICS_TOKEN.encode())
    if scheme.casefold() != "bearer" or not is_known:
        return HttpResponse(status=401, headers={"WWW-Authenticate": 'Bearer realm="metrics"'})
    content = metrics.exposition(by_organization=request.GET.get("by") == "organization")
    return HttpResponse(content, content_type="text/plain; version=0.0.4; charset=utf-8")


_PROBES = {"/healthz": _health, "/readyz": _readiness, "/metrics": _metrics}
