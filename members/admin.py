"""The Django admin for support staff: the same rules, the same verbs."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth import logout
from django.contrib.auth.models import Group
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from members import actors
from members.models import (
    Account,
    AuditEvent,
    DeletedAccount,
    Domain,
    Member,
    Organization,
    Product,
    SecondFactor,
    Subscription,
)
from members.models.restoring import restore
from members.support_admin import SupportAdmin, act_on_each

# Being support staff is the only permission, so there is nothing to group.
admin.site.unregister(Group)

OF_ORGANIZATION = ("=organization__space_key", "=organization__slug", "organization__name")


def support(request: HttpRequest) -> actors.Actor:
    assert isinstance(request.user, Account)
    return actors.support(request.user, request)


class OrganizationForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic when it runs
    class Meta:
        model = Organization
        fields = ("name", "slug")


class NewOrganizationForm(OrganizationForm):
    sandbox = forms.BooleanField(
        label=_("Sandbox"),
        required=False,
        help_text=_("For connecting an IdP with invented people. It stays a sandbox for good."),
    )


@admin.register(Organization)
class OrganizationAdmin(SupportAdmin):
    list_display = ("name", "slug", "space_key", "is_sandbox", "created_at")
    list_filter = ("is_sandbox",)
    search_fields = ("name", "=slug", "=space_key")
    ordering = ("-created_at",)
    form = OrganizationForm
    readonly_fields = ("space_key", "is_sandbox", "created_at")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return self.has_view_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.has_view_permission(request)

    def get_form(self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any) -> Any:
        return super().get_form(request, obj, change, **kwargs) if obj else NewOrganizationForm

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        return ["name", "slug", *(self.readonly_fields if obj else ["sandbox"])]

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return self.readonly_fields if obj else ()

    def save_model(self, request: HttpRequest, obj: Organization, form: Any, change: bool) -> None:
        name, slug = form.cleaned_data["name"], form.cleaned_data["slug"]
        if change:
            obj.rename(by=support(request), name=name, slug=slug)
            return
        is_sandbox = form.cleaned_data["sandbox"]
        obj.pk = Organization.objects.register(name=name, slug=slug, is_sandbox=is_sandbox, by=support(request)).pk
        obj.refresh_from_db()


@admin.register(Subscription)
class SubscriptionAdmin(SupportAdmin):
    list_display = ("organization", "product", "bought", "used", "ended_at")
    list_filter = ("product",)
    list_select_related = ("organization",)
    search_fields = OF_ORGANIZATION
    autocomplete_fields = ("organization",)
    fields = ("organization", "product", "bought", "used", "ended_at")
    readonly_fields = ("used", "ended_at")
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
        act_on_each(request, queryset.select_related("organization"), lambda row: row.end(by=support(request)))


@admin.register(Domain)
class DomainAdmin(SupportAdmin):
    list_display = ("name", "organization", "verified_at")
    list_select_related = ("organization",)
    search_fields = ("name", *OF_ORGANIZATION)
    fields = ("organization", "name", "verified_at", "added_at")
    actions = ("vouch",)

    @admin.action(description=_("Vouch for the domain: verified without DNS"))
    def vouch(self, request: HttpRequest, queryset: QuerySet[Domain]) -> None:
        act_on_each(request, queryset.select_related("organization"), lambda row: row.vouch(by=support(request)))


@admin.register(Account)
class AccountAdmin(SupportAdmin):
    list_display = ("name", "user_name", "email", "type", "managed_by", "is_active")
    list_filter = ("type", "is_active", "is_staff")
    list_select_related = ("managed_by",)
    search_fields = ("addresses__key", "name_key", "=memberships__scim_id")
    ordering = ("pk",)
    fields = (
        *("name", "user_name", "email", "type", "managed_by", "is_active", "is_staff", "language", "time_zone"),
        *("created_at", "brought_up_to_date_at", "last_login"),
    )
    actions = ("remove_second_factor",)

    @admin.action(description=_("Remove the second factor: the app and the recovery codes are lost"))
    def remove_second_factor(self, request: HttpRequest, queryset: QuerySet[Account]) -> None:
        act_on_each(request, queryset, lambda account: SecondFactor.objects.of(account).remove(by=support(request)))
        # Whoever has removed their own has no session left that could keep a message.
        if not request.session.exists(request.session.session_key or ""):
            logout(request)


@admin.register(Member)
class MemberAdmin(SupportAdmin):
    list_display = ("account", "organization", "role", "is_active", "scim_id")
    list_filter = ("role",)
    list_select_related = ("account", "organization")
    search_fields = ("=scim_id", "user_name_key", "email_key", "account__name_key", *OF_ORGANIZATION)
    ordering = ("pk",)
    fields = (
        *("organization", "account", "scim_id", "external_id", "unique_id", "role"),
        *("is_plan_admin", "can_invite", "is_audit_log_admin", "has_pass", "has_cacoo", "has_typetalk"),
        *("created_at", "modified_at", "synchronized_at"),
    )
    actions = ("deactivate", "reactivate")

    @admin.display(boolean=True, description=_("active"))
    def is_active(self, member: Member) -> bool:
        return member.is_active

    @admin.action(description=_("Deactivate: out at once"))
    def deactivate(self, request: HttpRequest, queryset: QuerySet[Member]) -> None:
        act_on_each(request, queryset, lambda member: member.deactivate(by=support(request)))

    @admin.action(description=_("Reactivate"))
    def reactivate(self, request: HttpRequest, queryset: QuerySet[Member]) -> None:
        act_on_each(request, queryset, lambda member: member.reactivate(by=support(request)))


@admin.register(AuditEvent)
class AuditEventAdmin(SupportAdmin):
    list_display = ("at", "organization", "event", "subject", "operator_name", "ip_address")
    list_filter = ("event",)
    list_select_related = ("organization",)
    search_fields = ("=subject_id", "subject", "operator_name", "=operator_email", *OF_ORGANIZATION)
    ordering = ("-pk",)


class RestoreForm(forms.ModelForm):  # type: ignore[type-arg]  # not generic when it runs
    another_user_name = forms.CharField(
        label=_("Another address"), required=False, help_text=_("If the former one was given to somebody else.")
    )
    another_unique_id = forms.CharField(label=_("Another Unique ID"), required=False)

    class Meta:
        model = DeletedAccount
        fields = ()


@admin.register(DeletedAccount)
class DeletedAccountAdmin(SupportAdmin):
    """Saving the page restores the account, inactive and with the same id."""

    list_display = ("name", "user_name", "organization", "deleted_at", "scim_id")
    list_select_related = ("organization",)
    search_fields = ("name", "user_name", "=scim_id", *OF_ORGANIZATION)
    ordering = ("-deleted_at",)
    form = RestoreForm
    readonly_fields = ("organization", "name", "user_name", "scim_id", "deleted_at")
    fields = (*readonly_fields, "another_user_name", "another_unique_id")
    actions = ("bring_back",)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self.has_view_permission(request)

    def save_model(self, request: HttpRequest, obj: DeletedAccount, form: Any, change: bool) -> None:
        restore(
            obj,
            by=support(request),
            user_name=form.cleaned_data["another_user_name"] or None,
            unique_id=form.cleaned_data["another_unique_id"] or None,
        )

    @admin.action(description=_("Restore, inactive"))
    def bring_back(self, request: HttpRequest, queryset: QuerySet[DeletedAccount]) -> None:
        rows = queryset.select_related("organization")
        act_on_each(request, rows, lambda row: restore(row, by=support(request)))
