from django.urls import include, path

from saml import views

pages = [
    path("", views.overview, name="saml"),
    path("/settings", views.settings, name="saml-settings"),
    path("/certificates/add", views.add_certificate, name="saml-certificate-add"),
    path("/certificates/<int:certificate_id>/remove", views.remove_certificate, name="saml-certificate-remove"),
    path("/enable", views.enable, name="saml-enable"),
    path("/disable", views.disable, name="saml-disable"),
]

urlpatterns = [path("spaces/<str:space_key>/saml", include(pages))]
