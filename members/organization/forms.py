"""The forms of the General, Domains and Teams pages."""

from django import forms
from django.utils.translation import gettext_lazy as _

from members import values
from members.models import Organization

# A browser neither completes nor corrects what is typed.
AS_TYPED = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}


class TeamForm(forms.Form):
    name = forms.CharField(
        label=_("Team name"), max_length=values.MAX_NAME, widget=forms.TextInput(attrs={"autocomplete": "off"})
    )


class TeamSearchForm(forms.Form):
    q = forms.CharField(
        label=_("Search teams by name"),
        max_length=100,
        required=False,
        widget=forms.SearchInput(attrs={"placeholder": _("Search teams by name")}),
    )


class DomainForm(forms.Form):
    name = forms.CharField(
        label=_("Domain"),
        max_length=values.MAX_DOMAIN,
        help_text=_("The part of the addresses after the @, such as example.com."),
        widget=forms.TextInput(attrs=AS_TYPED),
    )


class OrganizationNameForm(forms.Form):
    name = forms.CharField(label=_("Organization name"), max_length=values.MAX_ORGANIZATION)


class OrganizationIdForm(forms.Form):
    """The form of the organization ID: the new one, and the present one as confirmation."""

    slug = forms.CharField(
        label=_("New organization ID"),
        max_length=values.MAX_SLUG,
        help_text=_("3 to 20 lowercase letters, digits and hyphens, with a letter or digit at both ends."),
        widget=forms.TextInput(attrs=AS_TYPED),
    )
    confirmation = forms.CharField(
        label=_("Current organization ID, to confirm"),
        max_length=values.MAX_SLUG,
        widget=forms.TextInput(attrs=AS_TYPED),
    )

    def __init__(self, data: object, organization: Organization) -> None:
        super().__init__(data)  # type: ignore[arg-type]
        self.organization = organization

    def clean_confirmation(self) -> str:
        typed: str = self.cleaned_data["confirmation"]
        if typed != self.organization.slug:
            word = {"word": self.organization.slug}
            raise forms.ValidationError(_("This does not match “%(word)s”. Type it exactly as shown.") % word)
        return typed
