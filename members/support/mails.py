from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from members.mail.stories import STORIES
from members.models import Outgoing
from members.support.base import OF_ORGANIZATION, RecordAdmin, act_on_each, support


class KindFilter(admin.AllValuesFieldListFilter):
    def choices(self, changelist: Any) -> Iterator[Any]:
        for choice in super().choices(changelist):
            yield {**choice, "display": STORIES.get(str(choice["display"]), choice["display"])}


@admin.register(Outgoing)
class OutgoingAdmin(RecordAdmin):
    """Sent, waiting and failed mails; never their text, which may hold a link for its reader only."""

    moment = "created_at"
    list_display = ("recorded", "kind", "recipient", "organization", "state", "tries", "last_error")
    list_filter = ("state", ("story", KindFilter))
    list_select_related = ("organization",)
    search_fields = ("recipient", "=number", *OF_ORGANIZATION)
    ordering = ("-pk",)
    fields = (
        *("recorded", "kind", "recipient", "organization", "state", "tries", "due_at", "ended_at", "last_error"),
        "message_id",
    )
    readonly_fields = ("recorded", "kind", "message_id")
    actions = ("send_again",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Outgoing]:
        """The mails that have a reader."""
        mails: QuerySet[Outgoing] = super().get_queryset(request)
        return mails.exclude(recipient="")

    @admin.display(description=_("kind of mail"), ordering="story")
    def kind(self, mail: Outgoing) -> str:
        return mail.kind

    @admin.display(description="Message-ID")
    def message_id(self, mail: Outgoing) -> str:
        return mail.message_id

    @admin.action(description=_("Send failed emails again"))
    def send_again(self, request: HttpRequest, queryset: QuerySet[Outgoing]) -> None:
        failed = queryset.filter(state=Outgoing.State.FAILED)
        act_on_each(request, failed, lambda mail: mail.send_again(by=support(request)))
