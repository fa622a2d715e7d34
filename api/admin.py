"""The admin of the API: support staff make the keys of the apps and revoke them, and revoke personal access tokens."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from api.models import App, AppKey, PersonalToken
from api.scopes import Scope
from api.shown_once import ShownOnce
from api.webhooks import support as _webhooks  # noqa: F401 - its pages register themselves
from members.console.pages import require_recent_sign_in
from members.support.base import SupportAdmin, act_on_each, audit_events, page_of, support
from members.support.search import ASKED, Hit, finder

OWN_ORGANIZATION = ("=member__organization__space_key", "=member__organization__slug", "member__organization__name")


class NewKeyForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic when it runs
    scopes = forms.MultipleChoiceField(
        label=_("Scopes"),
        choices=Scope.choices,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("The key may ask about every organization, but only for what is ticked here."),
    )

    class Meta:
        model = AppKey
        fields = ("app", "name", "scopes")
        help_texts = {"name": _("Such as “Production”: tells the two live keys of an app apart.")}


@admin.register(AppKey)
class AppKeyAdmin(ShownOnce):
    """Saving the page of a key revokes it."""

    list_display = ("name", "app", "prefix", "allowed", "made_by", "made_at", "last_used_at", "revoked_at")
    list_filter = ("app",)
    search_fields = ("name", "prefix")
    # No hash on the page: nobody needs a copy.
    shown = ("name", "app", "prefix", "allowed", "made_by", "made_at", "last_used_at", "revoked_by", "revoked_at")
    actions = ("revoke",)
    change_form_template = "admin/key.html"
    secret_template = "admin/key_made.html"
    secret_title = _("Copy the API key")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.has_view_permission(request) and isinstance(obj, AppKey) and obj.revoked_at is None

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        return super().get_form(request, obj, change, **({} if obj else {"form": NewKeyForm}), **kwargs)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.shown if obj else ("app", "name", "scopes")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return self.shown if obj else ()

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None) -> Any:
        require_recent_sign_in(request)
        return super().add_view(request, form_url, extra_context)

    def save_model(self, request: HttpRequest, obj: AppKey, form: Any, change: bool) -> None:
        if change:
            obj.revoke(by=support(request))
            return
        wanted = form.cleaned_data
        key, secret = AppKey.objects.make(
            app=App(wanted["app"]), name=wanted["name"], scopes=wanted["scopes"], by=support(request)
        )
        obj.pk = key.pk
        obj.refresh_from_db()
        request.secret = secret  # type: ignore[attr-defined]

    def response_add(self, request: HttpRequest, obj: AppKey, post_url_continue: str | None = None) -> HttpResponse:
        return self.show_once(request, obj, request.secret)  # type: ignore[attr-defined]

    @admin.display(description=_("scopes"))
    def allowed(self, key: AppKey) -> str:
        return " · ".join(key.scope_labels)

    @admin.action(description=_("Revoke: stops working at once"))
    def revoke(self, request: HttpRequest, queryset: QuerySet[AppKey]) -> None:
        act_on_each(request, queryset, lambda key: key.revoke(by=support(request)))


@admin.register(PersonalToken)
class PersonalTokenAdmin(SupportAdmin):
    list_display = ("name", "prefix", "member", "expires_at", "last_used_at", "revoked_at")
    list_select_related = ("member__account", "member__organization")
    search_fields = ("prefix", "name", *OWN_ORGANIZATION)
    fields = ("name", "prefix", "member", "created_at", "expires_at", "last_used_at", "revoked_at")
    actions = ("revoke",)

    def history_of(self, token: PersonalToken) -> str:
        return audit_events(token.member.organization_id)

    @admin.action(description=_("Revoke: stops working at once"))
    def revoke(self, request: HttpRequest, queryset: QuerySet[PersonalToken]) -> None:
        rows = queryset.select_related("member__account", "member__organization")
        act_on_each(request, rows, lambda token: token.revoke(by=support(request)))


@finder(_("API keys"))
def keys(words: str) -> Iterable[Hit]:
    """Keys and personal access tokens by their visible beginning."""
    prefix = words.rstrip("…")
    for key in AppKey.objects.filter(prefix=prefix)[:ASKED]:
        yield Hit(str(key), key.get_app_display(), page_of(key))
    tokens = PersonalToken.objects.filter(prefix=prefix).select_related("member__organization", "member__account")
    for token in tokens[:ASKED]:
        yield Hit(str(token), str(token.member), page_of(token))
