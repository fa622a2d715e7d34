"""The changes to one member: one address for each intent.

A refusal that a view leaves alone becomes a message on the page it came from (members.console.pages).
"""

from dataclasses import replace
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.formats import localize
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from members.console.confirmation import Confirmation
from members.console.pages import OrganizationRequest, administrators_only, with_link
from members.kept_fields import kept_fields
from members.models import Event, Invitation, Member, Product
from members.people import account_types
from members.people.asking import confirm_change
from members.people.forms import PrivilegesForm, TeamChoiceForm
from members.people.idp_echo import idp_echo, warn_of_undoing
from members.people.member import member_of
from members.people.teams import put_in_team
from members.refusals import Refusal


def _url_of(member: Member) -> str:
    return reverse("member", args=[member.organization.space_key, member.scim_id])


@require_http_methods(["GET", "HEAD", "POST"])
@administrators_only
def deactivate(request: OrganizationRequest, scim_id: UUID) -> HttpResponse:
    """The emergency stop; of somebody who is inactive already, the lock alone."""
    member = member_of(request, scim_id)
    ask = _ask_to_stop if member.is_active else _ask_to_lock
    # Protection comes first, whatever else would be refused.
    question = replace(ask(member), objection=lambda: member.protection(request.actor))
    return confirm_change(request, member, question, lambda member: member.deactivate(by=request.actor))


def _ask_to_stop(member: Member) -> Confirmation:
    name = {"member": member.account.name}
    return Confirmation(
        title=_("Deactivate %(member)s?") % name,
        verb=_("Deactivate and lock"),
        back=_url_of(member),
        lead=_("An emergency stop, for when the IdP cannot deactivate the person or you cannot wait for it."),
        consequences=[
            _("%(member)s is signed out everywhere at once and cannot sign in again.") % name,
            _("All licences are given back."),
            _("The role, the teams and the history stay."),
            *_withdrawn_invitations(member),
            *_what_a_lock_does(),
        ],
        success=_("%(member)s is deactivated: signed out everywhere and locked.") % name,
    )


def _ask_to_lock(member: Member) -> Confirmation:
    name = {"member": member.account.name}
    return Confirmation(
        title=_("Lock %(member)s?") % name,
        verb=_("Lock account"),
        back=_url_of(member),
        lead=_("The account is already inactive. The lock keeps the IdP from activating it."),
        consequences=_what_a_lock_does(),
        success=_("%(member)s is locked.") % name,
    )


def _withdrawn_invitations(member: Member) -> list[str]:
    """The consequence for open invitations of a member who cannot invite any more."""
    count = Invitation.objects.open().filter(invited_by=member).count()
    sentence = ngettext(
        "%(count)s open invitation that %(member)s has sent is withdrawn.",
        "%(count)s open invitations that %(member)s has sent are withdrawn.", count,
    )  # fmt: skip
    return [sentence % {"count": localize(count), "member": member.account.name}] if count else []


def _what_a_lock_does() -> list[str]:
    return [
        _("The account is locked: if the IdP still sends the person as active, it is told that they are inactive."),
        _(
            "The lock ends when an administrator lifts it here, or when the IdP deactivates the person "
            "and then activates them again."
        ),
    ]


@require_POST
@administrators_only
def lift_lock(request: OrganizationRequest, scim_id: UUID) -> HttpResponse:
    member = member_of(request, scim_id)
    member.lift_lock(by=request.actor)
    messages.success(request, _("%(member)s is no longer locked.") % {"member": member.account.name})
    return redirect(_url_of(member))


@require_POST
@administrators_only
def reactivate(request: OrganizationRequest, scim_id: UUID) -> HttpResponse:
    member = member_of(request, scim_id)
    member.reactivate(by=request.actor)
    messages.success(request, _("%(member)s is active again.") % {"member": member.account.name})
    return redirect(_url_of(member))


@require_http_methods(["GET", "HEAD", "POST"])
@administrators_only
def delete(request: OrganizationRequest, scim_id: UUID) -> HttpResponse:
    member = member_of(request, scim_id)
    ask = _ask_to_delete if member.is_own else _ask_to_remove
    # Start page, because members who leave the organization have no settings of it to go back to.
    is_oneself = member.account_id == request.member.account_id
    after = reverse("home") if is_oneself else reverse("members", args=[request.organization.space_key])
    return confirm_change(request, member, ask(member, after), lambda member: member.remove(by=request.actor))


