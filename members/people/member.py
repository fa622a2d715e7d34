"""The page of one member, with the edit form."""

from uuid import UUID

from django.contrib import messages
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from members import words
from members.actors import Actor
from members.console.pages import OrganizationRequest, administrators_only, mending, require_recent_sign_in_for
from members.kept_fields import kept_fields
from members.log import history
from members.marks import marks_of
from members.models import Member, Product, Role, Unmet
from members.openings import BELOW_MEMBER, CALLS_ABOUT
from members.people import by_rule
from members.people.because import because, least_role
from members.people.changed_here import changed_here
from members.people.forms import MemberForm, TeamChoiceForm
from members.refusals import Refusal

EVENTS, SIGN_INS_SHOWN = 20, 10


def member_of(request: OrganizationRequest, scim_id: UUID) -> Member:
    found: Member = get_object_or_404(request.organization.members.select_related("account"), scim_id=str(scim_id))
    return found


@require_safe
@administrators_only
def member(request: OrganizationRequest, scim_id: UUID) -> HttpResponse:
    member = member_of(request, scim_id)
    organization = request.organization
    protection = member.protection(request.actor)
    bought = {one.product: one for one in organization.subscriptions.filter(ended_at=None)}
    events = organization.audit.filter(subject_id=member.scim_id).order_by("-at", "-pk")
    is_sign_in = Q(event__in=words.sign_ins())
    sign_ins = events.filter(is_sign_in)
    team_form = TeamChoiceForm(None, member=member)
    why = because(member)
    context = {
        "member": member,
        "marks": marks_of([member]).get(member.pk, []),
        "because": why,
        "unmet": by_rule.unmet(list(Unmet.objects.filter(member=member).select_related("member__account"))),
        "licences": [
            {
                "product": product,
                "because": why.licences.get(product, ""),
                "is_ruled": product in why.ruled,
                "is_held": product in member.licences,
                "is_assignable": product is not Product.PASS,
                "subscription": bought.get(product),
            }
            for product in Product
            if product in bought or product in member.licences
        ],
        "here": changed_here(member),
        "kept": kept_fields(member),
        "sync_link": (CALLS_ABOUT.first(member) or "") if member.synchronized_at else "",
        "team_form": team_form if team_form.has_choice else None,
        "teams": organization.teams.filter(memberships__member=member).order_by("name_key"),
        "events": history.timeline(events.exclude(is_sign_in)[:EVENTS], with_subject=False),
        "panels": [panel for panel in BELOW_MEMBER.ask(member) if panel],
        "sign_ins": history.sign_in_timeline(sign_ins[:SIGN_INS_SHOWN]),
        "protection": protection,
        "stays_out": None if member.is_active else member.reason_to_stay_out(request.actor),
        "mending": mending(protection, organization),
        "stays_nulab": None if member.account.is_managed else member.reason_to_stay_nulab(request.actor),
    }
    return render(request, "members/people/member.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@administrators_only
def edit(request: OrganizationRequest, scim_id: UUID) -> HttpResponse:
    member = member_of(request, scim_id)
    form = MemberForm(request.POST or None, member, by=request.actor)
    if request.method == "POST" and form.is_valid():
        require_recent_sign_in_for(request, form.wanted_role() if member.role != Role.ADMIN else None)
        try:
            _write(member, form, by=request.actor)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("The changes to %(member)s are saved.") % {"member": member.account.name})
            return redirect("member", request.organization.space_key, member.scim_id)
    context = {"member": member, "form": form, "kept": kept_fields(member), "least_role": least_role(member)}
    return render(request, "members/people/member_edit.html", context, status=422 if form.errors else 200)


def _write(member: Member, form: MemberForm, *, by: Actor) -> None:
    """Write the changes of the form, all or none."""
    profile, unique_id, role = form.profile(), form.wanted_unique_id(), form.wanted_role()
    with member.locked():
        if profile:
            member.change_profile(profile, by=by)
        if unique_id is not None:
            member.change_unique_id(unique_id, by=by)
        if role is not None:
            member.change_role(role, by=by)
