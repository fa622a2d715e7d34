from django.urls import path, re_path

from saml.sso import views

urlpatterns = [
    path("", views.begin, name="saml-begin"),
    # The SP Entity ID is an address at which its metadata is found (saml-metadata-2.0-os, 4.1).
    path("/saml", views.Metadata.as_view(), name="saml-entity"),
    path("/saml/metadata", views.Metadata.as_view(), name="saml-metadata"),
    path("/saml/callback", views.Callback.as_view(), name="saml-callback"),
    path("/saml/finish", views.finish, name="saml-finish"),
    re_path("^/(?P<mistyped>.*)$", views.no_address, name="saml-no-address"),
]
