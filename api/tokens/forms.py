"""The form of a personal access token."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from api.models import Lifetime
from api.models.personal_token import MAX_NAME
from members.models import Member


class PersonalTokenForm(forms.Form):
    organization = forms.ChoiceField(label=_("Organization"))
    name = forms.CharField(
        label=_("Name of the token"),
        max_length=MAX_NAME,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=_("Say where the token is used, such as “Monthly report”."),
    )
    lifetime = forms.ChoiceField(
        label=_("Expires after"), choices=Lifetime.choices, initial=Lifetime.QUARTER.value, widget=forms.RadioSelect
    )

    def __init__(self, *args: Any, places: list[Member], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.places = {place.organization.space_key: place for place in places}
        field: Any = self.fields["organization"]
        field.choices = [(key, place.organization.name) for key, place in self.places.items()]

    @property
    def place(self) -> Member:
        """The owner's place in the organization that was chosen."""
        return self.places[self.cleaned_data["organization"]]
