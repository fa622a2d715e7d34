"""The short way of a request that is as it should be: one statement finds the caller and what is asked for, or what a
change asks of a user.

Whatever is odd about a request takes the long way, through the addresses and django-scim2's views, which says what is
wrong. Both lead to the same functions and the same answer (tests/scim/test_short_way.py).
"""

import re
from functools import lru_cache

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, URLResolver, get_resolver

from members.refusals import Refusal
from provisioning.models import Kind
from provisioning.scim.wire.answering import answered, done, operation_of
from provisioning.scim.wire.authentication import authenticate
from provisioning.scim.wire.call import Call
from provisioning.scim.wire.requests import MAX_BODY, has_body, has_many_parameters
from provisioning.scim.wire.resource_type import ResourceType

_PLAIN = re.compile(r"/spaces/([^/\x00]++)/scim/v2(/([A-Za-z]++)(?:/([\w-]++))?)", re.ASCII)

_READS, _WITH_BODY = (Kind.READ, Kind.SEARCH), (Kind.CREATE, Kind.REPLACE, Kind.PATCH)
# By the method, and whether the address has an id.
_KINDS = {
    ("GET", True): Kind.READ, ("GET", False): Kind.SEARCH, ("POST", False): Kind.CREATE,
    ("PUT", True): Kind.REPLACE, ("PATCH", True): Kind.PATCH, ("DELETE", True): Kind.DELETE,
}  # fmt: skip


def answer(call: Call, request: HttpRequest) -> HttpResponse | None:
    """The answer, or None where the long way has to be taken. Raises the refusals of `authenticate`."""
    address = _PLAIN.fullmatch(request.path_info)
    kind = _KINDS.get((request.method or "", bool(address[4]))) if address else None
    if address is None or kind is None or _has_odd_body(request, kind) or has_many_parameters(request):
        return None
    # Nothing in it would be escaped.
    space_key, call.path, endpoint, scim_id = address.groups()
    resource = _resource_at(get_resolver(settings.SCIM_URLCONF), f"/spaces/-/scim/v2/{endpoint}")
    if resource is None:
        return None
    try:
        operation = operation_of(call, resource, kind, scim_id or "")
    except Refusal:
        return None
    finally:
        # Nothing is kept of what somebody has sent who is not let in.
        call.body = None
    call.resource, call.scim_id = resource, scim_id or ""
    is_sought = kind in _READS or kind in resource.tried
    operation.sought = resource.sought(operation) if is_sought else None
    operation.brought = authenticate(call, request, space_key, operation.sought)
    call.body = operation.body if kind in _WITH_BODY else None
    return answered(call, kind, lambda caller: done(call, caller, resource, operation))


def _has_odd_body(request: HttpRequest, kind: Kind) -> bool:
    """Whether there is a body where there should be none, or one that is large or whose length nobody knows."""
    if kind not in _WITH_BODY:
        return has_body(request)
    length = request.META.get("CONTENT_LENGTH") or ""
    return not length.isdecimal() or int(length) > MAX_BODY


@lru_cache
def _resource_at(resolver: URLResolver, path: str) -> ResourceType | None:
    """The resource whose collection is at this address."""
    try:
        view = resolver.resolve(path).func
    except Resolver404:
        return None
    found: ResourceType | None = getattr(view, "view_initkwargs", {}).get("resource")
    return found
