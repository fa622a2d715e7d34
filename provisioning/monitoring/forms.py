"""The sync activity's filters."""

import re
from functools import cached_property
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from members.console.days import DayField, end_of, start_of
from members.models import Organization
from members.models.member.refusals import KeptOut
from provisioning.models import Kind, SyncActivity
from provisioning.models.words import MAX_WORD, word

# Characters of an id; no name is like that.
LOOKS_EXACT = re.compile(r"[@0-9]")


class ActivityFilter(forms.Form):
    account = forms.CharField(
        label=_("Name, address or ID"),
        required=False,
        max_length=MAX_WORD,
        widget=forms.SearchInput(attrs={"placeholder": _("Name, address or ID")}),
    )
    kind = forms.ChoiceField(label=_("Kind"), required=False, choices=[("", _("All kinds")), *Kind.choices])
    outcome = forms.ChoiceField(
        label=_("Outcome"),
        required=False,
        choices=[
            ("", _("All outcomes")),
            ("changed", _("Changed something")),
            ("unchanged", _("Changed nothing")),
            ("refused", _("Refused")),
            ("kept-out", _("Kept out")),
        ],
    )
    # Call whose cause is asked for, from the link of a flood.
    cause = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1, widget=forms.HiddenInput)
    since = DayField(label=_("From"))
    until = DayField(label=_("To"))

    def __init__(self, data: Any, *, organization: Organization) -> None:
        super().__init__(data)
        self.organization = organization

    def within(self, rows: QuerySet[SyncActivity]) -> QuerySet[SyncActivity]:
        """The conditions that an index answers: days in the reader's time zone, an address or id, refusals."""
        wanted = self._understood()
        if since := wanted.get("since"):
            rows = rows.filter(at__gte=start_of(since))
        if until := wanted.get("until"):
            rows = rows.filter(at__lt=end_of(until))
        if self._is_known:
            rows = rows.filter(self._exactly)
        if wanted.get("outcome") == "refused" or wanted.get("cause"):
            rows = rows.filter(status__gte=400)
        elif wanted.get("outcome") in ("changed", "kept-out") or wanted.get("kind") == Kind.DELETE:
            rows = rows.filter(is_lasting=True)
        return rows

    def alike(self, rows: QuerySet[SyncActivity]) -> SyncActivity | None:
        """The call whose cause is asked for, if it is one of these."""
        cause = self._understood().get("cause")
        return rows.filter(pk=cause, status__gte=400).first() if cause else None

    def matching(self, alike: SyncActivity | None = None) -> Q:
        """The conditions that have to be checked call by call; `alike` has the cause that is asked for."""
        wanted, condition = self._understood(), Q()
        if (account := wanted.get("account")) and not self._is_known:
            named = Q(subject__icontains=account) | Q(subject_id=account.lower())
            condition &= named | self._exactly if self._is_noted else named
        if kind := wanted.get("kind"):
            condition &= Q(kind=kind)
        if (outcome := wanted.get("outcome")) in self.SUCCEEDED:
            condition &= self.SUCCEEDED[outcome]
        if wanted.get("cause"):
            condition &= Q(reason=alike.reason, figures=alike.figures) if alike else Q(pk=0)
        return condition

    SUCCEEDED = {
        "changed": Q(status__lt=400, is_lasting=True, reason=""),
        "unchanged": Q(status__lt=400, is_lasting=False),
        "kept-out": Q(status__lt=400, reason=KeptOut.code),
    }

    @property
    def is_narrowed(self) -> bool:
        return any(self._understood().values()) or bool(self.errors)

    def as_changes(self) -> dict[str, list[Any]]:
        """The filters of an export, as changes of the event that it leaves."""
        chosen = {name: value for name, value in self._understood().items() if value}
        return {name: ["", str(value)] for name, value in chosen.items()}

    @cached_property
    def _is_known(self) -> bool:
        """Whether the text is an address or id of noted calls. Otherwise it is searched in names."""
        return bool(LOOKS_EXACT.search(self._understood().get("account", ""))) and self._is_noted

    @cached_property
    def _is_noted(self) -> bool:
        return self.organization.sync_activity.filter(self._exactly).exists()

    @property
    def _exactly(self) -> Q:
        account = self._understood()["account"]
        return Q(search__has=word(self.organization.pk, account)) | Q(request_id=account.lower())

    def _understood(self) -> dict[str, Any]:
        self.is_valid()
        return self.cleaned_data
