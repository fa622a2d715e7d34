from django.urls import path

from saml.pages import certificates, overview, settings, testing

urlpatterns = [
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
