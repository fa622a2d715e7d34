"""Sign-in with e-mail and password, for Nulab Accounts only; sign-out; the set-password link."""

import time
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import authenticate, login, logout
from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.forms import SetPasswordForm
from django.contrib.auth.tokens import default_token_generator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlsafe_base64_decode
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from members import actors
from members.keys import key_of
from members.models import Account, Organization
from members.preferences import safe_next


class PasswordBackend(ModelBackend):
    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **kwargs: Any
    ) -> Account | None:
        if not username or not password:
            return None
        account = Account.objects.with_address(username)
        if account is None or account.is_managed:
            # As slow as a wrong password, so that the time tells nobody who exists.
            Account().set_password(password)
            return None
        return account if account.check_password(password) and self.user_can_authenticate(account) else None


class SignInForm(forms.Form):
    identifier = forms.CharField(
        label=_("Email or organization ID"),
        max_length=254,
        widget=forms.TextInput(attrs={"autocomplete": "username", "autofocus": True, "autocapitalize": "none"}),
    )
    password = forms.CharField(
        label=_("Password"),
        required=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        help_text=_("Leave it empty if your organization signs you in through its identity provider."),
    )

    def __init__(self, *args: Any, request: HttpRequest, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.request = request
        self.account: Account | None = None

    def clean(self) -> dict[str, Any]:
        identifier, password = self.cleaned_data.get("identifier", "").strip(), self.cleaned_data.get("password", "")
        if not identifier:
            return self.cleaned_data
        account = Account.objects.with_address(identifier)
        organization = None if "@" in identifier else Organization.objects.filter(slug=identifier.lower()).first()
        if organization or (account and account.is_managed):
            raise forms.ValidationError(
                _("Your organization signs you in through its identity provider. Open this site from there.")
            )
        if not password:
            raise forms.ValidationError({"password": _("Enter your password.")})
        # Under one name, so that ten attempts by userName and ten by Email are not twenty.
        username = account.user_name if account else identifier
        self.account = authenticate(self.request, username=username, password=password)
        if self.account is None:
            raise forms.ValidationError(_("The e-mail address or the password is wrong. Check both and try again."))
        return self.cleaned_data


DEMO_ACCOUNTS = [
    ("aiko.tanaka@aozora.example", _("Aiko Tanaka, administrator of Aozora Design")),
    ("ren.kobayashi@hakata.example", _("Ren Kobayashi, administrator of Hakata Labs")),
    ("sam.sandbox@hakata.example", _("Sam Sandbox, administrator of the sandbox")),
    ("support@nulab.example", _("Nulab Support, in the Django admin")),
]


@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "POST"])
def signin(request: HttpRequest) -> HttpResponse:
    form = SignInForm(request.POST or None, request=request)
    if request.method == "POST" and form.is_valid() and form.account:
        start_session(request, form.account)
        return redirect(safe_next(request, reverse("home")))
    if request.user.is_authenticated and request.method == "GET" and "again" not in request.GET:
        return redirect("home")
    demo_accounts = []
    if settings.DEBUG:
        known = Account.objects.filter(user_name__in=[email for email, _ in DEMO_ACCOUNTS]).values_list(
            "user_name", flat=True
        )
        demo_accounts = [
            {"label": label, "email": email, "password": "demo"} for email, label in DEMO_ACCOUNTS if email in known
        ]
    context = {
        "form": form,
        "demo_accounts": demo_accounts,
        "again": "again" in request.GET,
        "next": safe_next(request, ""),
    }
    return render(request, "signin.html", context, status=422 if form.errors else 200)


BY_PASSWORD = "members.signin.PasswordBackend"


def start_session(request: HttpRequest, account: Account, backend: str = BY_PASSWORD) -> None:
    """A fresh session under a fresh key; remembers when, for the pages that want a recent sign-in."""
    login(request, account, backend=backend)
    request.session["signed_in_at"] = time.time()


def throttled_name(request: HttpRequest, credentials: dict[str, Any] | None) -> str:
    """Whose attempts are counted: another spelling of an address is not another account."""
    typed = (credentials or {}).get("username") or request.POST.get("identifier", "")
    return key_of(typed.strip())[:255]


def locked_out(request: HttpRequest, credentials: dict[str, Any] | None, *args: Any, **kwargs: Any) -> HttpResponse:
    form = SignInForm(request=request)
    return render(request, "signin.html", {"form": form, "is_locked_out": True, "next": ""}, status=429)


@require_POST
def signout(request: HttpRequest) -> HttpResponse:
    logout(request)
    return redirect("signin")


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "POST"])
def set_password(request: HttpRequest, uid: str, token: str) -> HttpResponse:
    """The one-time link: whoever holds it sets the password of a Nulab Account."""
    account = _account_of(uid)
    if account is None or not default_token_generator.check_token(account, token):
        return render(request, "set_password.html", {"form": None}, status=404)
    form = SetPasswordForm(account, request.POST or None)
    if request.method == "POST" and form.is_valid():
        account.choose_password(form.cleaned_data["new_password1"], by=actors.person(account, request))
        messages.success(request, _("Your password is set. Sign in with it now."))
        return redirect("signin")
    return render(request, "set_password.html", {"form": form}, status=422 if form.errors else 200)


def _account_of(uid: str) -> Account | None:
    try:
        number = int(urlsafe_base64_decode(uid))
    except ValueError:
        return None
    return Account.objects.filter(pk=number, is_active=True, type=Account.Type.NULAB).first()
