"""The sign-in form: who it is, then the password for Nulab Accounts only."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from members.models import Account, Organization
from members.sign_in.passwords import check_password


class SignInForm(forms.Form):
    """Step one asks for the address, step two for the password; both may come at once."""

    identifier = forms.CharField(
        label=_("Email or organization ID"),
        max_length=254,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autofocus": True, "autocapitalize": "none"}),
    )
    password = forms.CharField(
        label=_("Password"),
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "autofocus": True}),
    )

    def __init__(self, data: Mapping[str, Any] | None, *, request: HttpRequest) -> None:
        super().__init__(data)
        self.request = request
        # Result of the steps: the organization whose IdP takes over, or an account with the right password.
        self.organization: Organization | None = None
        self.account: Account | None = None

    @property
    def asks_password(self) -> bool:
        return self.is_bound and self.organization is None and "identifier" in self.cleaned_data

    def clean(self) -> dict[str, Any]:
        identifier = self.cleaned_data.get("identifier")
        if identifier:
            known = Account.objects.with_address(identifier)
            if "@" not in identifier:
                self.organization = Organization.objects.filter(slug=identifier.lower()).first()
            elif known and known.is_managed:
                self.organization = known.managed_by
            if self.organization:
                return self.cleaned_data
            if "@" not in identifier:
                self.add_error("identifier", _("There is no organization with this ID. Check it for typing errors."))
            elif "password" in self.data:
                self._check_password(identifier, known)
        return self.cleaned_data

    def _check_password(self, identifier: str, known: Account | None) -> None:
        password = self.cleaned_data.get("password")
        if not password:
            self.add_error("password", _("Enter your password."))
            return
        self.account = check_password(self.request, identifier, known, password)
        if self.account is None:
            self.add_error(None, _("The e-mail address or the password is wrong. Check both and try again."))
