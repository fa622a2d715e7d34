"""The addresses of a resource, of discovery, and of what is not offered."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse

from provisioning.models import Kind
from provisioning.scim.wire import everything, refusals
from provisioning.scim.wire.answering import answered, operate
from provisioning.scim.wire.bulk_answering import bulk
from provisioning.scim.wire.caller import Caller
from provisioning.scim.wire.discovery import located, resource_type_document, service_provider_config
from provisioning.scim.wire.frame import View
from provisioning.scim.wire.operations import Outcome
from provisioning.scim.wire.rendering import list_response
from provisioning.scim.wire.requests import body_of, filter_in, parameters_of, searched
from provisioning.scim.wire.resource_type import ResourceType


class ResourceView(View):
    resource: ResourceType | None = None

    def operate(self, kind: Kind, scim_id: str = "") -> HttpResponse:
        assert self.resource is not None
        return operate(self.call, self.resource, kind, scim_id)


class CollectionView(ResourceView):
    """All of a resource: its address in the plural."""

    http_method_names = ["get", "head", "post", "options"]

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.operate(Kind.SEARCH)

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.operate(Kind.CREATE)


class SearchView(ResourceView):
    """The same, asked in a body."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.operate(Kind.SEARCH)


class ItemView(ResourceView):
    """One of a resource, by its id."""

    http_method_names = ["get", "head", "put", "patch", "delete", "options"]

    def get(self, request: HttpRequest, uuid: str, **kwargs: Any) -> HttpResponse:
        return self.operate(Kind.READ, uuid)

    def put(self, request: HttpRequest, uuid: str, **kwargs: Any) -> HttpResponse:
        return self.operate(Kind.REPLACE, uuid)

    def patch(self, request: HttpRequest, uuid: str, **kwargs: Any) -> HttpResponse:
        return self.operate(Kind.PATCH, uuid)

    def delete(self, request: HttpRequest, uuid: str, **kwargs: Any) -> HttpResponse:
        return self.operate(Kind.DELETE, uuid)


class DiscoveryView(View):
    """RFC 7644 §4: paging and sorting are ignored, a filter is forbidden."""

    http_method_names = ["get", "head", "options"]
    resources: tuple[ResourceType, ...] = ()

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return answered(self.call, Kind.DISCOVER, lambda caller: self._answer(caller, kwargs.get("uuid")))

    def _answer(self, caller: Caller, wanted: str | None) -> HttpResponse:
        if filter_in(self.request.GET):
            raise refusals.DiscoveryTakesNoFilter
        return self.call.answer(200, self.document(caller, wanted))

    def document(self, caller: Caller, wanted: str | None) -> dict[str, Any]:
        """All of them as a list, or the one of that id. Raises NoSuchAddress."""
        documents = [located(document, caller.base) for document in self.documents()]
        if wanted is None:
            return list_response(documents, len(documents), 1)
        for document in documents:
            if document["id"].casefold() == wanted.casefold():
                return document
        raise refusals.NoSuchAddress

    def documents(self) -> list[dict[str, Any]]:
        raise NotImplementedError


class ResourceTypesView(DiscoveryView):
    def documents(self) -> list[dict[str, Any]]:
        return [resource_type_document(resource) for resource in self.resources]


class SchemasView(DiscoveryView):
    def documents(self) -> list[dict[str, Any]]:
        return [schema for resource in self.resources for schema in resource.schemas]


class ServiceProviderConfigView(DiscoveryView):
    def document(self, caller: Caller, wanted: str | None) -> dict[str, Any]:
        return located(service_provider_config(), caller.base)


class BulkView(View):
    """Many operations in one request."""

    http_method_names = ["post", "options"]
    resources: tuple[ResourceType, ...] = ()

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return answered(self.call, Kind.OTHER, lambda caller: bulk(self.call, caller, self.resources))


class EverythingView(View):
    """The root: all resources of all types."""

    http_method_names = ["get", "head", "options"]
    resources: tuple[ResourceType, ...] = ()

    def get(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.found(lambda: parameters_of(request))

    def found(self, sent: Callable[[], dict[str, Any]]) -> HttpResponse:
        def answer(caller: Caller) -> HttpResponse:
            return self.call.finish(Outcome(200, everything.search(caller, self.resources, sent())))

        return answered(self.call, Kind.SEARCH, answer)


class SearchEverythingView(EverythingView):
    """The same, asked in a body."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest, **kwargs: Any) -> HttpResponse:
        return self.found(lambda: searched(body_of(request)))


class MeView(View):
    """RFC 7644 §3.11: 501, as no token stands for a resource."""

    implemented = False
    not_implemented = refusals.MeIsNobody
