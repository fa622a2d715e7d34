"""Setting a password by a mailed link."""

from django.contrib import messages
from django.contrib.auth.forms import SetPasswordForm
from django.contrib.auth.tokens import default_token_generator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import urlsafe_base64_decode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from members import actors
from members.models import Account


@sensitive_post_parameters()
@never_cache
@require_http_methods(["GET", "POST"])
def set_password(request: HttpRequest, uid: str, token: str) -> HttpResponse:
    """The one-time link: whoever holds it sets the password of a Nulab Account."""
    account = _account_of(uid)
    if account is None or not default_token_generator.check_token(account, token):
        return render(request, "set_password.html", {"form": None}, status=404)
    form = SetPasswordForm(account, request.POST if request.method == "POST" else None)
    if form.is_valid():
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
