"""Forgotten passwords: a mailed link sets a new one. The second factor stays."""

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.tokens import default_token_generator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlsafe_base64_decode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from members import actors, mail
from members.console import one_time_links
from members.models import Account, PasswordReset, SignIn
from members.models.account_refusals import PasswordChanged, TooManyResets
from members.models.changing import changing
from members.networks import network_of
from members.sign_in.known_browsers import known_browser, remember_browser
from members.sign_in.records import record_request
from members.sign_in.secret_forms import ForgottenForm, NewPasswordForm


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def forgotten(request: HttpRequest) -> HttpResponse:
    """The page that asks for the address. Its answer is the same, and as quick, whether or not it has an account."""
    form = ForgottenForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            _ask(request, form.cleaned_data["email"])
        except TooManyResets as refusal:
            return render(
                request, "members/sign_in/forgotten_password.html", {"form": form, "refusal": refusal}, status=429
            )
        messages.info(
            request, _("If there is an account with this address, an email was sent to it. Check your inbox.")
        )
        return redirect("signin")
    return render(
        request, "members/sign_in/forgotten_password.html", {"form": form}, status=422 if form.errors else 200
    )


def _ask(request: HttpRequest, address: str) -> None:
    """Count, record and mail a request. Raises TooManyResets."""
    account, by = Account.objects.with_address(address), actors.visitor(request)
    is_at_home = SignIn.objects.is_at_home(account, network_of(by.ip_address))
    is_at_home = is_at_home or bool(known_browser(request, account))
    # Not within the transaction: those at the same moment would not see the row.
    PasswordReset.objects.count_in(address, by.ip_address, is_at_home=is_at_home)
    with changing():
        record_request(account if account and account.is_active else None, by=by)
        _mail_link(account)


def _mail_link(account: Account | None) -> None:
    """Mail the link; to a Managed Account a mail without one. An address without an account costs the same work."""
    if account is None or not account.is_active:
        mail.meanwhile(None, "forgotten_password", link=mail.set_password_link(Account(pk=0)), manager="")
    elif account.managed_by:
        link = f"{settings.BASE_URL}{reverse('signin')}"
        mail.meanwhile(account, "forgotten_password", link=link, manager=account.managed_by.name)
    else:
        mail.meanwhile(account, "forgotten_password", link=mail.set_password_link(account), manager="")


@never_cache
@require_safe
def open_link(request: HttpRequest, uid: str, token: str) -> HttpResponse:
    """The view of the mailed link."""
    secret = f"{uid}/{token}"
    return one_time_links.take(secret, "set-password-form") if _account_of(secret) else _over(request)


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def set_password(request: HttpRequest, name: str) -> HttpResponse:
    """The page on which the reader of the link sets the password."""
    account = _account_of(one_time_links.held(request, name))
    if account is None:
        return _over(request)
    form = NewPasswordForm(account, request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            account.choose_password(
                form.cleaned_data["new_password1"], by=actors.person(account, request), proof="mailed_link"
            )
        except PasswordChanged:
            return _over(request)
        remember_browser(request, account)
        messages.success(request, _("Your password is set. Sign in with it now."))
        response = redirect("signin")
        one_time_links.let_go(response, name)
        return response
    return render(request, "members/sign_in/set_password.html", {"form": form}, status=422 if form.errors else 200)


def _over(request: HttpRequest) -> HttpResponse:
    return render(request, "members/sign_in/set_password.html", {"form": None}, status=404)


def _account_of(secret: str) -> Account | None:
    """The account whose password the link sets, as long as it is good; else None."""
    uid, _slash, token = secret.partition("/")
    try:
        number = int(urlsafe_base64_decode(uid))
    except ValueError:
        return None
    account = Account.objects.filter(pk=number, is_active=True, type=Account.Type.NULAB).first()
    return account if account and default_token_generator.check_token(account, token) else None
