"""The record of keys and endpoints in the Django admin: what was done to them, by whom, and when."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html_join
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from api.models import App, AppRecord
from api.models.app_record import name_of
from api.models.endpoint import Method, PausedBecause
from api.scopes import Scope, scopes_in
from members.support.base import RecordAdmin, SupportAdmin

_FIELDS = {
    "scopes": _("scopes"),
    "method": _("told by"),
    "url": _("address"),
    "contact": _("contact"),
    "with_changes": _("with before and after"),
    "paused_because": _("paused because"),
    "delivery": _("event"),
    "organization": _("organization"),
}
_VALUES: dict[str, Callable[[Any], str]] = {
    "scopes": lambda value: ", ".join(str(scope.label) for scope in Scope if scope in scopes_in(value)),
    "method": lambda value: str(Method(value).label),
    "with_changes": lambda value: gettext("yes") if value else gettext("no"),
    "paused_because": lambda value: str(PausedBecause(value).label),
}


class Recorded(SupportAdmin):
    """Pages of things whose history is the record: they belong to no organization, so no audit log has them."""

    def history_of(self, thing: Any) -> str:
        return f"{reverse('admin:api_apprecord_changelist')}?thing={name_of(thing)}"


@admin.register(AppRecord)
class AppRecordAdmin(RecordAdmin):
    list_display = ("recorded", "event", "app_label", "subject", "what_changed", "person")
    list_filter = ("event",)
    search_fields = ("subject", "person", "=request_id")
    ordering = ("-pk",)
    fields = ("recorded", "event", "app_label", "subject", "what_changed", "person", "ip_address", "request_id")
    readonly_fields = ("recorded", "app_label", "what_changed")

    @admin.display(description=_("app"), ordering="app")
    def app_label(self, row: AppRecord) -> str:
        return App(row.app).label

    @admin.display(description=_("what changed"))
    def what_changed(self, row: AppRecord) -> str:
        return format_html_join(" · ", "{}: {}", [_words(name, *both) for name, both in row.changes.items()])


def _words(name: str, before: Any, after: Any) -> tuple[str, str]:
    """A field and its values as people read them; of a thing that is new, what it is only."""
    of = _VALUES.get(name, str)
    words = of(after) if before == "" else f"{of(before)} → {of(after)}"
    return str(_FIELDS.get(name, name)), words
