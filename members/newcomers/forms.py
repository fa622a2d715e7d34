"""The forms for people who get a Managed Account here."""

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from members import values
from members.console.name_field import NameField
from members.console.pages import with_link
from members.keys import key_of
from members.models import Newcomer, Organization, Role, Team
from members.models.member.refusals import UniqueIdTaken
from members.people.forms import are_many
from members.refusals import InvalidValue, Refusal, Taken
from members.values_refusals import InvalidText, InvalidUniqueId, NameMissing, TextTooLong


class TeamNames(forms.CharField):
    def __init__(self) -> None:
        text = _("Names, separated by commas.")
        super().__init__(label=_("Teams"), max_length=2000, required=False, help_text=text)


def teams_called(text: str, organization: Organization) -> list[Team]:
    """The teams with the names of a TeamNames. Raises ValidationError."""
    names = [name for part in text.replace("、", ",").split(",") if (name := part.strip())]
    found = organization.teams.filter(name_key__in=[key_of(name) for name in names])
    known = {team.name_key: team for team in found}
    if unknown := [name for name in names if key_of(name) not in known]:
        raise forms.ValidationError(_("There is no team called “%(name)s”.") % {"name": unknown[0]})
    return list(known.values())


class NewcomerForm(forms.Form):
    name = NameField()
    email = forms.CharField(
        label=_("Email"),
        max_length=values.MAX_TEXT,
        help_text=_("An address in a verified domain. It is also the sign-in address, called userName in your IdP."),
        widget=forms.TextInput(attrs={"autocapitalize": "none", "spellcheck": "false", "inputmode": "email"}),
    )
    unique_id = forms.CharField(
        label=_("Unique ID"),
        max_length=50,
        required=False,
        help_text=_("The handle for @mentions. If empty, it is made from the address."),
        widget=forms.TextInput(attrs={"autocapitalize": "none", "spellcheck": "false"}),
    )
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices, initial=Role.USER)
    teams: "forms.ModelMultipleChoiceField[Team]" = forms.ModelMultipleChoiceField(
        label=_("Teams"), queryset=Team.objects.none(), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, data: Any, *, organization: Organization, initial: dict[str, Any]) -> None:
        super().__init__(data, initial=initial)
        self.organization = organization
        if organization.is_sandbox:
            self.fields["email"].help_text = _(
                "Any address or other name. It is also the sign-in address, called userName in your IdP."
            )
        teams = organization.teams.order_by("name_key")
        if are_many(teams):
            self.fields["teams"] = TeamNames()
        elif teams:
            self.fields["teams"].queryset = teams  # type: ignore[attr-defined]
        else:
            del self.fields["teams"]

    def clean_teams(self) -> list[Team]:
        given = self.cleaned_data["teams"]
        return teams_called(given, self.organization) if isinstance(given, str) else list(given)

    def newcomer(self) -> Newcomer:
        given = self.cleaned_data
        return Newcomer(
            email=given["email"],
            name=given["name"],
            unique_id=given["unique_id"] or None,
            language=given["language"],
            role=Role(given["role"]),
            teams=list(given.get("teams", [])),
        )

    def refuse(self, refusal: Refusal) -> None:
        self.add_error(self._field_of(refusal), with_link(refusal, self.organization))

    def _field_of(self, refusal: Refusal) -> str | None:
        """The field to write the refusal under; None for above the form."""
        if isinstance(refusal, UniqueIdTaken | InvalidUniqueId):
            return "unique_id"
        if isinstance(refusal, InvalidText | TextTooLong | NameMissing):
            return "email" if refusal.figures.get("field") == "userName" else "name"
        if isinstance(refusal, Taken | InvalidValue):
            return "email"
        return None


class PeopleFileForm(forms.Form):
    file = forms.FileField(
        label=_("CSV file"),
        allow_empty_file=True,
        help_text=_(
            "CSV in UTF-8, UTF-16, Shift_JIS or Windows-1252, up to 1 MiB. Exports of Microsoft, Google, Okta, "
            "OneLogin and JumpCloud can be used unchanged."
        ),
        widget=forms.FileInput(attrs={"accept": ".csv,text/csv"}),
    )
