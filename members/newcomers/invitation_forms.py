"""The forms around invitations."""

from typing import Any

from django import forms
from django.contrib.auth.password_validation import validate_password
from django.utils.translation import gettext_lazy as _

from members import values
from members.console.name_field import NameField
from members.models import Account, Member, Role, Team
from members.newcomers.forms import TeamNames, teams_called
from members.sign_in.secret_forms import PASSWORD_RULE


class InvitationForm(forms.Form):
    email = forms.EmailField(
        label=_("Email"),
        max_length=values.MAX_ADDRESS,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        help_text=_("The person gets an email with a link that works for seven days."),
    )
    role = forms.ChoiceField(
        label=_("Role"),
        choices=Role.choices,
        initial=Role.USER,
        help_text=_(
            "A person whose account is managed by another organization cannot be an administrator here: they join as "
            "Member, even if you choose Administrator."
        ),
    )
    teams = TeamNames()

    def __init__(self, data: Any, inviter: Member) -> None:
        super().__init__(data)
        self.inviter = inviter
        if not inviter.is_administrator:
            del self.fields["teams"]
            choices = [choice for choice in Role.choices if choice[0] != Role.ADMIN]
            self.fields["role"] = forms.ChoiceField(label=_("Role"), choices=choices, initial=Role.USER)

    def clean_role(self) -> Role:
        return Role(self.cleaned_data["role"])

    def clean_teams(self) -> list[Team]:
        return teams_called(self.cleaned_data["teams"], self.inviter.organization)


class JoiningForm(forms.Form):
    """The form for an invited person without an account: a name and a password."""

    name = NameField(widget=forms.TextInput(attrs={"autocomplete": "name"}))
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        max_length=1024,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=PASSWORD_RULE,
    )

    def __init__(self, data: Any, email: str) -> None:
        super().__init__(data)
        self.email = email

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        name = self.cleaned_data.get("name", "")
        validate_password(password, Account(user_name=self.email, email=self.email, display_name=name, name=name))
        return password
