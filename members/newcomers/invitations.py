"""Inviting people: the open invitations of an organization, and the link that an invited person opens."""

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from members import actors
from members.console import one_time_links
from members.console.navigation import home_of
from members.console.pages import OrganizationRequest, inviters_too, require_recent_sign_in_for, with_link
from members.models import Account, Invitation, TeamRule
from members.models.address_refusals import AddressTaken
from members.models.changing import changing
from members.models.invitation_refusals import InvitationIsOver, NoInvitationsInSandbox
from members.models.sign_in import Method
from members.newcomers.invitation_forms import InvitationForm, JoiningForm
from members.refusals import Refusal
from members.sign_in.session import start_session


@require_safe
@inviters_too
def invitations(request: OrganizationRequest) -> HttpResponse:
    rows = _mine(request).select_related("invited_by__account").order_by("-mailed_at", "pk")
    return render(request, "members/newcomers/invitations.html", {"invitations": rows})


@require_http_methods(["GET", "HEAD", "POST"])
@inviters_too
def invite(request: OrganizationRequest) -> HttpResponse:
    form = InvitationForm(request.POST if request.method == "POST" else None, request.member)
    if form.is_valid():
        teams = list(form.cleaned_data.get("teams", []))
        require_recent_sign_in_for(request, form.cleaned_data["role"], *TeamRule.objects.given_by(teams))
        try:
            invitation = Invitation.objects.invite(
                request.member,
                form.cleaned_data["email"],
                role=form.cleaned_data["role"],
                teams=teams,
                by=request.actor,
            )
        except Refusal as refusal:
            form.add_error("email", with_link(refusal, request.organization))
        else:
            messages.success(request, _("%(email)s is invited.") % {"email": invitation.email})
            return redirect("invitations", request.organization.space_key)
    context = {"form": form, "refusal": NoInvitationsInSandbox() if request.organization.is_sandbox else None}
    return render(request, "members/newcomers/invite.html", context, status=422 if form.errors else 200)


@require_POST
@inviters_too
def resend(request: OrganizationRequest, number: int) -> HttpResponse:
    invitation: Invitation = get_object_or_404(_mine(request), pk=number)
    require_recent_sign_in_for(request, invitation.role, *TeamRule.objects.given_by(invitation.teams.all()))
    invitation.resend(by=request.actor)
    messages.success(
        request,
        _("A new email was sent to %(email)s. The previous link no longer works.") % {"email": invitation.email},
    )
    return redirect("invitations", request.organization.space_key)


@require_POST
@inviters_too
def withdraw(request: OrganizationRequest, number: int) -> HttpResponse:
    invitation: Invitation = get_object_or_404(_mine(request), pk=number)
    invitation.withdraw(by=request.actor)
    messages.success(request, _("The invitation of %(email)s is withdrawn.") % {"email": invitation.email})
    return redirect("invitations", request.organization.space_key)


def _mine(request: OrganizationRequest) -> QuerySet[Invitation]:
    """The open invitations that the member may see: all for an administrator, their own for others."""
    rows: QuerySet[Invitation] = request.organization.invitations.all()
    return rows if request.member.is_administrator else rows.filter(invited_by=request.member)


@require_safe
@never_cache
def open_link(request: HttpRequest, secret: str) -> HttpResponse:
    """The view of the mailed link."""
    if Invitation.objects.with_secret(secret) is None:
        return _show(request, "", None)
    return one_time_links.take(secret, "invitation-opened")


@require_safe
@never_cache
def invitation(request: HttpRequest, name: str) -> HttpResponse:
    return _show(request, name, _opened(request, name))


@require_POST
@never_cache
def accept(request: HttpRequest, name: str) -> HttpResponse:
    """The view with which the invited account, signed in, joins."""
    found = _opened(request, name)
    if found is None or not request.user.is_authenticated or found.account() != request.user:
        return _show(request, name, found)
    try:
        member = found.accept(request.user, by=actors.person(request.user, request))
    except Refusal as refusal:
        messages.error(request, refusal.to_typist)
        return redirect("profile")
    return _joined(request, found, name, home_of(member) or "profile")


@sensitive_post_parameters("password")
@require_POST
@never_cache
def join(request: HttpRequest, name: str) -> HttpResponse:
    """The view with which somebody without an account joins: a name and a password make one."""
    found = _opened(request, name)
    if found is None or found.account() is not None:
        return _show(request, name, found)
    form = JoiningForm(request.POST, found.email)
    if form.is_valid():
        try:
            account = _register(request, found, form)
        except (AddressTaken, InvitationIsOver):
            return _show(request, name, _opened(request, name))
        except Refusal as refusal:
            form.add_error("name", refusal.to_typist)
        else:
            start_session(request, account, Method.INVITATION)
            return _joined(request, found, name, "home")
    return _show(request, name, found, form)


def _register(request: HttpRequest, found: Invitation, form: JoiningForm) -> Account:
    """Make the account and its membership, or neither."""
    with changing():
        account = Account.objects.register_nulab(
            email=found.email,
            language=translation.get_language() or "en",
            time_zone=found.invited_by.account.time_zone if found.invited_by else "UTC",
            **form.cleaned_data,
        )
        found.accept(account, by=actors.person(account, request))
    return account


def _joined(request: HttpRequest, found: Invitation, name: str, page: str) -> HttpResponse:
    messages.success(request, _("You are a member of %(organization)s now.") % {"organization": found.organization})
    response = redirect(page)
    one_time_links.let_go(response, name)
    return response


def _opened(request: HttpRequest, name: str) -> Invitation | None:
    """The invitation whose link this browser has opened."""
    return Invitation.objects.with_secret(one_time_links.held(request, name))


def _show(request: HttpRequest, name: str, found: Invitation | None, form: JoiningForm | None = None) -> HttpResponse:
    account = found.account() if found else None
    context = {
        "invitation": found,
        "name": name,
        "account": account,
        "is_reader": account is not None and account == request.user,
        "form": form or JoiningForm(None, found.email if found else ""),
    }
    status = 404 if found is None else 422 if form and form.errors else 200
    return render(request, "members/newcomers/invitation.html", context, status=status)
