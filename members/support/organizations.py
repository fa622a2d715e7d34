from typing import Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.formats import localize
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _

from members.console.pages import require_recent_sign_in
from members.models import Domain, Organization, Product, Subscription, Team, TeamRule
from members.models.founding import found
from members.people.forms import time_zones
from members.support.base import OF_ORGANIZATION, SupportAdmin, act_on_each, audit_events, support


class OrganizationForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic when it runs
    class Meta:
        model = Organization
        fields = ("name", "slug")


class NewOrganizationForm(OrganizationForm):
    administrator = forms.EmailField(
        label=_("First administrator"),
        help_text=_(
            "An e-mail address. If it has no Nulab Account, one is created without a password: “Forgot your password?” "
            "on the sign-in page sends a link to set it."
        ),
    )
    language = forms.ChoiceField(
        label=_("Language"), choices=settings.LANGUAGES, help_text=_("Of the administrator, if the account is new.")
    )
    time_zone = forms.ChoiceField(
        label=_("Time zone"), choices=time_zones, help_text=_("Of the administrator, if the account is new.")
    )
    sandbox = forms.BooleanField(
        label=_("Sandbox"),
        required=False,
        help_text=_("For connecting an IdP with invented people. It can never become a real organization."),
    )


@admin.register(Organization)
class OrganizationAdmin(SupportAdmin):
    list_display = ("name", "slug", "space_key", "is_sandbox", "created_at")
    list_filter = ("is_sandbox",)
    search_fields = ("name", "=used_ids__slug", "=space_key")
    ordering = ("-created_at",)
    form = OrganizationForm
    readonly_fields = ("space_key", "former_ids", "is_sandbox", "created_at", "figures", "belongings")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.has_view_permission(request)

    def history_of(self, organization: Organization) -> str:
        return audit_events(organization.pk)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        return super().get_form(request, obj, change, **({} if obj else {"form": NewOrganizationForm}), **kwargs)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return [
            "name",
            "slug",
            *(self.readonly_fields if obj else ["administrator", "language", "time_zone", "sandbox"]),
        ]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return self.readonly_fields if obj else ()

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """The choices of who founds it: customers are most often where their support is."""
        user: Any = request.user
        return {"language": user.language, "time_zone": user.time_zone} | super().get_changeform_initial_data(request)

    @admin.display(description=_("former organization IDs"))
    def former_ids(self, organization: Organization) -> str:
        former = organization.used_ids.exclude(slug=organization.slug).order_by("slug")
        return ", ".join(former.values_list("slug", flat=True))

    @admin.display(description=_("members"))
    def figures(self, organization: Organization) -> str:
        headcount = organization.headcount
        return _("%(members)s, %(active)s of them active") % {
            "members": localize(headcount.members), "active": localize(headcount.active),
        }  # fmt: skip

    @admin.display(description=_("related records"))
    def belongings(self, organization: Organization) -> str:
        """Links to all lists of the admin that can be filtered by organization."""
        own = [model for model in self.admin_site._registry if _belongs_to_one(model)]
        lists = [
            (reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"), organization.pk, title)
            for model in own
            if (title := model._meta.verbose_name_plural)
        ]
        return format_html_join(" · ", '<a href="{}?organization__id__exact={}">{}</a>', lists)

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: dict[str, Any] | None = None) -> Any:
        """The page that founds an organization; it names the first administrator."""
        require_recent_sign_in(request)
        return super().add_view(request, form_url, extra_context)

    def save_model(self, request: HttpRequest, obj: Organization, form: Any, change: bool) -> None:
        name, slug = form.cleaned_data["name"], form.cleaned_data["slug"]
        if change:
            obj.rename(by=support(request), name=name, slug=slug)
            return
        organization, _account = found(
            name=name,
            slug=slug,
            administrator=form.cleaned_data["administrator"],
            is_sandbox=form.cleaned_data["sandbox"],
            language=form.cleaned_data["language"],
            time_zone=form.cleaned_data["time_zone"],
            by=support(request),
        )
        obj.pk = organization.pk
        obj.refresh_from_db()


