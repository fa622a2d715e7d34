"""What all endpoints share: refusals become SCIM errors, whatever django-scim2 would make of them."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.http import HttpResponse

from members.refusals import Refusal
from provisioning.models import Kind
from provisioning.scim import refusals
from provisioning.scim.call import Call
from provisioning.scim.door import fail
from provisioning.scim.resource import LIST

Handler = Callable[..., HttpResponse]


def answered(kind: Kind) -> Callable[[Handler], Handler]:
    """Refusals become SCIM errors inside the handler, before django-scim2 would put them in its own words."""

    def decorate(handler: Handler) -> Handler:
        @wraps(handler)
        def answer(self: Any, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
            call: Call = request.scim_call
            call.kind = kind
            try:
                return _tried(handler, self, call, **kwargs)
            except Exception as error:
                return fail(call, error)

        return answer

    return decorate


def _tried(handler: Handler, view: Any, call: Call, **kwargs: Any) -> HttpResponse:
    try:
        return handler(view, call, **kwargs)
    except Refusal as refusal:
        return call.refuse(refusal)


class ScimView:
    """What django-scim2 would answer in HTML or without a body, in SCIM's words."""

    request: Any
    http_method_names: list[str]

    def http_method_not_allowed(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        allowed = ", ".join(name.upper() for name in self.http_method_names)
        call: Call = request.scim_call
        response = call.refuse(refusals.MethodNotAllowed(method=request.method[:20], allowed=allowed))
        response["Allow"] = allowed
        return response

    def status_501(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        response = call_of(request).refuse(refusals.NotImplementedHere())
        # Django would log every status from 500 on as an error of the site.
        response._has_been_logged = True  # type: ignore[attr-defined]
        return response


def call_of(request: Any) -> Call:
    call: Call = request.scim_call
    return call


def list_response(resources: list[dict[str, Any]], total: int, start: int) -> dict[str, Any]:
    return {
        "schemas": [LIST],
        "totalResults": total,
        "itemsPerPage": len(resources),
        "startIndex": start,
        "Resources": resources,
    }
