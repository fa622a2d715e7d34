"""The forms of Review and Preview."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from members import values
from members.lists.decoding import Decoded
from members.models import Account, Member, Organization
from members.models.finding import Found, members_found
from members.models.standing import of_type
from members.refusals import Refusal
from provisioning.matching.carried_list import unpacked
from provisioning.matching.directory_list import MAX_BYTES, decoded, people_in
from provisioning.matching.review import State, with_state


class ReviewFilter(forms.Form):
    q = forms.CharField(
        label=_("Search by name or address"),
        required=False,
        max_length=values.MAX_FULL_NAME,
        widget=forms.SearchInput(attrs={"placeholder": _("Name or address")}),
    )
    type = forms.ChoiceField(
        label=_("Account type"), required=False, choices=[("", _("All account types")), *Account.Type.choices]
    )
    state = forms.ChoiceField(label=_("State"), required=False, choices=[("", _("All states")), *State.choices])

    def found(self, organization: Organization, verified_domains: set[str]) -> Found:
        """The members that all fields ask for which can be understood."""
        self.is_valid()
        wanted = self.cleaned_data
        members: QuerySet[Member] = organization.members.select_related("account", "emergency_lock")
        if kind := wanted.get("type"):
            members = of_type(members, organization, kind)
        if state := wanted.get("state"):
            members = with_state(members, State(state), organization, verified_domains)
        return members_found(organization.pk, members, wanted.get("q", ""), order="user_name_key")


class PreviewForm(forms.Form):
    """The form of a list; its `people` are in the order of the list, `encoding` is that of the file if guessed."""

    file = forms.FileField(
        label=_("File"),
        required=False,
        allow_empty_file=True,
        help_text=_(
            "CSV in UTF-8, UTF-16, Shift_JIS or Windows-1252, up to 2 MiB. Exports of Microsoft, Google, Okta, "
            "OneLogin and JumpCloud can be used unchanged; in Microsoft Entra ID: Users › Download users."
        ),
        widget=forms.FileInput(attrs={"accept": ".csv,.txt,text/csv,text/plain"}),
    )
    text = forms.CharField(
        label=_("Or paste the list"),
        required=False,
        help_text=_(
            "The CSV with its header, or addresses: mia@example.com or Mia Ito <mia@example.com>. Up to 5,000 people."
        ),
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false", "class": "font-monospace"}),
    )

    # List for the next page of the result, or for its file.
    carried = forms.CharField(required=False, widget=forms.HiddenInput)

    def _listed(self) -> Decoded:
        given = self.cleaned_data
        if given["carried"]:
            return Decoded(unpacked(given["carried"]))
        return decoded(given["file"].read(MAX_BYTES + 1)) if given["file"] else Decoded(given["text"])

    def clean(self) -> dict[str, Any]:
        given = self.cleaned_data
        try:
            if self.errors:
                return given
            listed = self._listed()
            if not listed.text.strip():
                raise forms.ValidationError(_("Choose a file, or paste a list."))
            return given | {"people": people_in(listed.text), "encoding": listed.guess}
        except Refusal as reason:
            raise forms.ValidationError(str(reason)) from None
