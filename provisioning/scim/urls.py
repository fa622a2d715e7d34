"""django-scim2's URL names under the organization's space key.

More than one slash after the version is taken for one, because clients join the SCIM URL,
which ends in a slash, with paths that begin with one; so is a slash at the end.
"""

from django.urls import re_path

from provisioning.scim import other_views, views

app_name = "scim"
urlpatterns = [
    re_path(r"^/*$", other_views.UnsupportedView.as_view(), name="root"),
    re_path(r"^/+\.search/?$", other_views.UnsupportedView.as_view(), name="search"),
    re_path(r"^/+Users/?$", views.UsersView.as_view(), name="users"),
    re_path(r"^/+Users/\.search/?$", views.UserSearchView.as_view(), name="users-search"),
    re_path(r"^/+Users/(?P<uuid>[^/\x00]+)/?$", views.UserView.as_view(), name="user"),
    re_path(r"^/+Groups(?:/(?P<uuid>[^/]+))?/?$", other_views.GroupsView.as_view(), name="groups"),
    re_path(r"^/+Me/?$", other_views.UnsupportedView.as_view(), name="me"),
    re_path(
        r"^/+ServiceProviderConfig/?$", other_views.ServiceProviderConfigView.as_view(), name="service-provider-config"
    ),
    re_path(
        r"^/+ResourceTypes(?:/(?P<uuid>[^/]+))?/?$", other_views.ResourceTypesView.as_view(), name="resource-types"
    ),
    re_path(r"^/+Schemas(?:/(?P<uuid>[^/]+))?/?$", other_views.SchemasView.as_view(), name="schemas"),
    re_path(r"^/+Bulk/?$", other_views.UnsupportedView.as_view(), name="bulk"),
]
