from typing import Any

from django import forms

LANGUAGES = [("en-US", "English (United States)"), ("ja-JP", "Japanese"), ("fr-FR", "French")]
ROLES = [("ADMIN", "ADMIN"), ("USER", "USER"), ("GUEST", "GUEST")]


class ConnectionForm(forms.Form):
    scim_url = forms.RegexField(
        r"^https?://[^\s/]+/\S+$",
        label="SCIM URL",
        help_text="“Tenant URL” in Entra. Add ?aadOptscim062020 for its other PATCH dialect.",
        error_messages={"invalid": "Paste the whole SCIM URL, http(s)://…/scim/v2/."},
    )
    token = forms.RegexField(
        r"^[\x21-\x7e]+$",
        label="SCIM token",
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text="“Secret token” in Entra. Kept in memory until this program ends.",
        error_messages={"invalid": "Paste the token as it was shown, without spaces."},
    )
    domain = forms.ChoiceField(
        label="Domain of the people",
        choices=[("aozora.example", "aozora.example"), ("hakata.example", "hakata.example")],
        help_text="A verified domain of the organization; any for a sandbox.",
    )


class PersonForm(forms.Form):
    display_name = forms.CharField(label="Name")
    given_name = forms.CharField(label="Given name")
    family_name = forms.CharField(label="Family name")
    user_name = forms.CharField(label="User name (UPN)")
    email = forms.CharField(label="E-mail")
    nickname = forms.CharField(label="Unique ID (nickName)", required=False)
    language = forms.ChoiceField(label="Language", choices=LANGUAGES)
    role = forms.ChoiceField(label="App role", choices=ROLES)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs["autocomplete"] = "off"
