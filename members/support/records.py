from collections.abc import Iterable

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _

from members.actors import Kind
from members.log import history
from members.models import AuditEvent
from members.support.logs import LogAdmin, owners_of

KINDS = {**history.OPERATORS, Kind.ACCOUNT: _("Account"), Kind.OPERATOR: _("Command on the server")}


@admin.register(AuditEvent)
class AuditEventAdmin(LogAdmin):
    list_display = ("recorded", "organization", "event", "subject", "operator", "ip_address")
    list_filter = ("event",)
    list_select_related = ("organization",)
    search_fields = ("subject", "operator_name", "=operator_email")
    ordering = ("-pk",)
    fields = (
        *("recorded", "organization", "event", "subject", "subject_id", "what_changed", "refusal"),
        *("operator", "kind", "operator_id", "ip_address", "user_agent"),
        *("request_id", "version"),
    )
    readonly_fields = ("recorded", "what_changed", "refusal", "operator", "kind")

    @admin.display(description=_("operator"), ordering="operator_name")
    def operator(self, event: AuditEvent) -> str:
        """The operator's name, and a person's address, of support staff too, unlike in the audit log."""
        return " · ".join(filter(None, [history.operator_of(event), event.operator_email]))

    @admin.display(description=_("kind of operator"))
    def kind(self, event: AuditEvent) -> str:
        return str(KINDS.get(event.operator_kind, event.operator_kind))  # type: ignore[call-overload]

    def by_id(self, words: str) -> Iterable[QuerySet[AuditEvent]]:
        yield AuditEvent.objects.filter(request_id__in=[words, words.lower()]).exclude(request_id="")
        for owner in owners_of(words.lower()):
            yield AuditEvent.objects.filter(organization=owner, subject_id=words.lower())

    def named(self, words: str) -> Q:
        """Those that are no persons are found by what the list calls them, in any language."""
        return Q(operator_kind__in=history.operators_called(words))

    @admin.display(description=_("what changed"))
    def what_changed(self, event: AuditEvent) -> str:
        return format_html_join(" · ", "{}", [(str(change),) for change in history.changes_of(event)])

    @admin.display(description=_("cause and remedy"))
    def refusal(self, event: AuditEvent) -> str:
        return history.refusal_of(event)
