"""The pages of everybody who has signed in: the start page and the own profile."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from members import actors
from members.console.navigation import home_of, places_by_name, settings_of
from members.console.pages import signed_in_only
from members.log import history
from members.openings import BELOW_PROFILE
from members.own.forms import PreferencesForm

SIGN_INS_SHOWN = 10


@require_safe
@signed_in_only
def home(request: HttpRequest) -> HttpResponse:
    """The start page: on to Organization Settings for those who have some."""
    assert request.user.is_authenticated
    if places := settings_of(request.user):
        return redirect(places[0][1])
    is_support = request.user.is_staff and not request.user.memberships.exists()
    return redirect("admin:index" if is_support else "profile")


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in_only
def profile(request: HttpRequest) -> HttpResponse:
    assert request.user.is_authenticated
    account = request.user
    kept = {"language": account.language, "theme": account.theme, "time_zone": account.time_zone}
    form = PreferencesForm(request.POST or None, initial=kept)
    if request.method == "POST" and form.is_valid():
        account.prefer(by=actors.person(account, request), **form.cleaned_data)
        with translation.override(account.language):
            messages.success(request, _("Your preferences are saved."))
        return redirect("profile")
    context = {
        "account": account,
        "form": form,
        "places": [(place, home_of(place)) for place in places_by_name(account)],
        "panels": list(filter(None, BELOW_PROFILE.ask(account))),
        "sign_ins": history.sign_in_timeline(account.sign_ins.order_by("-at", "-pk")[:SIGN_INS_SHOWN]),
    }
    return render(request, "members/own/profile.html", context, status=422 if form.errors else 200)
