"""The short way of a GET that is as it should be: one statement finds the caller and what is asked for.

Whatever is odd about a request takes the long way, through the addresses and django-scim2's views, which says what is
wrong. Both lead to the same functions and the same answer (tests/scim/test_short_way.py).
"""

import re
from dataclasses import replace
from functools import lru_cache

from django.http import HttpRequest, HttpResponse
from django.urls import Resolver404, URLResolver, get_resolver

from members.refusals import Refusal
from provisioning.models import Kind
from provisioning.scim.wire.answering import answered, done, operation_of
from provisioning.scim.wire.authentication import authenticate
from provisioning.scim.wire.call import Call
from provisioning.scim.wire.requests import has_body, has_many_parameters
from provisioning.scim.wire.resource_type import ResourceType

_PLAIN = re.compile(r"/spaces/([^/\x00]++)/scim/v2/([A-Za-z]++)(?:/([\w-]++))?", re.ASCII)


def answer(call: Call, request: HttpRequest) -> HttpResponse | None:
    """The answer, or None where the long way has to be taken. Raises the refusals of `authenticate`."""
    address = _PLAIN.fullmatch(request.path_info) if request.method == "GET" else None
    if address is None or has_body(request) or has_many_parameters(request):
        return None
    space_key, endpoint, scim_id = address.groups()
    resource = _resource_at(get_resolver(), f"/spaces/-/scim/v2/{endpoint}")
    if resource is None:
        return None
    kind = Kind.READ if scim_id else Kind.SEARCH
    try:
        operation = operation_of(call, resource, kind, scim_id or "")
    except Refusal:
        return None
    call.resource = resource
    brought = authenticate(call, request, space_key, resource.sought(operation))
    sought = replace(operation, brought=brought)
    return answered(call, kind, lambda caller: done(call, caller, resource, sought))


@lru_cache
def _resource_at(resolver: URLResolver, path: str) -> ResourceType | None:
    """The resource whose collection is at this address."""
    try:
        view = resolver.resolve(path).func
    except Resolver404:
        return None
    found: ResourceType | None = getattr(view, "view_initkwargs", {}).get("resource")
    return found
