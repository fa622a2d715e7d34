from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from saml import addresses
from saml.idp_documents import private_keys
from saml.idp_documents.refusals import PrivateKeyPasted
from saml.pages.state import CertificateGroup

# Characters of a paste: room for the text that OpenSSL prints of a few certificates.
MAX_PASTED = private_keys.MAX_SEARCHED


class SettingsForm(forms.Form):
    entity_id = forms.CharField(
        label=_("IdP Entity ID"),
        max_length=addresses.MAX_ENTITY_ID,
        help_text=_("“Microsoft Entra Identifier” in Microsoft Entra ID, “Identity Provider Issuer” in Okta."),
    )
    sso_url = forms.CharField(
        label=_("IdP Endpoint URL"),
        max_length=addresses.MAX_ENDPOINT,
        widget=forms.TextInput(attrs={"inputmode": "url"}),
        help_text=_(
            "The address where people sign in, starting with https://: “Login URL” in Microsoft Entra ID, “Identity "
            "Provider Single Sign-On URL” in Okta."
        ),
    )


class MetadataForm(forms.Form):
    metadata = forms.FileField(
        label=_("Metadata XML of the IdP"),
        allow_empty_file=True,
        widget=forms.ClearableFileInput(attrs={"accept": ".xml,application/xml,text/xml,application/samlmetadata+xml"}),
        help_text=_(
            "In Microsoft Entra ID: Federation Metadata XML. It fills in the fields and adds the certificates."
        ),
    )


class CertificateInput(forms.Textarea):
    """A text area that shows the typed text again, but no private key, and none in which one may be unseen."""

    def format_value(self, value: Any) -> str | None:
        is_shown = not value or (len(value) <= MAX_PASTED and not private_keys.are_in(value))
        return super().format_value(value) if is_shown else ""


class CertificateField(forms.CharField):
    widget = CertificateInput(
        attrs={"rows": 5, "spellcheck": "false", "autocomplete": "off", "class": "font-monospace"}
    )

    def clean(self, value: Any) -> str:
        """A private key first, however much else is wrong with it."""
        if value and private_keys.are_in(value):
            raise ValidationError(str(PrivateKeyPasted()))
        cleaned: str = super().clean(value)
        return cleaned


class CertificateForm(forms.Form):
    # The entity ID of the IdP whose key it is; the proposed one's where nothing is said.
    idp = forms.CharField(
        label=_("Whose certificate is it?"),
        max_length=addresses.MAX_ENTITY_ID,
        required=False,
        widget=forms.HiddenInput,
    )
    certificate = CertificateField(
        label=_("X.509 Certificate (Base64)"),
        max_length=MAX_PASTED,
        help_text=_(
            "The signing certificate of the IdP, with or without the lines BEGIN and END CERTIFICATE. If you paste a "
            "chain, only the IdP’s own certificate is trusted."
        ),
    )

    def ask_whose(self, groups: list[CertificateGroup]) -> None:
        """Ask for the IdP of the certificate, where there are two."""
        if len(groups) > 1:
            self.fields["idp"].widget = forms.RadioSelect(
                choices=[(group.entity_id, f"{group.title}: {group.entity_id}") for group in groups]
            )
        self.initial.setdefault("idp", groups[-1].entity_id)
