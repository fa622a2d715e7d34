"""The pages of one's own account: name, address, leaving an organization, deletion."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from members import actors
from members.console import one_time_links
from members.console.confirmation import Confirmation, confirm
from members.console.pages import mending, signed_in_only
from members.models import Member, owning
from members.models.account_refusals import KeptByOrganization
from members.models.password_reset import PasswordReset
from members.own import address_links
from members.own.forms import OwnAddressForm, OwnNameForm
from members.refusals import Refusal
from members.sign_in.factors import OwnerRequest, owners_only


@require_http_methods(["GET", "HEAD", "POST"])
@owners_only
def name(request: OwnerRequest) -> HttpResponse:
    data = request.POST if request.method == "POST" else None
    form = OwnNameForm(data, initial={"name": request.user.name})
    if form.is_valid():
        try:
            owning.change_name(request.user, form.cleaned_data["name"], by=request.actor)
        except Refusal as refusal:
            form.add_error("name", refusal.to_typist)
        else:
            messages.success(request, _("Your name is saved."))
            return redirect("profile")
    return render(request, "members/own/own_name.html", {"form": form}, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@owners_only
def address(request: OwnerRequest) -> HttpResponse:
    form = OwnAddressForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        email = form.cleaned_data["email"]
        try:
            PasswordReset.objects.count_in(email, request.actor.ip_address)
        except Refusal as refusal:
            form.add_error("email", refusal.to_typist)
        else:
            address_links.send(request.user, email)
            messages.success(request, _("An email was sent to %(email)s. Open the link in it.") % {"email": email})
            return redirect("profile")
    return render(request, "members/own/own_address.html", {"form": form}, status=422 if form.errors else 200)


@never_cache
@require_safe
def open_address_link(request: HttpRequest, proof: str) -> HttpResponse:
    """The mailed link, before anybody is asked to sign in: their address would carry it."""
    return one_time_links.take(proof, "own-address-confirm") if address_links.is_good(proof) else _over(request)


def _over(request: HttpRequest) -> HttpResponse:
    return render(request, "members/own/own_address_over.html", status=404)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
@signed_in_only
def confirm_address(request: Any, name: str) -> HttpResponse:
    """The page that confirms a new address. It asks once more: programs that scan mails open links, too."""
    email = address_links.read(request.user, one_time_links.held(request, name))
    if email is None:
        return _over(request)
    question = Confirmation(
        title=_("Change your address to %(email)s?") % {"email": email},
        verb=_("Change address"),
        tone="primary",
        back=reverse("profile"),
        consequences=[
            _("You sign in with the new address from now on, with the same password."),
            _("Emails go to the new address. The old address gets one last email about the change."),
        ],
        success=_("Your address is %(email)s now.") % {"email": email},
    )
    by = actors.person(request.user, request)
    return confirm(request, question, lambda: owning.change_address(request.user, email, by=by))


@require_http_methods(["GET", "HEAD", "POST"])
@signed_in_only
def leave(request: Any, space_key: str) -> HttpResponse:
    if not space_key.isalnum():
        raise Http404
    places = Member.objects.select_related("organization", "account")
    place: Member = get_object_or_404(places, account=request.user, organization__space_key=space_key)
    if place.is_own:
        raise KeptByOrganization
    by = actors.person(place.account, request)
    organization = {"organization": place.organization.name}
    # Organization of the frame, and of the link to where an objection can be mended.
    request.organization, request.member = place.organization, place
    question = Confirmation(
        title=_("Leave %(organization)s?") % organization,
        verb=_("Leave organization"),
        back=reverse("profile"),
        objection=lambda: place.protection(by),
        consequences=[
            _("You lose your role, your teams and your licences there."),
            _("Your account and your other organizations do not change."),
            _("To come back you need a new invitation."),
        ],
        success=_("You have left %(organization)s.") % organization,
    )
    return confirm(request, question, lambda: place.remove(by=by))


@require_http_methods(["GET", "HEAD", "POST"])
@owners_only
def delete(request: OwnerRequest) -> HttpResponse:
    obstacles = owning.obstacles(request.user, by=request.actor)
    if obstacles:
        shown = [
            {
                "organization": place.organization,
                "reason": reason,
                "mending": mending(reason, place.organization, place),
            }
            for place, reason in obstacles
        ]
        status = 409 if request.method == "POST" else 200
        return render(request, "members/own/own_delete_blocked.html", {"obstacles": shown}, status=status)
    question = Confirmation(
        title=_("Delete your account?"),
        verb=_("Delete account"),
        back=reverse("profile"),
        after=reverse("signin"),
        word=request.user.email,
        consequences=[
            _("You leave all organizations, and your licences there are given back."),
            _("You are signed out everywhere, and your address becomes free."),
            _("This cannot be undone, even by Nulab Support."),
        ],
        success=_("Your account is deleted."),
    )
    return confirm(request, question, lambda: owning.delete(request.user, by=request.actor))
