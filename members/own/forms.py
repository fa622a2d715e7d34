"""The forms of one's own account."""

from django import forms
from django.utils.translation import gettext_lazy as _

from members import values


class OwnNameForm(forms.Form):
    name = forms.CharField(
        label=_("Name"), max_length=values.MAX_NAME, widget=forms.TextInput(attrs={"autocomplete": "name"})
    )


class OwnAddressForm(forms.Form):
    email = forms.EmailField(
        label=_("New e-mail address"),
        max_length=values.MAX_ADDRESS,
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        help_text=_("We send a link to this address. Your current address stays until you open the link."),
    )
