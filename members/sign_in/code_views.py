"""The last step of signing in with a second factor."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from members import actors
from members.console.preferences import safe_next
from members.models import SecondFactor
from members.models.second_factor_refusals import CodesLocked, WrongCode
from members.models.sign_in import Method
from members.sign_in.code_step import awaited_factor, forget
from members.sign_in.known_browsers import known_browser
from members.sign_in.records import record_refused
from members.sign_in.secret_forms import CodeForm
from members.sign_in.session import start_session


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def code(request: HttpRequest) -> HttpResponse:
    factor = awaited_factor(request)
    if factor is None:
        # A passer-by does not get a session for the sake of a message.
        if forget(request):
            messages.info(request, _("Enter your password first. You then have five minutes to enter the code."))
        return redirect("signin")
    form = CodeForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            method = accepted(request, factor, form.cleaned_data["code"])
        except WrongCode as refusal:
            form.add_error("code", str(refusal))
        except CodesLocked as refusal:
            forget(request)
            return render(request, "members/sign_in/signin_code.html", {"refusal": refusal}, status=429)
        else:
            start_session(request, factor.account, method)
            return redirect(safe_next(request, reverse("home")))
    context = {"form": form, "next": safe_next(request, "")}
    return render(request, "members/sign_in/signin_code.html", context, status=422 if form.errors else 200)


def accepted(request: HttpRequest, factor: SecondFactor, code: str) -> Method:
    """The kind of code that was accepted. Raises WrongCode, CodesLocked, which are recorded."""
    account = factor.account
    try:
        return factor.accept(code, by=actors.person(account, request), browser=known_browser(request, account))
    except (WrongCode, CodesLocked) as refusal:
        record_refused(account, refusal, by=actors.visitor(request))
        raise
