from django import forms
from django.utils.translation import gettext_lazy as _


class SettingsForm(forms.Form):
    entity_id = forms.CharField(label=_("IdP Entity ID"), max_length=1024)
    sso_url = forms.CharField(
        label=_("IdP Endpoint URL"),
        max_length=2048,
        widget=forms.TextInput(attrs={"inputmode": "url"}),
        help_text=_("The address that people are sent to for signing in. It starts with https://."),
    )


class MetadataForm(forms.Form):
    metadata = forms.FileField(
        label=_("Metadata XML of the IdP"),
        widget=forms.ClearableFileInput(attrs={"accept": ".xml,application/xml,text/xml,application/samlmetadata+xml"}),
        help_text=_(
            "In Microsoft Entra ID: Federation Metadata XML. It fills in the fields and adds the certificates."
        ),
    )


class CertificateForm(forms.Form):
    certificate = forms.CharField(
        label=_("X.509 Certificate (Base64)"),
        max_length=20_000,
        widget=forms.Textarea(
            attrs={"rows": 5, "spellcheck": "false", "autocomplete": "off", "class": "font-monospace"}
        ),
        help_text=_("The signing certificate of the IdP, with or without the lines BEGIN and END CERTIFICATE."),
    )
