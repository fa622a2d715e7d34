"""Support staff read what provisioning did, and may revoke tokens; they never issue one."""

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from members.admin import OF_ORGANIZATION, support
from members.support_admin import SupportAdmin, act_on_each
from provisioning.models import ProvisioningSettings, ScimToken, SyncActivity


@admin.register(ProvisioningSettings)
class ProvisioningSettingsAdmin(SupportAdmin):
    list_display = ("organization", "enabled_at")
    list_select_related = ("organization",)
    search_fields = OF_ORGANIZATION


@admin.register(ScimToken)
class ScimTokenAdmin(SupportAdmin):
    list_display = ("prefix", "organization", "issuer", "created_at", "expires_at", "revoked_at", "last_used_at")
    list_select_related = ("organization", "issuer__account", "issuer__organization")
    search_fields = ("prefix", *OF_ORGANIZATION)
    # Even of the hash nobody needs a copy.
    fields = ("organization", "prefix", "issuer", "created_at", "expires_at", "revoked_at", "last_used_at")
    actions = ("revoke",)

    @admin.action(description=_("Revoke: stops working at once"))
    def revoke(self, request: HttpRequest, queryset: QuerySet[ScimToken]) -> None:
        act_on_each(request, queryset.select_related("organization"), lambda token: token.revoke(by=support(request)))


@admin.register(SyncActivity)
class SyncActivityAdmin(SupportAdmin):
    list_display = ("at", "organization", "kind", "subject", "status", "reason", "request_id")
    list_filter = ("kind",)
    list_select_related = ("organization",)
    search_fields = ("=request_id", "=subject_id", *OF_ORGANIZATION)
    ordering = ("-pk",)
