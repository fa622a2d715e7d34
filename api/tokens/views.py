"""Personal access tokens on the own profile: what there is, a new one, the end of one."""

from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_http_methods

from api.models import Lifetime, PersonalToken
from api.tokens.forms import PersonalTokenForm
from members import actors
from members.console.confirmation import Confirmation, confirm
from members.console.pages import recent_sign_in, signed_in_only
from members.models import Account, Member
from members.openings import BELOW_PROFILE
from members.panels import Panel
from members.refusals import Refusal


def places_of(account: Account) -> list[Member]:
    """The account's places where it may have tokens."""
    mine = Member.objects.administrators().filter(account=account)
    return list(mine.select_related("organization", "account").order_by("organization__name", "pk"))


@BELOW_PROFILE.register
def panel(account: Account) -> Panel | None:
    places = places_of(account)
    if not places:
        return None
    live = PersonalToken.objects.live().filter(member__in=places).select_related("member__organization")
    return Panel("api/tokens/panel.html", {"tokens": live.order_by("member__organization__name", "name", "pk")})


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@signed_in_only
@recent_sign_in
@sensitive_variables("secret")
def issue(request: Any) -> HttpResponse:
    places = places_of(request.user)
    if not places:
        raise PermissionDenied
    form = PersonalTokenForm(request.POST if request.method == "POST" else None, places=places)
    refusal = None
    if form.is_valid():
        chosen = form.cleaned_data
        by = actors.person(request.user, request)
        try:
            token, secret = PersonalToken.objects.issue(
                form.place, name=chosen["name"], lifetime=Lifetime(chosen["lifetime"]), by=by
            )
        except Refusal as raised:
            refusal = raised
        else:
            address = f"{settings.BASE_URL}{reverse('api-members', args=[form.place.organization.space_key])}"
            context = {"token": token, "secret": secret, "members_address": address}
            return render(request, "api/tokens/issued.html", context)
    status = 409 if refusal else 422 if form.errors else 200
    return render(request, "api/tokens/form.html", {"form": form, "refusal": refusal}, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in_only
@recent_sign_in
def revoke(request: HttpRequest, token_id: int) -> HttpResponse:
    rows = PersonalToken.objects.live().select_related("member__organization", "member__account")
    token = get_object_or_404(rows, pk=token_id, member__account=request.user)
    named = {"token": token.name}
    question = Confirmation(
        title=_("Revoke the token “%(token)s”?") % named,
        verb=_("Revoke token"),
        cancel=_("Keep token"),
        consequences=[_("Programs that use it are refused at once.")],
        back=reverse("profile"),
        success=_("The token “%(token)s” is revoked.") % named,
    )
    assert isinstance(request.user, Account)
    by = actors.person(request.user, request)
    return confirm(request, question, lambda: token.revoke(by=by))
