"""The addresses that identity providers ask: all that their door looks through, and that an instance for them loads."""

from django.urls import include, path

urlpatterns = [path("spaces/<str:space_key>/scim/v2", include("provisioning.scim.urls"))]
