"""Endpoints and deliveries in the Django admin: support staff make, change, pause, resume; and send again."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from api.models import App, Delivery, Endpoint
from api.models.endpoint import Method
from api.shown_once import ShownOnce
from members.console import moments
from members.console.pages import require_recent_sign_in
from members.refusals import Refusal
from members.support.base import act_on_each, support
from members.support.logs import LogAdmin, owners_of


class EndpointForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic when it runs
    # Webhooks, unless something else is chosen.
    method = forms.ChoiceField(
        label=_("Told by"),
        choices=Method,
        required=False,
        help_text=_("Tokens are Security Event Tokens (RFC 8417). This cannot be changed later."),
    )

    class Meta:
        model = Endpoint
        fields = ("app", "method", "url", "contact", "with_changes")
        help_texts = {"url": _("Public, “https://”. Leave it empty if the app fetches its tokens.")}
        widgets = {"url": forms.URLInput(attrs={"class": "vURLField"}), "contact": forms.EmailInput}


@admin.register(Endpoint)
class EndpointAdmin(ShownOnce):
    list_display = ("app", "method", "address", "works", "last_error")
    list_filter = ("app", "method")
    search_fields = ("url", "contact")
    form = EndpointForm
    # Parts of the tokens that the app's developers have to know.
    of_tokens = ("issuer", "audience", "keys")
    state = (
        *("made_by", "made_at", "failing_since", "failures", "away_until", "last_error"),
        *("paused_at", "paused_because", "resumed_at"),
    )
    readonly_fields = ("works", "address", *of_tokens, *state, "former_until", "deliveries")
    changeable = ("url", "contact", "with_changes")
    actions = ("pause", "resume", "roll_secret")
    secret_template = "admin/endpoint_secret.html"
    secret_title = _("Secret of the endpoint")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.has_view_permission(request)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return EndpointForm.Meta.fields
        address = "address" if obj.method == Method.POLL else "url"
        of_it = self.of_tokens if obj.is_of_tokens else ("former_until",)
        return ["works", "app", "method", address, "contact", "with_changes", *of_it, *self.state, "deliveries"]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("app", "method", *self.readonly_fields) if obj else ()

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None) -> Any:
        require_recent_sign_in(request)
        return super().add_view(request, form_url, extra_context)

    def save_model(self, request: HttpRequest, obj: Endpoint, form: Any, change: bool) -> None:
        wanted = {"url": "", **{name: form.cleaned_data[name] for name in form.fields if name in self.changeable}}
        if change:
            Endpoint.objects.get(pk=obj.pk).change(**wanted, by=support(request))
            return
        made, request.secret = Endpoint.objects.make(  # type: ignore[attr-defined]
            app=App(obj.app), method=Method(obj.method), by=support(request), **wanted
        )
        obj.pk = made.pk
        obj.refresh_from_db()

    def response_add(self, request: HttpRequest, obj: Endpoint, post_url_continue: str | None = None) -> HttpResponse:
        if obj.is_of_tokens:
            self.message_user(request, _("Hand issuer, audience and public keys to the developers of the app."))
            return redirect("admin:api_endpoint_change", obj.pk)
        return self.show_once(request, obj, request.secret)  # type: ignore[attr-defined]

    @admin.display(description=_("state"))
    def works(self, endpoint: Endpoint) -> str:
        if endpoint.paused_at:
            since, why = moments.recorded(endpoint.paused_at), endpoint.get_paused_because_display()
            return gettext("Paused since %(since)s: %(why)s") % {"since": since, "why": why}
        if endpoint.failing_since:
            since = moments.recorded(endpoint.failing_since)
            return gettext("Fails since %(since)s, is tried again") % {"since": since}
        return gettext("Works")

    @admin.display(description=_("deliveries"))
    def deliveries(self, endpoint: Endpoint) -> str:
        page = f"{reverse('admin:api_delivery_changelist')}?endpoint__id__exact={endpoint.pk}"
        return format_html('<a href="{}">{}</a>', page, _("Show all"))

    @admin.display(description=_("issuer (iss)"))
    def issuer(self, _endpoint: Endpoint) -> str:
        return str(settings.BASE_URL)

    @admin.display(description=_("address"), ordering="url")
    def address(self, endpoint: Endpoint) -> str:
        return endpoint.audience

    @admin.display(description=_("audience (aud)"))
    def audience(self, endpoint: Endpoint) -> str:
        return endpoint.audience

    @admin.display(description=_("public keys"))
    def keys(self, _endpoint: Endpoint) -> str:
        return f"{settings.BASE_URL}{reverse('api-jwks')}"

    @admin.action(description=_("Pause: no events are sent until it is resumed"))
    def pause(self, request: HttpRequest, queryset: QuerySet[Endpoint]) -> None:
        act_on_each(request, queryset, lambda endpoint: endpoint.pause(by=support(request)))

    @admin.action(description=_("Resume: go on where it stopped"))
    def resume(self, request: HttpRequest, queryset: QuerySet[Endpoint]) -> None:
        act_on_each(request, queryset, lambda endpoint: endpoint.resume(by=support(request)))

    @admin.action(description=_("New secret: the former one signs for a day more"))
    def roll_secret(self, request: HttpRequest, queryset: QuerySet[Endpoint]) -> HttpResponse | None:
        require_recent_sign_in(request)
        if queryset.count() != 1:
            self.message_user(request, _("Choose one endpoint."), "error")
            return None
        endpoint = queryset.get()
        try:
            secret = endpoint.roll_secret(by=support(request))
        except Refusal as refusal:
            self.message_user(request, str(refusal), "error")
            return None
        return self.show_once(request, endpoint, secret)


@admin.register(Delivery)
class DeliveryAdmin(LogAdmin):
    """Each try: what was posted where, and what the receiver said."""

    list_display = (
        *("recorded", "endpoint", "organization", "type", "number"),
        *("status", "error", "is_given_up", "is_again"),
    )
    list_filter = ("endpoint", "is_given_up")
    list_select_related = ("endpoint", "organization")
    search_fields = ("type",)
    ordering = ("-pk",)
    fields = (
        *("recorded", "endpoint", "organization", "type", "number", "subject_id", "happened_at"),
        *("took_ms", "status", "error", "is_given_up", "is_again"),
    )
    readonly_fields = ("recorded",)
    actions = ("send_again",)

    def by_id(self, words: str) -> "Iterator[QuerySet[Delivery]]":
        for key in owners_of(words):
            yield Delivery.objects.filter(organization=key, subject_id=words)

    @admin.action(description=_("Send once more, in addition to what is due"))
    def send_again(self, request: HttpRequest, queryset: QuerySet[Delivery]) -> None:
        rows = queryset.select_related("endpoint", "organization")
        act_on_each(request, rows, lambda delivery: delivery.send_again(by=support(request)))
