"""The sign-in page: the address, then the IdP or, for Nulab Accounts only, the password; and sign-out."""

from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from members.console.pages import UNSENT, try_later
from members.console.preferences import safe_next
from members.console.privacy import leave_nothing
from members.models import Account, Organization, SecondFactor
from members.models.sign_in import Method
from members.openings import BELOW_SIGN_IN
from members.refusals import TryLater
from members.sign_in.code_step import ask_for_code
from members.sign_in.form import SignInForm
from members.sign_in.session import start_session
from members.single_sign_on import leads_elsewhere, sign_in_address


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
    """The account that a page with secrets asks to sign in again: nobody else may do so instead."""
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
        "is_unsent": UNSENT in request.GET,
    }
    status = 409 if without_idp else 422 if form.errors else 200
    return render(request, "members/sign_in/signin.html", context, status=status)


def _start_over(request: HttpRequest, refusal: TryLater) -> HttpResponse:
    context = {"form": SignInForm(None, request=request), "refusal": refusal, "next": safe_next(request, "")}
    return try_later(render(request, "members/sign_in/signin.html", context), refusal)


@require_POST
def signout(request: HttpRequest) -> HttpResponse:
    logout(request)
    response = redirect("signin")
    leave_nothing(request, response)
    return response
