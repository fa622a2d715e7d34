"""The base of every page of the Django admin: support staff read, and change through the verbs only."""

from collections.abc import Callable
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import BadRequest, ValidationError
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.formats import localize
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from members import actors
from members.console import moments
from members.mail import one_mail
from members.models import Account
from members.refusals import Refusal
from members.support.words import name_columns

MAX_DIGITS = 19
OF_ORGANIZATION = ("=organization__space_key", "=organization__slug", "organization__name")


def support(request: HttpRequest) -> actors.Actor:
    assert isinstance(request.user, Account)
    return actors.support(request.user, request)


class SupportAdmin(admin.ModelAdmin):  # type: ignore[type-arg]  # not generic when it runs
    """Read-only unless a subclass says otherwise; nothing is ever deleted here.

    Being support staff is the permission: there are no finer ones to hand out or to forget.
    """

    show_full_result_count = False
    list_per_page = 50

    def __init__(self, model: type[Model], admin_site: admin.AdminSite) -> None:
        super().__init__(model, admin_site)
        name_columns(model)

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

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Any:
        """The row with this key; None for a text that cannot be one: SQLite fails on a number that is too large."""
        return super().get_object(request, object_id, from_field or None) if _is_key(object_id) else None

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """400 for ticked rows that cannot be rows: Django would fail on them."""
        if not all(map(_is_key, request.POST.getlist(ACTION_CHECKBOX_NAME))):
            raise BadRequest
        return super().changelist_view(request, extra_context)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """The form; a refusal stands above it, and the typed values stay. 400 for values that nobody can have typed."""
        sent = (data.get(name) for data in (request.GET, request.POST) for name in self.autocomplete_fields)
        # Django would look for the row in order to show the form again.
        if not all(_is_key(key) for key in sent if key):
            raise BadRequest
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except Refusal as refusal:
            request.refused = refusal  # type: ignore[attr-defined]
            return super().changeform_view(request, object_id, form_url, extra_context)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        refused: Refusal | None = getattr(request, "refused", None)
        return _refusing(form, refused) if refused else form


class RecordAdmin(SupportAdmin):
    """Rows of a log."""

    # The column that says when.
    moment = "at"

    @admin.display(description=_("time"), ordering="pk")
    def recorded(self, row: Model) -> str:
        return moments.recorded(getattr(row, self.moment))


def _is_key(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < MAX_DIGITS


def _refusing(form: Any, refusal: Refusal) -> Any:
    """The form once more, with the refusal."""

    def clean(self: Any) -> None:
        raise ValidationError(str(refusal))

    return type(form.__name__, (form,), {"clean": clean})


def link_to(row: Model | None) -> str:
    if row is None:
        return ""
    address = reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])
    return format_html('<a href="{}">{}</a>', address, row)


@one_mail.of_one_act()
def act_on_each(request: HttpRequest, rows: QuerySet[Any], act: Callable[[Any], object]) -> None:
    """Act on each row by itself: a refusal is shown and does not hold up the others."""
    done = 0
    for row in rows:
        try:
            act(row)
        except Refusal as refusal:
            messages.error(request, f"{row}: {refusal}")
        else:
            done += 1
    if done:
        messages.success(
            request, ngettext("%(count)s changed.", "%(count)s changed.", done) % {"count": localize(done)}
        )
