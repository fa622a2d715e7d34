"""Logs in the Django admin, which may have millions of rows: no list counts them, no search reads them all."""

from collections.abc import Iterable
from typing import Any

from django.contrib.admin import AdminSite
from django.db.models import Model, Q, QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from members.models import AuditEvent, DeletedAccount, Member, Organization
from members.support.base import RecordAdmin

# Newest rows that are listed, and that filters and parts of names are looked for in.
LISTED = 10_000
# Rows that are found of each kind: by a request's id, a member's, an organization.
FOUND = 500
MAX_ORGANIZATIONS = 20


class LogAdmin(RecordAdmin):
    """The newest rows, of all or of one organization; and by the search all others that an index finds."""

    search_help_text = _(
        "The newest 10,000 are listed. "
        "A request ID, a SCIM ID or an organization is looked for among the older ones, too."
    )

    def by_id(self, words: str) -> "Iterable[QuerySet[Any]]":
        """The rows that have this id, each queryset answered by an index."""
        raise NotImplementedError

    def get_search_results(
        self, request: HttpRequest, queryset: "QuerySet[Any]", search_term: str
    ) -> "tuple[QuerySet[Any], bool]":
        words, newest = search_term.strip(), self._newest(request, queryset)
        if not words:
            return newest, False
        named = newest.filter(self.matching(request, words) | self.named(words))
        found = [named, *self.by_id(words), *self._of_organizations(words)]
        keys = {key for rows in found for key in rows.order_by("-at").values_list("pk", flat=True)[:FOUND]}
        return queryset.filter(pk__in=keys), False

    def named(self, words: str) -> Q:
        """The condition of rows that the list calls by these words, beside search_fields."""
        return Q(pk=0)

    def _newest(self, request: HttpRequest, rows: "QuerySet[Any]") -> "QuerySet[Any]":
        """Those of the rows that are among the newest; all of one member, who has few."""
        owner = request.GET.get("organization__id__exact", "")
        if owner and "subject_id" in request.GET:
            return rows
        if owner.isascii() and owner.isdecimal():
            rows_of = self.model._default_manager.filter(organization=owner)
            last = rows_of.order_by("-at").values_list("at", flat=True)[LISTED : LISTED + 1].first()
            return rows.filter(at__gt=last) if last else rows
        key = self.model._default_manager.order_by("-pk").values_list("pk", flat=True)[LISTED : LISTED + 1].first()
        return rows.filter(pk__gt=key) if key else rows

    def _of_organizations(self, words: str) -> "Iterable[QuerySet[Any]]":
        wanted = Q(space_key__iexact=words) | Q(slug__iexact=words) | Q(name__icontains=words)
        for organization in Organization.objects.filter(wanted).order_by("pk")[:MAX_ORGANIZATIONS]:
            yield self.model._default_manager.filter(organization=organization)


def owners_of(scim_id: str) -> set[int]:
    """The keys of the organizations that have or had a member with this id, as far as is known."""
    everywhere = Organization.objects.values_list("pk", flat=True)
    rows = (
        Member.objects.filter(scim_id=scim_id),
        DeletedAccount.objects.filter(scim_id=scim_id),
        # The index begins with the organization, so all of them are named.
        AuditEvent.objects.filter(organization__in=list(everywhere), subject_id=scim_id),
    )
    return {key for found in rows for key in found.values_list("organization_id", flat=True)[:FOUND]}


def searched(site: AdminSite, words: str) -> dict[type[Model], str]:
    """The address of each log's list, in which the words are looked for."""
    logs = [model for model, shown in site._registry.items() if isinstance(shown, LogAdmin)]
    names = {model: model._meta.label_lower.replace(".", "_") for model in logs}
    return {model: reverse(f"admin:{name}_changelist", query={"q": words}) for model, name in names.items()}
