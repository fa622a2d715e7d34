from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _

from members.log import history
from members.models import AuditEvent
from members.support.base import OF_ORGANIZATION, RecordAdmin


@admin.register(AuditEvent)
class AuditEventAdmin(RecordAdmin):
    list_display = ("recorded", "organization", "event", "subject", "operator", "ip_address")
    list_filter = ("event",)
    list_select_related = ("organization",)
    search_fields = ("=subject_id", "=request_id", "subject", "operator_name", "=operator_email", *OF_ORGANIZATION)
    ordering = ("-pk",)
    fields = (
        *("recorded", "organization", "event", "subject", "subject_id", "what_changed", "refusal"),
        *("operator_name", "operator_kind", "operator_id", "operator_email", "ip_address", "user_agent"),
        *("request_id", "version"),
    )
    readonly_fields = ("recorded", "what_changed", "refusal")

    @admin.display(description=_("operator"), ordering="operator_name")
    def operator(self, event: AuditEvent) -> str:
        """The operator's name, and a person's address, of support staff too, unlike in the audit log."""
        return " · ".join(filter(None, [history.operator_of(event), event.operator_email]))

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[AuditEvent], search_term: str
    ) -> tuple[QuerySet[AuditEvent], bool]:
        """Those that are no persons are found by what the list calls them, in any language."""
        found, may_repeat = super().get_search_results(request, queryset, search_term)
        kinds = history.operators_called(search_term.strip()) if search_term.strip() else []
        return (found | queryset.filter(operator_kind__in=kinds) if kinds else found), may_repeat

    @admin.display(description=_("what changed"))
    def what_changed(self, event: AuditEvent) -> str:
        return format_html_join(" · ", "{}", [(str(change),) for change in history.changes_of(event)])

    @admin.display(description=_("cause and remedy"))
    def refusal(self, event: AuditEvent) -> str:
        return history.refusal_of(event)
