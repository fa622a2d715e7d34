"""The base of every page of the Django admin: support staff read, and change through the verbs only."""

from collections.abc import Callable
from functools import reduce
from operator import and_, or_
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import BadRequest, ValidationError
from django.db.models import ManyToOneRel, Model, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.formats import localize
from django.utils.html import format_html
from django.utils.text import smart_split, unescape_string_literal
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from members import actors
from members.console import moments
from members.keys import key_of
from members.mail import one_mail
from members.models import Account
from members.refusals import Refusal
from members.support.words import name_columns

MAX_DIGITS = 19
# Hits of a search that are listed and counted by their keys; more are met soon.
FEW = 1000
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

    def history_of(self, row: Any) -> str:
        """The address of the list of what was done to the row; "" for what has none.

        Django's own history is of forms that were sent here, and knows no action, page, command or IdP.
        """
        return audit_events(row.organization_id, subject_id=getattr(row, "scim_id", ""))

    def history_view(self, request: HttpRequest, object_id: str, extra_context: Any = None) -> HttpResponse:
        row = self.get_object(request, object_id)
        address = self.history_of(row) if row else ""
        if not address:
            raise Http404
        return redirect(address)

    def log_addition(self, request: HttpRequest, obj: Model, message: Any) -> None:  # type: ignore[override]  # no row
        """Nothing: the verb has recorded it."""

    def log_change(self, request: HttpRequest, obj: Model, message: Any) -> None:  # type: ignore[override]  # no row
        """Nothing: the verb has recorded it."""

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], *args: Any, **which: Any
    ) -> HttpResponse:
        row = context["original"]
        return super().render_change_form(
            request, context | {"history": self.history_of(row) if row else ""}, *args, **which
        )

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

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """The rows that Django's own search would find, each of them once."""
        if not search_term:
            return queryset, False
        found = queryset.filter(self.matching(request, search_term))
        keys = list(found.order_by().values_list("pk", flat=True)[: FEW + 1])
        return (found if len(keys) > FEW else queryset.filter(pk__in=keys)), False

    def matching(self, request: HttpRequest, text: str) -> Q:
        """The condition of rows that have each word in one of search_fields."""
        fields = self.get_search_fields(request)
        words = (reduce(or_, (_asked(self.model, field, word) for field in fields), Q()) for word in _words(text))
        return reduce(and_, words, Q())

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        form = super().get_form(request, obj, change, **kwargs)
        refused: Refusal | None = getattr(request, "refused", None)
        return _refusing(form, refused) if refused else form


class RecordAdmin(SupportAdmin):
    """Rows of a log, which are a history themselves."""

    # The column that says when.
    moment = "at"

    def history_of(self, row: Any) -> str:
        return ""

    @admin.display(description=_("time"), ordering="pk")
    def recorded(self, row: Model) -> str:
        return moments.recorded(getattr(row, self.moment))


def _words(text: str) -> list[str]:
    """The words as Django's search takes them: what stands in quotation marks is one."""
    words = list(smart_split(text))
    return [unescape_string_literal(word) if word[0] in "\"'" and word[0] == word[-1] else word for word in words]


def _asked(model: type[Model], field: str, word: str) -> Q:
    """The condition of rows with the word in one of search_fields; a lookup of its own says that it holds keys.

    Another table is asked by itself. Joined, it would be read whole, and each hit be there as often as it has rows.
    """
    if field.endswith(("__contains", "__exact")):
        name, value = field, key_of(word) or word
    else:
        name, value = f"{field.removeprefix('=')}__{'iexact' if field.startswith('=') else 'icontains'}", word
    link, _, in_other = name.partition("__")
    if "__" not in in_other:
        return Q(**{name: value})
    relation: Any = model._meta.get_field(link)
    rows = relation.related_model._default_manager.filter(**{in_other: value})
    is_from_there = isinstance(relation, ManyToOneRel)
    return Q(pk__in=rows.values(relation.field.name)) if is_from_there else Q(**{f"{link}__in": rows})


def _is_key(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < MAX_DIGITS


def _refusing(form: Any, refusal: Refusal) -> Any:
    """The form once more, with the refusal."""

    def clean(self: Any) -> None:
        raise ValidationError(str(refusal))

    return type(form.__name__, (form,), {"clean": clean})


def audit_events(organization: int, *, subject_id: str = "") -> str:
    """The address of the list of audit events of an organization, or of one member or team of it."""
    query = {"organization__id__exact": organization, **({"subject_id": subject_id} if subject_id else {})}
    return reverse("admin:members_auditevent_changelist", query=query)


def page_of(row: Model) -> str:
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])


def link_to(row: Model | None) -> str:
    return format_html('<a href="{}">{}</a>', page_of(row), row) if row else ""


@one_mail.of_one_act()
def act_on_each(request: HttpRequest, rows: QuerySet[Any], act: Callable[[Any], object]) -> None:
    """Act on each row by itself: a refusal is shown and does not hold up the others. Without a row, say so."""
    done = 0
    if not rows:
        messages.info(request, _("Nothing was changed: the action does not apply to what you chose."))
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
