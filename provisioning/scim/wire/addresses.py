"""django-scim2's URL names under the organization's space key.

More than one slash after the version is taken for one, because clients join the SCIM URL,
which ends in a slash, with paths that begin with one; so is a slash at the end.
"""

from django.urls import URLPattern, re_path

from provisioning.scim.wire import views
from provisioning.scim.wire.resource_type import ResourceType


def addresses(*resources: ResourceType) -> list[URLPattern]:
    """The URL patterns of these resources, of discovery, and of SCIM's other addresses."""
    return [
        re_path(r"^/*$", views.EverythingView.as_view(resources=resources), name="root"),
        re_path(r"^/+\.search/?$", views.SearchEverythingView.as_view(resources=resources), name="search"),
        *(address for resource in resources for address in _of(resource)),
        re_path(r"^/+Me/?$", views.MeView.as_view(), name="me"),
        re_path(
            r"^/+ServiceProviderConfig/?$", views.ServiceProviderConfigView.as_view(), name="service-provider-config"
        ),
        re_path(
            r"^/+ResourceTypes(?:/(?P<uuid>[^/]+))?/?$",
            views.ResourceTypesView.as_view(resources=resources),
            name="resource-types",
        ),
        re_path(r"^/+Schemas(?:/(?P<uuid>[^/]+))?/?$", views.SchemasView.as_view(resources=resources), name="schemas"),
        re_path(r"^/+Bulk/?$", views.BulkView.as_view(resources=resources), name="bulk"),
    ]


def _of(resource: ResourceType) -> list[URLPattern]:
    start, plural = rf"^/+{resource.endpoint}", resource.endpoint.lower()
    return [
        re_path(rf"{start}/?$", views.CollectionView.as_view(resource=resource), name=plural),
        re_path(rf"{start}/\.search/?$", views.SearchView.as_view(resource=resource), name=f"{plural}-search"),
        re_path(
            rf"{start}/(?P<uuid>[^/\x00]+)/?$", views.ItemView.as_view(resource=resource), name=resource.name.lower()
        ),
    ]
