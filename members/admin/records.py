from django.contrib import admin
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _

from members import history
from members.models import AuditEvent
from members.support_admin import OF_ORGANIZATION, SupportAdmin


@admin.register(AuditEvent)
class AuditEventAdmin(SupportAdmin):
    list_display = ("at", "organization", "event", "subject", "operator_name", "ip_address")
    list_filter = ("event",)
    list_select_related = ("organization",)
    search_fields = ("=subject_id", "subject", "operator_name", "=operator_email", *OF_ORGANIZATION)
    ordering = ("-pk",)
    fields = (
        *("at", "organization", "event", "subject", "subject_id", "what_changed", "refusal"),
        *("operator_name", "operator_kind", "operator_id", "operator_email", "ip_address", "user_agent", "version"),
    )
    readonly_fields = ("what_changed", "refusal")

    @admin.display(description=_("what changed"))
    def what_changed(self, event: AuditEvent) -> str:
        return format_html_join(" · ", "{}", [(str(change),) for change in history.changes_of(event)])

    @admin.display(description=_("cause and remedy"))
    def refusal(self, event: AuditEvent) -> str:
        return history.refusal_of(event)
