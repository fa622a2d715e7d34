"""Discovery, and what is not offered."""

from typing import Any

import django_scim.views as frame
from django.http import HttpResponse

from provisioning.models import Kind
from provisioning.scim import refusals
from provisioning.scim.answering import ScimView, answered, call_of, list_response
from provisioning.scim.call import Call
from provisioning.scim.discovery import RESOURCE_TYPES, SCHEMAS, service_provider_config


class GroupsView(ScimView, frame.GroupsView):
    """/Groups: not offered yet, and said so."""

    def http_method_not_allowed(self, request: Any, *args: Any, **kwargs: Any) -> HttpResponse:
        return call_of(request).refuse(refusals.GroupsNotOffered())

    http_method_names = []


class DiscoveryView(ScimView):
    """RFC 7644 §4: paging and sorting are ignored, a filter is forbidden."""

    http_method_names = ["get", "head"]

    def documents(self, call: Call) -> list[dict[str, Any]]:
        raise NotImplementedError

    @answered(Kind.DISCOVER)
    def get(self, call: Call, uuid: str | None = None, **kwargs: Any) -> HttpResponse:
        if call.request.GET.get("filter"):
            raise refusals.DiscoveryTakesNoFilter
        documents = [located(document, call.base) for document in self.documents(call)]
        if uuid is None:
            return call.answer(200, list_response(documents, len(documents), 1))
        for document in documents:
            if document["id"].casefold() == uuid.casefold():
                return call.answer(200, document)
        raise refusals.NoSuchAddress


class ResourceTypesView(DiscoveryView, frame.ResourceTypesView):
    def documents(self, call: Call) -> list[dict[str, Any]]:
        return RESOURCE_TYPES


class SchemasView(DiscoveryView, frame.SchemasView):
    def documents(self, call: Call) -> list[dict[str, Any]]:
        return SCHEMAS


class ServiceProviderConfigView(ScimView, frame.ServiceProviderConfigView):
    http_method_names = ["get", "head"]

    @answered(Kind.DISCOVER)
    def get(self, call: Call, **kwargs: Any) -> HttpResponse:
        if call.request.GET.get("filter"):
            raise refusals.DiscoveryTakesNoFilter
        return call.answer(200, located(service_provider_config(), call.base))


class UnsupportedView(ScimView, frame.SCIMView):
    """/Me, /Bulk, /.search and the root: named in the RFC, not offered here."""

    implemented = False


def located(document: dict[str, Any], base: str) -> dict[str, Any]:
    """A discovery document with its own address; the rest of it is the same for everybody."""
    path = document["meta"]["location"]
    return {**document, "meta": {**document["meta"], "location": f"{base}{path}"}}
