"""Sign-in: who it is, then the IdP or, for Nulab Accounts only, the password; sign-out."""

import time
from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib.auth import login, logout
from django.contrib.auth.backends import ModelBackend
from django.db.models import TextChoices
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from members import actors
from members.code_step import ask_for_code, forget
from members.known_browsers import known_browser, remember_browser
from members.models import Account, Event, Organization, SecondFactor, SignInAttempt
from members.models.sign_in import Method
from members.networks import network_of
from members.openings import BELOW_SIGN_IN
from members.pages import try_later
from members.password_check import check_password
from members.preferences import safe_next
from members.privacy import leave_nothing
from members.sessions import SIGNED_IN_AT, STARTED_AT
from members.sign_in_refusals import TryLater
from members.sign_ins import record_sign_in
from members.single_sign_on import leads_elsewhere, sign_in_address


class PasswordBackend(ModelBackend):
    """Whose sessions these are. It signs nobody in by itself: the forms do, which count and record what they refuse."""

    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> None:  # type: ignore[override]
        return None


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


@leads_elsewhere
@sensitive_post_parameters("password")
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def signin(request: HttpRequest) -> HttpResponse:
    person = _asked_again(request)
    if request.method != "POST" and person is None:
        return redirect("home") if request.user.is_authenticated else _page(request, SignInForm(None, request=request))
    data = request.POST.dict() | ({"identifier": person.user_name} if person else {})
    form = SignInForm(data, request=request)
    try:
        form.full_clean()
    except TryLater as refusal:
        return _start_over(request, refusal)
    if form.is_valid() and form.organization:
        address = sign_in_address(form.organization, after=safe_next(request, ""), again=person is not None)
        return redirect(address) if address else _page(request, form, person, without_idp=form.organization)
    if form.is_valid() and form.account:
        if SecondFactor.objects.filter(account=form.account).exists():
            return ask_for_code(request, form.account, after=safe_next(request, ""))
        start_session(request, form.account, Method.PASSWORD)
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
        "panels": [] if form.is_bound else list(filter(None, BELOW_SIGN_IN.ask(request))),
        "next": safe_next(request, ""),
    }
    status = 409 if without_idp else 422 if form.errors else 200
    return render(request, "signin.html", context, status=status)


BY_PASSWORD = "members.signin.PasswordBackend"
# What a session remembers beside: a code was typed.
BY_CODE = "signed_in_by_code"


def start_session(
    request: HttpRequest,
    account: Account,
    method: Method,
    backend: str = BY_PASSWORD,
    at_keeper: TextChoices = Event.SIGNED_IN,
) -> None:
    """A fresh session under a fresh key; remembers when, for the pages that want a recent sign-in. Recorded."""
    if request.user == account:
        # Django keeps the key of whoever is signed in already.
        request.session.cycle_key()
    by = actors.person(account, request)
    if backend == BY_PASSWORD:
        network = network_of(by.ip_address)
        SignInAttempt.objects.forgive(account.user_name, network, known_browser(request, account))
        SignInAttempt.objects.forgive(account.user_name, network, "")
        remember_browser(request, account)
    login(request, account, backend=backend)
    # Whoever was about to sign in here before has left that step.
    forget(request)
    request.session[SIGNED_IN_AT] = time.time()
    if backend != BY_PASSWORD:
        request.session[STARTED_AT] = time.time()
    request.session[BY_CODE] = method in (Method.CODE, Method.RECOVERY_CODE)
    record_sign_in(account, method, at_keeper, by=by)


def _start_over(request: HttpRequest, refusal: TryLater) -> HttpResponse:
    context = {"form": SignInForm(None, request=request), "refusal": refusal, "next": safe_next(request, "")}
    return try_later(render(request, "signin.html", context), refusal)


@require_POST
def signout(request: HttpRequest) -> HttpResponse:
    logout(request)
    response = redirect("signin")
    leave_nothing(request, response)
    return response
