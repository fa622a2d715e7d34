from django.contrib import admin

from members.support.base import OF_ORGANIZATION, SupportAdmin
from saml.models import SamlCertificate, SamlSettings


class CertificateInline(admin.TabularInline):  # type: ignore[type-arg]  # not generic when it runs
    model = SamlCertificate
    fields = ("idp_entity_id", "subject", "fingerprint", "expires_at", "last_used_at")
    extra = 0
    has_view_permission = SupportAdmin.has_view_permission
    has_add_permission = has_change_permission = has_delete_permission = SupportAdmin.has_delete_permission


@admin.register(SamlSettings)
class SamlSettingsAdmin(SupportAdmin):
    list_display = ("organization", "idp_entity_id", "tested_at", "enabled_at")
    list_select_related = ("organization",)
    search_fields = ("idp_entity_id", *OF_ORGANIZATION)
    inlines = (CertificateInline,)
