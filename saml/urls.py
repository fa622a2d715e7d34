from django.urls import include, path

from saml.views import certificates, overview, settings, sso, testing

pages = [
    path("", overview.overview, name="saml"),
    path("/settings", settings.change, name="saml-settings"),
    path("/metadata", settings.import_metadata, name="saml-metadata-import"),
    path("/discard", settings.discard, name="saml-discard"),
    path("/unsolicited", settings.unsolicited, name="saml-unsolicited"),
    path("/certificates/add", certificates.add, name="saml-certificate-add"),
    path("/certificates/<int:certificate_id>/remove", certificates.remove, name="saml-certificate-remove"),
    path("/test", testing.start, name="saml-test"),
    path("/test/<slug:request_id>", testing.result, name="saml-test-result"),
    path("/enable", settings.enable, name="saml-enable"),
    path("/disable", settings.disable, name="saml-disable"),
]

door = [
    path("", sso.begin, name="saml-begin"),
    # The SP Entity ID is an address at which its metadata is found (saml-metadata-2.0-os, 4.1).
    path("/saml", sso.Metadata.as_view(), name="saml-entity"),
    path("/saml/metadata", sso.Metadata.as_view(), name="saml-metadata"),
    path("/saml/callback", sso.Callback.as_view(), name="saml-callback"),
    path("/saml/finish", sso.finish, name="saml-finish"),
]

urlpatterns = [
    path("spaces/<str:space_key>/saml", include(pages)),
    path("signin/spaces/<str:space_key>", include(door)),
]
