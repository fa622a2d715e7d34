import re
from functools import cached_property
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from members.console.days import DayField, end_of, start_of
from members.keys import key_of
from members.models import Account, Member, Organization
from members.refusals import KeptOut, Refusal
from provisioning.carried_list import unpacked
from provisioning.directory_list import MOST_BYTES, decoded, people_in
from provisioning.models import Kind, Lifetime, ScimToken, SyncActivity
from provisioning.models.token import NAME_MOST
from provisioning.models.words import LONGEST, word
from provisioning.review import State, in_state

# No name is like that.
LOOKS_EXACT = re.compile(r"[@0-9]")


class LifetimeField(forms.ChoiceField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=Lifetime.choices, initial=Lifetime.YEAR.value, widget=forms.RadioSelect, **kwargs)

    def clean(self, value: Any) -> Lifetime:
        return Lifetime(super().clean(value or self.initial))


class NameField(forms.CharField):
    """How a token is told from the other one; "" where nobody has chosen."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            label=_("Name of the token"),
            max_length=NAME_MOST,
            widget=forms.TextInput(attrs={"autocomplete": "off"}),
            help_text=_("Helps you tell tokens apart. Say where the token is stored, such as “Entra production”."),
            **kwargs,
        )

    def clean(self, value: Any) -> str:
        name: str = super().clean(value) if value and value.strip() else ""
        return name


class ManageForm(forms.Form):
    enable = forms.BooleanField(
        label=_("Enable"),
        required=False,
        help_text=_("The IdP may create, change, deactivate and delete the Managed Accounts of this organization."),
    )
    name = NameField()
    lifetime = LifetimeField(label=_("The first token expires after"))

    @property
    def first_token(self) -> dict[str, Any]:
        return {"name": self.cleaned_data["name"], "lifetime": self.cleaned_data["lifetime"]}


class TokenForm(forms.Form):
    name = NameField()
    lifetime = LifetimeField(label=_("Expires after"))
    # The newest token when the page was opened: sending the form twice must not issue two.
    newest = forms.IntegerField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, organization: Organization, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        newest = ScimToken.objects.filter(organization=organization).order_by("-pk").first()
        self.newest_id = newest.pk if newest else 0
        self.initial["newest"] = self.newest_id
        self.initial["name"] = ScimToken.objects.next_name(organization)

    def clean(self) -> dict[str, Any]:
        if self.cleaned_data.get("newest") not in (None, self.newest_id):
            raise forms.ValidationError(
                _("A token was issued and shown after you opened this page. Check the list of tokens.")
            )
        return self.cleaned_data


class RenameForm(forms.Form):
    name = NameField()


class AdministratorField(forms.ModelChoiceField):  # type: ignore[type-arg]
    def label_from_instance(self, obj: Member) -> str:
        return f"{obj.account.name} ({obj.account.email or obj.account.user_name})"


class IssuerForm(forms.Form):
    issuer = AdministratorField(
        label=_("New issuer"),
        queryset=Member.objects.none(),
        empty_label=None,
        error_messages={
            "invalid_choice": _("Only an active administrator of this organization can be the issuer of a token.")
        },
    )

    def __init__(self, *args: Any, token: ScimToken, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        administrators = token.organization.members.administrators()
        if token.issuer_id:
            administrators = administrators.exclude(pk=token.issuer_id)
        self.candidates = administrators.select_related("account").order_by("account__name_key", "pk")
        self.fields["issuer"].queryset = self.candidates  # type: ignore[attr-defined]


class ReviewFilter(forms.Form):
    q = forms.CharField(
        label=_("Search by name or address"),
        required=False,
        max_length=255,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": _("Search by name or address")}),
    )
    type = forms.ChoiceField(
        label=_("Account type"), required=False, choices=[("", _("All account types")), *Account.Type.choices]
    )
    state = forms.ChoiceField(label=_("State"), required=False, choices=[("", _("All states")), *State.choices])

    def matching(self, organization: Organization, verified_domains: set[str]) -> Q:
        """For organization.members: what all fields that can be understood ask for."""
        self.is_valid()
        wanted, condition = self.cleaned_data, Q()
        if key := key_of(wanted.get("q", "").strip()):
            condition &= (
                Q(account__name_key__contains=key) | Q(user_name_key__contains=key) | Q(email_key__contains=key)
            )
        if kind := wanted.get("type"):
            condition &= Q(account__type=kind)
        if state := wanted.get("state"):
            condition &= in_state(State(state), organization, verified_domains)
        return condition


class ActivityFilter(forms.Form):
    account = forms.CharField(
        label=_("Name, address or ID"),
        required=False,
        max_length=LONGEST,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": _("Search by name, address or ID")}),
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
    # Where a flood of the same refusal leads to.
    cause = forms.IntegerField(required=False, min_value=1, max_value=2**63 - 1, widget=forms.HiddenInput)
    since = DayField(label=_("From"))
    until = DayField(label=_("To"))

    def __init__(self, data: Any, *, organization: Organization) -> None:
        super().__init__(data)
        self.organization = organization

    def within(self, rows: QuerySet[SyncActivity]) -> QuerySet[SyncActivity]:
        """What has an index: the days in the reader's time zone, an address or an id, refusals."""
        wanted = self._understood()
        if since := wanted.get("since"):
            rows = rows.filter(at__gte=start_of(since))
        if until := wanted.get("until"):
            rows = rows.filter(at__lt=end_of(until))
        if self._is_known:
            rows = rows.filter(self._exactly)
        if wanted.get("outcome") == "refused" or wanted.get("cause"):
            rows = rows.filter(status__gte=400)
        return rows

    def alike(self, rows: QuerySet[SyncActivity]) -> SyncActivity | None:
        """The call whose cause is asked for, if it is one of these."""
        cause = self._understood().get("cause")
        return rows.filter(pk=cause, status__gte=400).first() if cause else None

    def matching(self, alike: SyncActivity | None = None) -> Q:
        """What has to be looked for, call by call; `alike` has the cause that is asked for."""
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

    @cached_property
    def _is_known(self) -> bool:
        """An address or an id that calls were noted with; what may be a part of a name is looked for in names too."""
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


class PreviewForm(forms.Form):
    """Yields `people`, in the order of the list."""

    file = forms.FileField(
        label=_("File"),
        required=False,
        allow_empty_file=True,
        help_text=_(
            "CSV in UTF-8, UTF-16 or Shift_JIS, up to 2 MiB. Exports of Microsoft, Google, Okta, OneLogin and "
            "JumpCloud can be used unchanged; in Microsoft Entra ID: Users › Download users."
        ),
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,text/csv,text/plain"}),
    )
    text = forms.CharField(
        label=_("Or paste the list"),
        required=False,
        help_text=_("The CSV with its header, or only addresses, with or without names. Up to 5,000 people."),
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false", "class": "font-monospace"}),
    )

    # What the next page of the result, or the file of it, is made of.
    carried = forms.CharField(required=False, widget=forms.HiddenInput)

    def _listed(self) -> str:
        given = self.cleaned_data
        if given["carried"]:
            return unpacked(given["carried"])
        return decoded(given["file"].read(MOST_BYTES + 1)) if given["file"] else given["text"]

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        try:
            if self.errors:
                return given
            text = self._listed()
            if not text.strip():
                raise forms.ValidationError(_("Choose a file, or paste a list."))
            return given | {"people": people_in(text)}
        except Refusal as reason:
            raise forms.ValidationError(str(reason)) from None
