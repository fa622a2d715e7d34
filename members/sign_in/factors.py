"""The pages of a Nulab Account's password and second factor."""

from collections.abc import Callable
from functools import wraps
from typing import Any

import segno
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from members import actors
from members.console.pages import View, recent_sign_in, signed_in_only
from members.console.preferences import safe_next
from members.models import Account, SecondFactor
from members.models.second_factor import new_secret, pairing_link
from members.models.second_factor_refusals import WrongCode
from members.sealing import seal, unseal
from members.sign_in.secret_forms import ChangePasswordForm, CurrentPasswordForm, FirstCodeForm
from members.sign_in.session import BY_CODE

# The secret of an app that is being set up, sealed, until its first code has been typed.
PENDING = "second_factor_pending"


class OwnerRequest(HttpRequest):
    """A request by the owner of a Nulab Account who has signed in recently."""

    user: Account
    actor: actors.Actor


def owners_only(view: Callable[[OwnerRequest], HttpResponse]) -> View:
    """Decorates views for owners of Nulab Accounts. 403 to Managed Accounts, whose IdP decides."""

    for_owners = recent_sign_in(view)

    @wraps(view)
    @never_cache
    @signed_in_only
    def page(request: Any) -> HttpResponseBase:
        if request.user.is_managed:
            raise PermissionDenied(
                _(
                    "You sign in through your organization's IdP, so your name, addresses, password and second factor "
                    "are managed there."
                )
            )
        request.actor = actors.person(request.user, request)
        return for_owners(request)

    return page


def _this(request: OwnerRequest) -> str:
    """The key of this session, which goes on when the others end."""
    return request.session.session_key or ""


@require_safe
@owners_only
def overview(request: OwnerRequest) -> HttpResponse:
    factor = SecondFactor.objects.filter(account=request.user).first()
    codes_left = factor.recovery_codes.count() if factor else 0
    return render(request, "members/sign_in/security/overview.html", {"factor": factor, "codes_left": codes_left})


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
@owners_only
def password(request: OwnerRequest) -> HttpResponse:
    form = ChangePasswordForm(request.user, request.POST if request.method == "POST" else None, request=request)
    if form.is_valid():
        request.user.choose_password(form.cleaned_data["new_password1"], by=request.actor, keep=_this(request))
        update_session_auth_hash(request, request.user)
        messages.success(request, _("Your password is changed. All other browsers are signed out."))
        return redirect("security")
    return render(request, "members/sign_in/security/password.html", {"form": form}, status=422 if form.errors else 200)


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
@owners_only
def authenticator(request: OwnerRequest) -> HttpResponse:
    """The set-up page: shows the secret, and stores it once a code made of it has been typed."""
    if SecondFactor.objects.filter(account=request.user).exists():
        return redirect("security")
    secret = _pending_secret(request)
    form = FirstCodeForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            codes = SecondFactor.objects.set_up(
                request.user, secret, form.cleaned_data["code"], by=request.actor, keep=_this(request)
            )
        except WrongCode as refusal:
            form.add_error("code", str(refusal))
        else:
            del request.session[PENDING]
            request.session.cycle_key()
            request.session[BY_CODE] = True
            return _show_once(request, codes)
    link = pairing_link(request.user, secret)
    context = {"form": form, "secret": secret, "link": link, "qr": _qr(link), "next": safe_next(request, "")}
    return render(request, "members/sign_in/security/authenticator.html", context, status=422 if form.errors else 200)


def _pending_secret(request: OwnerRequest) -> str:
    """The secret, the same until it is confirmed: reloading the page must not void what has been scanned."""
    secret = unseal(request.session.get(PENDING, "")) or new_secret()
    request.session[PENDING] = seal(secret)
    return secret


def _qr(link: str) -> SafeString:
    """The QR code, black on white in any theme, because cameras expect that."""
    return SafeString(segno.make_qr(link).svg_inline(omitsize=True, light="#fff", svgclass="qr", lineclass=None))


def _show_once(request: OwnerRequest, codes: list[str]) -> HttpResponse:
    context = {"codes": codes, "next": safe_next(request, reverse("security"))}
    return render(request, "members/sign_in/security/recovery_codes.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@owners_only
def recovery_codes(request: OwnerRequest) -> HttpResponse:
    """The page that makes new recovery codes, which void the old ones and are shown in this answer only."""
    factor = SecondFactor.objects.of(request.user)
    if request.method == "POST":
        return _show_once(request, factor.renew_recovery_codes(by=request.actor, keep=_this(request)))
    return render(request, "members/sign_in/security/renew.html")


@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
@owners_only
def remove_authenticator(request: OwnerRequest) -> HttpResponse:
    factor = SecondFactor.objects.of(request.user)
    form = CurrentPasswordForm(request.POST if request.method == "POST" else None, request=request)
    if form.is_valid():
        factor.remove(by=request.actor, keep=_this(request))
        request.session[BY_CODE] = False
        messages.success(request, _("The second factor is removed. You now sign in with your password only."))
        return redirect("security")
    return render(request, "members/sign_in/security/remove.html", {"form": form}, status=422 if form.errors else 200)
