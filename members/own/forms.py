"""The forms of one's own account."""

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from members import values
from members.console.name_field import NameField
from members.models import Account
from members.people.forms import time_zones


class OwnNameForm(forms.Form):
    name = NameField(widget=forms.TextInput(attrs={"autocomplete": "name"}))


class OwnAddressForm(forms.Form):
    email = forms.EmailField(
        label=_("New e-mail address"),
        max_length=values.MAX_ADDRESS,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        help_text=_("We send a link to this address. Your current address stays until you open the link."),
    )


class PreferencesForm(forms.Form):
    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES)
    theme = forms.ChoiceField(label=_("Theme"), choices=Account.Theme.choices)
    time_zone = forms.ChoiceField(label=_("Time zone"), choices=time_zones)
