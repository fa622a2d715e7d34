from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("", include("nulab_org.scim_urls")),
    path("", include("api.urls")),
    path("", include("members.urls")),
    path("", include("saml.urls")),
    path("", include("provisioning.urls")),
]

handler400 = "members.console.error_pages.bad_request"
handler403 = "members.console.error_pages.forbidden"
handler404 = "members.console.error_pages.not_found"
handler500 = "members.console.error_pages.server_error"
