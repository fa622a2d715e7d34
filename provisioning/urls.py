from django.urls import include, path

from provisioning.settings.guide_view import guide

PAGES = "spaces/<str:space_key>/provisioning"

urlpatterns = [
    path(PAGES, include("provisioning.settings.urls")),
    path(PAGES, include("provisioning.monitoring.urls")),
    path(PAGES, include("provisioning.matching.urls")),
    path("spaces/<str:space_key>/guides/<str:idp>", guide, name="guide"),
]
