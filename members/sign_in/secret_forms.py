"""Form fields for secrets: the current password, a code, a new password."""

from typing import Any

from django import forms
from django.contrib.auth.forms import SetPasswordForm
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from members.models import Account
from members.sign_in.passwords import check_password

# Help of the fields in which somebody chooses a password: AUTH_PASSWORD_VALIDATORS in a sentence.
PASSWORD_RULE = _("At least ten characters. Common passwords, and those like your address, are not accepted.")


class ForgottenForm(forms.Form):
    email = forms.CharField(
        label=_("Email"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "username", "autofocus": True}),
    )


class CodeForm(forms.Form):
    code = forms.CharField(
        label=_("Code"),
        max_length=40,
        help_text=_("The six digits that your authenticator app shows, or one of your recovery codes."),
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "autocapitalize": "none", "autofocus": True}),
    )


class FirstCodeForm(forms.Form):
    code = forms.CharField(
        label=_("Code"),
        max_length=40,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"}),
    )


class CurrentPasswordForm(forms.Form):
    current_password = forms.CharField(
        label=_("Current password"),
        strip=False,
        max_length=4096,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password", "autofocus": True}),
    )

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request

    def clean_current_password(self) -> str:
        """Check the current password; counted, throttled and recorded as at sign-in. Raises a TryLater."""
        account, password = self.request.user, self.cleaned_data["current_password"]
        assert isinstance(account, Account)
        if check_password(self.request, account.user_name, account, password) is None:
            raise forms.ValidationError(_("This is not your current password."))
        return str(password)


class NewPasswordForm(SetPasswordForm):  # type: ignore[type-arg]  # not generic when it runs
    """Django's form in the words of the site."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["new_password1"].label, self.fields["new_password2"].label = (
            _("New password"),
            _("New password again"),
        )
        self.fields["new_password1"].help_text, self.fields["new_password2"].help_text = PASSWORD_RULE, ""

    def validate_password_for_user(self, user: Account, password_field_name: str = "new_password1") -> None:
        """Put what is wrong with the password at the field where it is chosen; Django puts it at the repetition."""
        super().validate_password_for_user(user, "new_password1")


class ChangePasswordForm(CurrentPasswordForm, NewPasswordForm):
    field_order = ("current_password", "new_password1", "new_password2")