def _belongs_to_one(model: type[Model]) -> bool:
    return any(field.name == "organization" for field in model._meta.get_fields())


class SubscriptionForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic when it runs
    """Fewer than are in use is asked twice: nobody loses a licence, but nobody else gets one."""

    below_used = forms.BooleanField(
        label=_("Fewer than in use"),
        required=False,
        help_text=_(
            "Tick this to set fewer licences than are in use. Members keep their licences; new members get none."
        ),
    )

    class Meta:
        model = Subscription
        fields = ("organization", "product", "bought")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.ended_at:
            self.fields["bought"].help_text = _("This subscription has ended. Saving starts it again.")

    def clean(self) -> None:
        super().clean()
        bought = self.cleaned_data.get("bought")
        if bought is not None and bought < self.instance.used and not self.cleaned_data.get("below_used"):
            self.add_error(
                "bought",
                _("In use: %(used)s. Set at least as many, or confirm below.") % {"used": localize(self.instance.used)},
            )


@admin.register(Subscription)
class SubscriptionAdmin(SupportAdmin):
    list_display = ("organization", "product", "bought", "used", "returned", "ended_at")
    list_filter = ("product",)
    list_select_related = ("organization",)
    search_fields = OF_ORGANIZATION
    autocomplete_fields = ("organization",)
    form = SubscriptionForm
    fields = ("organization", "product", "bought", "below_used", "used", "returned", "ended_at")
    readonly_fields = ("used", "returned", "ended_at")
    actions = ("end",)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.has_view_permission(request)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("organization", "product", *self.readonly_fields) if obj else self.readonly_fields

    def save_model(self, request: HttpRequest, obj: Subscription, form: Any, change: bool) -> None:
        bought = form.cleaned_data["bought"]
        kept = Subscription.objects.buy(obj.organization, Product(obj.product), bought, by=support(request))
        obj.pk = kept.pk
        obj.refresh_from_db()

    @admin.action(description=_("End the subscription"))
    def end(self, request: HttpRequest, queryset: QuerySet[Subscription]) -> None:
        running = queryset.filter(ended_at=None).select_related("organization")
        act_on_each(request, running, lambda row: row.end(by=support(request)))


@admin.register(Domain)
class DomainAdmin(SupportAdmin):
    list_display = ("name", "organization", "verified_at")
    list_select_related = ("organization",)
    search_fields = ("name", *OF_ORGANIZATION)
    fields = ("organization", "name", "verified_at", "added_at")
    actions = ("vouch",)

    @admin.action(description=_("Mark the domain as verified without DNS"))
    def vouch(self, request: HttpRequest, queryset: QuerySet[Domain]) -> None:
        unverified = queryset.filter(verified_at=None).select_related("organization")
        act_on_each(request, unverified, lambda row: row.vouch(by=support(request)))


@admin.register(Team)
class TeamAdmin(SupportAdmin):
    """Teams, to look at; the organization's administrators or its IdP change them."""

    list_display = ("name", "organization", "is_kept_by_idp", "external_id", "created_at")
    list_filter = ("is_kept_by_idp",)
    list_select_related = ("organization",)
    search_fields = ("name", "=scim_id", "=external_id", *OF_ORGANIZATION)
    ordering = ("-pk",)
    fields = ("organization", "name", "scim_id", "external_id", "is_kept_by_idp", "created_at", "modified_at")
    readonly_fields = ("scim_id", "is_kept_by_idp", "created_at", "modified_at")


@admin.register(TeamRule)
class TeamRuleAdmin(SupportAdmin):
    """The rules of teams, to look at; the organization's administrators change it."""

    list_display = ("organization", "place", "team", "gives", "created_at")
    list_filter = ("gives",)
    list_select_related = ("organization", "team")
    search_fields = (*OF_ORGANIZATION, "team__name")
    ordering = ("organization", "place")
    fields = ("organization", "place", "team", "gives", "created_at")
    readonly_fields = ("created_at",)
