"""django-scim2's URL names under the organization's space key; an optional slash at the end."""

from django.urls import URLPattern

app_name = "scim"
urlpatterns: list[URLPattern] = []
