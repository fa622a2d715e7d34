"""The admin of provisioning: support staff read, and may revoke tokens; they never issue one."""

from collections.abc import Iterable
from urllib.parse import quote

from django.contrib import admin
from django.db.models import Q, QuerySet
from django.http import HttpRequest
from django.utils.html import format_html_join
from django.utils.translation import gettext_lazy as _

from members.console.moments import recorded
from members.support.base import OF_ORGANIZATION, SupportAdmin, act_on_each, page_of, support
from members.support.logs import LogAdmin, owners_of
from members.support.search import ASKED, Hit, finder
from provisioning.models import ProvisioningSettings, ScimToken, SyncActivity
from provisioning.models.words import word
from provisioning.monitoring.health import verdict
from provisioning.monitoring.health_words import state_of
from provisioning.templatetags.sync_activity import in_words


@admin.register(ProvisioningSettings)
class ProvisioningSettingsAdmin(SupportAdmin):
    list_display = ("organization", "enabled_at", "told_health", "told_at")
    list_select_related = ("organization",)
    search_fields = OF_ORGANIZATION
    fields = ("organization", "enabled_at", "health", "cause", "told_health", "told_at")
    readonly_fields = ("health", "cause")

    @admin.display(description=_("state"))
    def health(self, settings: ProvisioningSettings) -> str:
        return str(state_of(verdict(settings.organization)).label)

    @admin.display(description=_("cause"))
    def cause(self, settings: ProvisioningSettings) -> str:
        return str(state_of(verdict(settings.organization)).sentence)


@admin.register(ScimToken)
class ScimTokenAdmin(SupportAdmin):
    list_display = (
        "name",
        "prefix",
        "organization",
        "issuer",
        "expires_at",
        "revoked_at",
        "last_used_at",
        "last_used_by",
    )
    list_select_related = ("organization", "issuer__account", "issuer__organization")
    search_fields = ("prefix", "name", *OF_ORGANIZATION)
    # No hash on the page: nobody needs a copy.
    fields = (
        *("organization", "name", "prefix", "issuer", "created_at", "expires_at", "revoked_at"),
        *("first_used_at", "last_used_at", "last_used_by", "last_refused_at"),
    )
    actions = ("revoke",)

    @admin.action(description=_("Revoke: stops working at once"))
    def revoke(self, request: HttpRequest, queryset: QuerySet[ScimToken]) -> None:
        act_on_each(request, queryset.select_related("organization"), lambda token: token.revoke(by=support(request)))


@admin.register(SyncActivity)
class SyncActivityAdmin(LogAdmin):
    list_display = ("recorded", "organization", "kind", "subject", "status", "reason", "request_id")
    list_filter = ("kind",)
    list_select_related = ("organization",)
    search_fields = ("subject",)
    ordering = ("-pk",)
    fields = (
        *("recorded", "organization", "request_id", "token_prefix", "kind", "method", "path", "status", "duration_ms"),
        *("subject", "subject_id", "what_changed", "ignored", "reason", "explanation", "body"),
    )
    readonly_fields = ("recorded", "what_changed", "explanation")

    def named(self, words: str) -> Q:
        """Those that were refused name nobody but in what was sent, and in the filter of a search."""
        return Q(body__icontains=words) | Q(path__icontains=quote(words))

    def by_id(self, words: str) -> Iterable[QuerySet[SyncActivity]]:
        yield SyncActivity.objects.filter(request_id__in=[words, words.lower()])
        for owner in owners_of(words.lower()):
            about = SyncActivity.objects.filter(organization=owner, search__has=word(owner, words))
            yield about.filter(subject_id=words.lower())

    @admin.display(description=_("what changed"))
    def what_changed(self, call: SyncActivity) -> str:
        changes = [f"{label}: {before} → {after}" for label, before, after in in_words(call.changes)]
        return format_html_join(" · ", "{}", [(change,) for change in changes])

    @admin.display(description=_("cause and remedy"))
    def explanation(self, call: SyncActivity) -> str:
        return call.explanation if call.is_refused else ""


@finder(_("Requests of an IdP"))
def requests(words: str) -> Iterable[Hit]:
    """Requests by the X-Request-Id, which stands in the IdP's log."""
    for call in SyncActivity.objects.filter(request_id=words.lower()).select_related("organization")[:ASKED]:
        yield Hit(
            f"{call.method} {call.path}",
            f"{call.status} · {call.organization} · {recorded(call.at)}",
            page_of(call),
        )


@finder(_("SCIM tokens"))
def tokens(words: str) -> Iterable[Hit]:
    """Tokens by their visible beginning."""
    for token in ScimToken.objects.filter(prefix=words.rstrip("…")).select_related("organization")[:ASKED]:
        yield Hit(str(token), str(token.organization), page_of(token))
