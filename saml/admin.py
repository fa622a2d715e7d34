from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from members.console.moments import exact
from members.support.base import OF_ORGANIZATION, SupportAdmin
from saml.models import SamlCertificate, SamlSettings


class CertificateInline(admin.TabularInline):  # type: ignore[type-arg]  # not generic when it runs
    model = SamlCertificate
    fields = ("idp_entity_id", "subject", "fingerprint", "expires", "last_used_at")
    readonly_fields = ("expires",)
    extra = 0
    has_view_permission = SupportAdmin.has_view_permission
    has_add_permission = has_change_permission = has_delete_permission = SupportAdmin.has_delete_permission

    @admin.display(description=_("expires"))
    def expires(self, certificate: SamlCertificate) -> str:
        return exact(certificate.expires_at)


@admin.register(SamlSettings)
class SamlSettingsAdmin(SupportAdmin):
    list_display = ("organization", "idp_entity_id", "tested_at", "enabled_at")
    list_select_related = ("organization",)
    search_fields = ("idp_entity_id", *OF_ORGANIZATION)
    inlines = (CertificateInline,)
