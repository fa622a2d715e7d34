"""The forms of Manage and of the tokens."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from members.models import Member, Organization
from provisioning.models import Lifetime, ScimToken
from provisioning.models.token import MAX_NAME


class LifetimeField(forms.ChoiceField):
    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=Lifetime.choices, initial=Lifetime.YEAR.value, widget=forms.RadioSelect, **kwargs)

    def clean(self, value: Any) -> Lifetime:
        return Lifetime(super().clean(value or self.initial))


class TokenNameField(forms.CharField):
    """The name of a token; "" where nobody has chosen one."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            label=_("Name of the token"),
            max_length=MAX_NAME,
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
    name = TokenNameField()
    lifetime = LifetimeField(label=_("The first token expires after"))

    @property
    def first_token(self) -> dict[str, Any]:
        return {"name": self.cleaned_data["name"], "lifetime": self.cleaned_data["lifetime"]}


class TokenForm(forms.Form):
    name = TokenNameField()
    lifetime = LifetimeField(label=_("Expires after"))
    # Newest token when the page was opened: sending the form twice must not issue two.
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
    name = TokenNameField()

    def clean_name(self) -> str:
        """The new name: here an empty one would be no wish at all."""
        if not self.cleaned_data["name"]:
            raise forms.ValidationError(_("Enter a name."))
        return str(self.cleaned_data["name"])


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
