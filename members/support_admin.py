"""What every page of the Django admin shares: support staff read, and change through the verbs only."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import ngettext

from members.refusals import Refusal


class SupportAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not generic when it runs
    """Read-only unless a subclass says otherwise; nothing is ever deleted here.

    Being support staff is the permission: there are no finer ones to hand out or to forget.
    """

    show_full_result_count = False
    list_per_page = 50

    def has_module_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return bool(request.user.is_active and getattr(request.user, "is_staff", False))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return False


def act_on_each(request: HttpRequest, rows: QuerySet[Any], act: Callable[[Any], object]) -> None:
    """Each row for itself: one that is refused does not hold up the others, and says why."""
    done = 0
    for row in rows:
        try:
            act(row)
        except Refusal as refusal:
            messages.error(request, f"{row}: {refusal}")
        else:
            done += 1
    if done:
        messages.success(request, ngettext("%(count)s changed.", "%(count)s changed.", done) % {"count": done})
