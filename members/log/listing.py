"""The audit log as a page and as a file: its filters, pages and columns."""

import datetime
import json
import re
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from members import values, words
from members.actors import Kind
from members.console.days import DayField, end_of, start_of
from members.console.keyset import Keyset
from members.keys import key_of
from members.log import history
from members.models import AuditEvent, Organization

NEWEST_FIRST = Keyset("at", is_descending=True)
ROWS = 50
# Events that a page searches at most for those that match; it says how far back it came.
LOOKED_THROUGH = 10_000
SCIM_ID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\Z")
# Category of events about the organization itself.
PRODUCT = "Apps"
COLUMNS = [
    "id", "space_key", "product", "date", "category", "event", "action",
    "operation_user_id", "operation_user_name", "operation_user_email", "ip_address", "user_agent", "version",
    "subject_id", "subject", "changes",
]  # fmt: skip


def _event_choices() -> list[tuple[Any, Any]]:
    """Every category with its events; a category by itself means all of them."""
    groups: dict[str, list[tuple[str, Any]]] = {}
    for event in words.events().values():
        groups.setdefault(event.value.partition(".")[0], []).append((event.value, event.label))
    return [
        ("", gettext("All events")),
        *(
            (title, [(category, gettext("%(category)s: all events") % {"category": title}), *groups[category]])
            for category in groups
            if (title := history.category_name(category))
        ),
    ]


class AuditLogFilter(forms.Form):
    actor = forms.CharField(
        label=_("Actor: name or e-mail"),
        required=False,
        max_length=values.MAX_FULL_NAME,
        widget=forms.SearchInput(attrs={"placeholder": _("Actor")}),
    )
    subject = forms.CharField(
        label=_("Target: name, address, ID or request ID"),
        required=False,
        max_length=values.MAX_FULL_NAME,
        widget=forms.SearchInput(attrs={"placeholder": _("Target")}),
    )
    event = forms.ChoiceField(label=_("Event"), required=False, choices=_event_choices)
    since = DayField(label=_("From"))
    until = DayField(label=_("To"))

    def __init__(self, data: Any, *, organization: Organization) -> None:
        super().__init__(data)
        self.organization = organization

    def clean_subject(self) -> str:
        subject: str = self.cleaned_data["subject"]
        return subject.lower() if SCIM_ID.match(subject.lower()) else subject

    def within(self, events: QuerySet[AuditEvent]) -> QuerySet[AuditEvent]:
        """The conditions that an index answers: days in the reader's time zone, a member, a request."""
        if since := self.cleaned_data["since"]:
            events = events.filter(at__gte=start_of(since))
        if until := self.cleaned_data["until"]:
            events = events.filter(at__lt=end_of(until))
        if self.names_one_member:
            events = events.filter(subject_id=self.cleaned_data["subject"])
        elif self._names_a_request:
            events = events.filter(request_id__in=self._as_request)
        return events

    def matching(self) -> Q:
        """The conditions that have to be checked event by event."""
        wanted, condition = self.cleaned_data, Q()
        if actor := wanted["actor"]:
            condition &= _done_by(actor)
        if (subject := wanted["subject"]) and not self.names_one_member and not self._names_a_request:
            condition &= Q(subject__icontains=subject) | Q(subject_id__in=_called(self.organization, subject))
        if event := wanted["event"]:
            condition &= Q(event=event) if "." in event else Q(event__startswith=f"{event}.")
        return condition

    @property
    def names_one_member(self) -> bool:
        return bool(SCIM_ID.match(self.cleaned_data["subject"]))

    @cached_property
    def _names_a_request(self) -> bool:
        return self.organization.audit.filter(request_id__in=self._as_request).exists()

    @property
    def _as_request(self) -> list[str]:
        """The id of a request in the case in which it is stored: ours are in lower case, a proxy's may not be."""
        wanted = self.cleaned_data["subject"] or "-"
        return [wanted, wanted.lower()]

    def as_changes(self) -> dict[str, list[Any]]:
        """The filters of an export, as changes of the event that it leaves."""
        chosen = {name: value for name, value in self.cleaned_data.items() if value}
        return {name: ["", str(value)] for name, value in chosen.items()}


def _called(organization: Organization, name: str) -> list[str]:
    """The SCIM ids of members, deleted ones included, with this address, Unique ID or externalId."""
    key = key_of(name)
    here = Q(user_name_key=key) | Q(email_key=key) | Q(unique_id_key=key) | Q(external_id=name)
    gone = (
        Q(user_name__iexact=name) | Q(snapshot__member__external_id=name) | Q(snapshot__member__unique_id__iexact=name)
    )
    rows = organization.members.filter(here), organization.deleted_accounts.filter(gone)
    return [scim_id for found in rows for scim_id in found.values_list("scim_id", flat=True)[:ROWS]]


def _done_by(words: str) -> Q:
    """Events by the operator's name or address; operators that are no persons also by their names on the page."""
    people = Q(operator_name__icontains=words) | Q(operator_email__icontains=words)
    return Q(operator_kind__in=history.operators_called(words)) | (
        people & ~Q(operator_kind__in=list(history.OPERATORS))
    )


@dataclass(frozen=True)
class Line:
    """An event as its reader may see it, without the name of a person of Nulab Support."""

    event: AuditEvent

    @property
    def title(self) -> str:
        return history.title_of(self.event)

    @property
    def category(self) -> str:
        return history.category_name(self.event.category)

    @property
    def tone(self) -> str:
        return history.tone_of(self.event)

    @property
    def operator(self) -> str:
        return history.operator_of(self.event)

    @property
    def changes(self) -> list[history.Change]:
        return history.changes_of(self.event)

    @property
    def refusal(self) -> str:
        return history.refusal_of(self.event)

    @property
    def operator_id(self) -> int | None:
        return None if self._is_support else self.event.operator_id

    @property
    def ip_address(self) -> str | None:
        return None if self._is_support else self.event.ip_address

    @property
    def user_agent(self) -> str:
        return "" if self._is_support else self.event.user_agent

    @property
    def product(self) -> str:
        return PRODUCT

    @property
    def version(self) -> str:
        return f"V{self.event.version}"

    @property
    def date(self) -> str:
        """The moment in UTC, to the second (ISO 8601)."""
        return self.event.at.astimezone(datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ")

    @property
    def _is_support(self) -> bool:
        return self.event.operator_kind == Kind.SUPPORT


@dataclass(frozen=True)
class Page:
    lines: list[Line]
    # The cursors of the pages beside it, as a Stretch has them.
    next: str
    is_first: bool
    previous: str | None
    # Oldest event that was searched, where the page ended before it was full.
    looked_back_to: datetime.datetime | None = None


def page(events: QuerySet[AuditEvent], form: AuditLogFilter, cursor: str) -> Page:
    """A page of events. Costs the same in a log of millions."""
    found = NEWEST_FIRST.search(form.within(events), form.matching(), cursor, ROWS, LOOKED_THROUGH)
    return Page([Line(event) for event in found.rows], found.next, found.is_first, found.previous, found.looked_back_to)


def row_of(organization_key: str, event: AuditEvent) -> list[Any]:
    """The cells of COLUMNS; `changes` as JSON for programs, `action` in words for people."""
    line = Line(event)
    words = [line.title, event.subject, *map(str, line.changes), line.refusal]
    return [
        event.pk, organization_key, PRODUCT, line.date, event.category, event.event, " · ".join(filter(None, words)),
        line.operator_id, line.operator, event.operator_email, line.ip_address, line.user_agent, line.version,
        event.subject_id, event.subject, json.dumps(event.changes, ensure_ascii=False),
    ]  # fmt: skip
