"""Sign-in: who it is, then the IdP or, for Nulab Accounts only, the password; sign-out; the set-password link."""

import time
from collections.abc import Mapping
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth import authenticate, login, logout
from django.contrib.auth.backends import ModelBackend
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from members import one_time_links
from members.code_step import ask_for_code
from members.keys import key_of
from members.models import Account, Organization, SecondFactor
from members.preferences import safe_next
from members.single_sign_on import leads_elsewhere, sign_in_address


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
    """Step one asks who, step two for the password; whoever sends both at once is signed in at once."""

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
        # What the steps come to: the organization whose IdP takes over, or an account with the right password.
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
                self._check_password(known.user_name if known else identifier)
        return self.cleaned_data

    def _check_password(self, username: str) -> None:
        """Under one name, so that ten attempts by userName and ten by Email are not twenty."""
        password = self.cleaned_data.get("password")
        if not password:
            self.add_error("password", _("Enter your password."))
            return
        self.account = authenticate(self.request, username=username, password=password)
        if self.account is None:
            self.add_error(None, _("The e-mail address or the password is wrong. Check both and try again."))


DEMO_ACCOUNTS = [
    ("aiko.tanaka@aozora.example", _("Aiko Tanaka, administrator of Aozora Design")),
    ("ren.kobayashi@hakata.example", _("Ren Kobayashi, administrator of Hakata Labs")),
    ("sam.sandbox@hakata.example", _("Sam Sandbox, administrator of the sandbox")),
    ("support@nulab.example", _("Nulab Support, in the Django admin")),
]


@leads_elsewhere
@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "POST"])
def signin(request: HttpRequest) -> HttpResponse:
    person = _asked_again(request)
    if request.method == "GET" and person is None:
        return redirect("home") if request.user.is_authenticated else _page(request, SignInForm(None, request=request))
    data = request.POST.dict() | ({"identifier": person.user_name} if person else {})
    form = SignInForm(data, request=request)
    if form.is_valid() and form.organization:
        address = sign_in_address(form.organization, after=safe_next(request, ""), again=person is not None)
        return redirect(address) if address else _page(request, form, person, without_idp=form.organization)
    if form.is_valid() and form.account:
        if SecondFactor.objects.filter(account=form.account).exists():
            return ask_for_code(request, form.account, after=safe_next(request, ""))
        start_session(request, form.account)
        return redirect(safe_next(request, reverse("home")))
    return _page(request, form, person)


def _asked_again(request: HttpRequest) -> Account | None:
    """Whom a page with secrets wants to be sure of: that person signs in again, nobody else instead."""
    wanted = request.POST if request.method == "POST" else request.GET
    return request.user if request.user.is_authenticated and "again" in wanted else None


def _page(
    request: HttpRequest,
    form: SignInForm,
    person: Account | None = None,
    *,
    without_idp: Organization | None = None,
) -> HttpResponse:
    if form.asks_password:
        form["identifier"].label = _("Email")
        form.fields["identifier"].widget.attrs |= {"readonly": True, "autofocus": False}
        form.fields["password"].required = True
    context = {
        "form": form,
        "person": person,
        "without_idp": without_idp,
        "demo_accounts": [] if form.is_bound else _demo_accounts(),
        "next": safe_next(request, ""),
    }
    status = 409 if without_idp else 422 if form.errors else 200
    return render(request, "signin.html", context, status=status)


def _demo_accounts() -> list[dict[str, Any]]:
    if not settings.DEBUG:
        return []
    addresses = [email for email, _ in DEMO_ACCOUNTS]
    known = set(Account.objects.filter(user_name__in=addresses).values_list("user_name", flat=True))
    return [{"label": label, "email": email, "password": "demo"} for email, label in DEMO_ACCOUNTS if email in known]


BY_PASSWORD = "members.signin.PasswordBackend"
# What a session remembers of how it began.
SIGNED_IN_AT, BY_CODE = "signed_in_at", "signed_in_by_code"


def start_session(request: HttpRequest, account: Account, backend: str = BY_PASSWORD, *, by_code: bool = False) -> None:
    """A fresh session under a fresh key; remembers when, for the pages that want a recent sign-in."""
    if request.user == account:
        # Django keeps the key of whoever is signed in already.
        request.session.cycle_key()
    login(request, account, backend=backend)
    request.session[SIGNED_IN_AT] = time.time()
    request.session[BY_CODE] = by_code


def throttled_name(request: HttpRequest, credentials: dict[str, Any] | None) -> str:
    """Whose attempts are counted: another spelling of an address is not another account."""
    typed = (credentials or {}).get("username") or request.POST.get("identifier", "")
    return key_of(typed.strip())[:255]


def locked_out(request: HttpRequest, *args: Any) -> HttpResponseBase:
    """What django-axes answers with in place of the view."""
    return leads_elsewhere(_start_over)(request)


def _start_over(request: HttpRequest) -> HttpResponse:
    context = {"form": SignInForm(None, request=request), "is_locked_out": True, "next": safe_next(request, "")}
    return render(request, "signin.html", context, status=429)


@require_POST
def signout(request: HttpRequest) -> HttpResponse:
    logout(request)
    response = redirect("signin")
    one_time_links.let_all_go(request, response)
    return response