def _ask_to_delete(member: Member, after: str) -> Confirmation:
    name = {"member": member.account.name}
    return Confirmation(
        title=_("Delete %(member)s's account?") % name,
        verb=_("Delete account"),
        back=_url_of(member),
        after=after,
        consequences=[
            _("%(member)s is signed out everywhere and leaves every organization.") % name,
            _("The licences are given back and the address becomes free."),
            *idp_echo(member, {Event.ACCOUNT_DELETED}, kept_fields(member)),
            *_withdrawn_invitations(member),
            _("Nulab Support can restore the account for 30 days."),
        ],
        success=_("%(member)s's account is deleted.") % name,
    )


def _ask_to_remove(member: Member, after: str) -> Confirmation:
    name = {"member": member.account.name}
    return Confirmation(
        title=_("Remove %(member)s from this organization?") % name,
        verb=_("Remove member"),
        back=_url_of(member),
        after=after,
        consequences=[
            _("%(member)s loses the role, the teams and the licences here.") % name,
            *_withdrawn_invitations(member),
            _("This organization does not manage the account, so the account itself and its other memberships stay."),
        ],
        success=_("%(member)s is no longer a member.") % name,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@administrators_only
def privileges(request: OrganizationRequest, scim_id: UUID) -> HttpResponse:
    member = member_of(request, scim_id)
    form = PrivilegesForm(request.POST if request.method == "POST" else None, member)
    if request.method == "POST" and form.is_valid():
        try:
            member.change_privileges(by=request.actor, **form.cleaned_data)
        except Refusal as refusal:
            form.add_error(None, with_link(refusal, request.organization))
        else:
            messages.success(request, _("The privileges of %(member)s are saved.") % {"member": member.account.name})
            return redirect(_url_of(member))
    context = {"member": member, "form": form}
    return render(request, "members/people/member_privileges.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@administrators_only
def to_managed(request: OrganizationRequest, scim_id: UUID) -> HttpResponse:
    member = member_of(request, scim_id)
    return account_types.to_managed(request, member, _url_of(member))


@require_http_methods(["GET", "HEAD", "POST"])
@administrators_only
def to_nulab(request: OrganizationRequest, scim_id: UUID) -> HttpResponse:
    member = member_of(request, scim_id)
    return account_types.to_nulab(request, member, _url_of(member))


@require_http_methods(["GET", "HEAD", "POST"])
@administrators_only
def update(request: OrganizationRequest, scim_id: UUID) -> HttpResponse:
    """The Update action, for accounts older than 16 January 2023."""
    member = member_of(request, scim_id)
    return account_types.update(request, member, _url_of(member))


@require_POST
@administrators_only
def add_to_team(request: OrganizationRequest, scim_id: UUID) -> HttpResponse:
    member = member_of(request, scim_id)
    form = TeamChoiceForm(request.POST, member=member)
    if not form.is_valid():
        messages.error(request, _("Choose a team of this organization."))
        return redirect(_url_of(member))
    team = form.cleaned_data["team"]
    put_in_team(request, member, team)
    warn_of_undoing(request, team)
    return redirect(_url_of(member))


@require_POST
@administrators_only
def assign_licence(request: OrganizationRequest, scim_id: UUID, product: str) -> HttpResponse:
    member = member_of(request, scim_id)
    member.assign_licence(_product(product), by=request.actor)
    undo = reverse("member-licence-withdraw", args=[request.organization.space_key, member.scim_id, product])
    messages.success(request, _licence_sentence(_("%(member)s has a %(product)s licence now."), member, product), undo)
    return redirect(_url_of(member))


@require_POST
@administrators_only
def withdraw_licence(request: OrganizationRequest, scim_id: UUID, product: str) -> HttpResponse:
    member = member_of(request, scim_id)
    member.withdraw_licence(_product(product), by=request.actor)
    undo = reverse("member-licence-assign", args=[request.organization.space_key, member.scim_id, product])
    messages.success(
        request, _licence_sentence(_("%(member)s's %(product)s licence is free again."), member, product), undo
    )
    return redirect(_url_of(member))


def _product(value: str) -> Product:
    if value not in Product.values:
        raise Http404
    return Product(value)


def _licence_sentence(sentence: str, member: Member, product: str) -> str:
    return sentence % {"member": member.account.name, "product": Product(product).label}
