"""Everything of django-scim2; beside it stands only the class that its setting AUTH_CHECK_MIDDLEWARE names.

It gives the frame that a Django site with SCIM is expected to have: its settings, the names of its addresses, a view
class whose `dispatch` asks the setting AUTH_CHECK_MIDDLEWARE who calls, and adapters between rows and resources. What
it would do inside of that frame is replaced, because it would look rows up without their organization, load tables to
count them, drop unknown attributes from filters and answer in HTML (docs/scim.md). Its settings bind at import, so
that tests cannot override them.
"""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django_scim.adapters import SCIMMixin
from django_scim.models import SCIMServiceProviderConfig
from django_scim.views import SCIMView

from provisioning.scim.wire import refusals
from provisioning.scim.wire.call import Call
from provisioning.scim.wire.discovery import service_provider_config


class Adapter(SCIMMixin):
    """The adapter of a row; each resource has its own."""


class ServiceProviderConfig(SCIMServiceProviderConfig):
    def to_dict(self) -> dict[str, Any]:
        return service_provider_config()


class View(SCIMView):
    """An address of the SCIM endpoint. Answers as a SCIM error where django-scim2 would in HTML or without a body."""

    not_implemented: type[refusals.NotImplementedHere] = refusals.NotImplementedHere

    @property
    def call(self) -> Call:
        call: Call = self.request.scim_call
        return call

    @property
    def allowed(self) -> str:
        return ", ".join(name.upper() for name in self.http_method_names)

    def options(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Only the methods (RFC 9110 §9.3.7), to a good token like everything else."""
        return self.call.answer(204, headers={"Allow": self.allowed})

    def http_method_not_allowed(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        refusal = refusals.MethodNotAllowed(method=(request.method or "")[:20], allowed=self.allowed)
        response = self.call.refuse(refusal)
        response["Allow"] = self.allowed
        return response

    def status_501(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = self.call.refuse(self.not_implemented())
        # Django would log every status from 500 on as an error of the site.
        response._has_been_logged = True  # type: ignore[attr-defined]
        return response
