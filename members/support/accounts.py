from typing import Any

from django.contrib import admin
from django.contrib.auth import logout
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html, format_html_join
from django.utils.text import capfirst
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from members.actors import Actor, Kind
from members.console.moments import exact
from members.console.navigation import places_by_name
from members.models import Account, AuditEvent, Member, SecondFactor
from members.support.base import OF_ORGANIZATION, SupportAdmin, act_on_each, link_to, support
from members.support.logs import searched

# Asks what would be refused; changes nothing.
READER = Actor(kind=Kind.SUPPORT, name="Nulab Support")


@admin.register(Account)
class AccountAdmin(SupportAdmin):
    list_display = ("name", "user_name", "email", "type", "managed_by", "is_active")
    list_filter = ("type", "is_active", "is_staff")
    list_select_related = ("managed_by",)
    search_fields = ("addresses__key__contains", "name_key__contains", "memberships__scim_id__exact")
    ordering = ("pk",)
    fields = (
        *("name", "user_name", "email", "type", "managed_by", "is_active", "places", "is_staff"),
        *("language", "time_zone", "created_at", "brought_up_to_date_at", "last_login"),
    )
    readonly_fields = ("places",)
    actions = ("remove_second_factor",)

    def history_of(self, account: Account) -> str:
        return ""

    @admin.display(description=_("member of"))
    def places(self, account: Account) -> str:
        return format_html_join(" · ", "{}", [(link_to(row),) for row in places_by_name(account)])

    @admin.action(description=_("Remove the second factor: the app and the recovery codes are lost"))
    def remove_second_factor(self, request: HttpRequest, queryset: QuerySet[Account]) -> None:
        act_on_each(request, queryset, lambda account: SecondFactor.objects.of(account).remove(by=support(request)))
        # Support staff who removed their own factor have no session left that could keep a message.
        if not request.session.exists(request.session.session_key or ""):
            logout(request)


@admin.register(Member)
class MemberAdmin(SupportAdmin):
    list_display = ("account", "organization", "role", "is_active", "lock", "scim_id")
    list_filter = ("role",)
    list_select_related = ("account", "organization", "emergency_lock")
    search_fields = (
        *("scim_id__exact", "=external_id", "user_name_key__contains", "email_key__contains"),
        *("account__name_key__contains", *OF_ORGANIZATION),
    )
    ordering = ("pk",)
    fields = (
        *("organization", "account", "is_active", "lock", "scim_id", "external_id", "unique_id", "role"),
        *("is_plan_admin", "can_invite", "is_audit_log_admin", "licences", "protection", "events", "logs"),
        *("created_at", "modified_at", "synchronized"),
    )
    readonly_fields = ("is_active", "lock", "licences", "protection", "events", "logs", "synchronized")
    actions = ("deactivate", "reactivate", "lift_lock")

    @admin.display(boolean=True, description=_("active"))
    def is_active(self, member: Member) -> bool:
        return member.is_active

    @admin.display(description=_("locked by"))
    def lock(self, member: Member) -> str:
        return str(member.lock or "")

    @admin.display(description=_("last sync"))
    def synchronized(self, member: Member) -> str:
        at = member.synchronized_at
        return exact(at) if at else ""

    @admin.display(description=_("licences"))
    def licences(self, member: Member) -> str:
        return ", ".join(str(product.label) for product in member.licences)

    @admin.display(description=_("protected because"))
    def protection(self, member: Member) -> Any:
        return member.protection(READER) or ""

    @admin.display(description=_("audit events"))
    def events(self, member: Member) -> str:
        return format_html('<a href="{}">{}</a>', self.history_of(member), gettext("Changes to this member"))

    @admin.display(description=_("other logs"))
    def logs(self, member: Member) -> str:
        lists = searched(self.admin_site, str(member.scim_id)).items()
        others = [(url, capfirst(model._meta.verbose_name_plural)) for model, url in lists if model is not AuditEvent]
        return format_html_join(" · ", '<a href="{}">{}</a>', others)

    @admin.action(description=_("Deactivate and lock: no access from now on, whatever the IdP sends"))
    def deactivate(self, request: HttpRequest, queryset: QuerySet[Member]) -> None:
        unlocked = queryset.filter(emergency_lock=None)
        act_on_each(request, unlocked, lambda member: member.deactivate(by=support(request)))

    @admin.action(description=_("Reactivate"))
    def reactivate(self, request: HttpRequest, queryset: QuerySet[Member]) -> None:
        inactive = queryset.filter(account__is_active=False)
        act_on_each(request, inactive, lambda member: member.reactivate(by=support(request)))

    @admin.action(description=_("Lift the lock, so that the IdP can activate the account again"))
    def lift_lock(self, request: HttpRequest, queryset: QuerySet[Member]) -> None:
        act_on_each(request, queryset, lambda member: member.lift_lock(by=support(request)))
