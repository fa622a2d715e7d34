"""What can be done to several members at once.

The members stand in the query string, so that a page which asks, its answer and an Undo name
them the same way, with or without JavaScript.
"""

from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.formats import localize
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from members.console.pages import OrganizationRequest, administrators_only, mending, require_recent_sign_in_for
from members.models import Member, Product, Role
from members.people.bulk import Outcome, each, picked, reason_not_to_stop, reason_to_stay, require_another
from members.people.forms import ProductForm, RoleForm


@require_http_methods(["GET", "HEAD", "POST"])
@administrators_only
def change_role(request: OrganizationRequest) -> HttpResponse:
    members = _picked(request)
    form = RoleForm(_answers(request))
    if not members or not form.is_valid():
        title = ngettext("Change the role of %(count)s member?", "Change the role of %(count)s members?", len(members))
        return _ask(request, members, form, title, _("Change role"))
    require_recent_sign_in_for(request, form.cleaned_data["role"])
    role, before = Role(form.cleaned_data["role"]), {member.pk: member.role for member in members}

    def change(member: Member) -> None:
        require_another(member, request.member)
        member.change_role(role, by=request.actor)

    outcome = each(members, change)
    sentence = ngettext(
        "The role of %(count)s member is %(role)s now.", "The role of %(count)s members is %(role)s now.",
        len(outcome.done),
    )  # fmt: skip
    former = [(before[member.pk], member.scim_id) for member in outcome.done if before[member.pk] != role]
    undo = _url(request, "members-role-restore", former) if former else ""
    return _tell(request, outcome, sentence % {"count": localize(len(outcome.done)), "role": role.label}, undo)


@require_POST
@administrators_only
def restore_roles(request: OrganizationRequest) -> HttpResponse:
    """The Undo of a changed role: ?ADMIN=id&USER=id gives each member back what it was."""
    former = {scim_id: role for role in Role for scim_id in request.GET.getlist(role)}
    require_recent_sign_in_for(request, *former.values())
    members = picked(request.organization, list(former))
    outcome = each(members, lambda member: member.change_role(former[member.scim_id], by=request.actor))
    return _tell(request, outcome, _("The previous roles are restored."))


@require_http_methods(["GET", "HEAD", "POST"])
@administrators_only
def assign_licence(request: OrganizationRequest) -> HttpResponse:
    members = _picked(request)
    form = ProductForm(_answers(request), request.organization, lacking=members)
    if not members or not form.is_valid():
        title = ngettext(
            "Assign a licence to %(count)s member?", "Assign a licence to %(count)s members?", len(members)
        )
        return _ask(request, members, form, title, _("Assign licence"))
    product = Product(form.cleaned_data["product"])
    lacking = [member for member in members if product not in member.licences]
    outcome = each(lacking, lambda member: member.assign_licence(product, by=request.actor))
    sentence = ngettext(
        "%(count)s member got a %(product)s licence.", "%(count)s members got a %(product)s licence.",
        len(outcome.done),
    )  # fmt: skip
    undo = _undo_licences(request, "members-licence-withdraw", product, outcome)
    return _tell(request, outcome, sentence % {"count": localize(len(outcome.done)), "product": product.label}, undo)


@require_http_methods(["GET", "HEAD", "POST"])
@administrators_only
def withdraw_licence(request: OrganizationRequest) -> HttpResponse:
    members = _picked(request)
    form = ProductForm(_answers(request), request.organization)
    if not members or not form.is_valid():
        title = ngettext(
            "Withdraw a licence from %(count)s member?", "Withdraw a licence from %(count)s members?", len(members)
        )
        return _ask(request, members, form, title, _("Withdraw licence"))
    product = Product(form.cleaned_data["product"])
    holding = [member for member in members if product in member.licences]
    outcome = each(holding, lambda member: member.withdraw_licence(product, by=request.actor))
    sentence = ngettext(
        "%(count)s %(product)s licence is free again.", "%(count)s %(product)s licences are free again.",
        len(outcome.done),
    )  # fmt: skip
    undo = _undo_licences(request, "members-licence-assign", product, outcome)
    return _tell(request, outcome, sentence % {"count": localize(len(outcome.done)), "product": product.label}, undo)


@require_http_methods(["GET", "HEAD", "POST"])
@administrators_only
def remove(request: OrganizationRequest) -> HttpResponse:
    members = _picked(request)
    reasons = {member.pk: reason_to_stay(member, oneself=request.member, by=request.actor) for member in members}
    leaving = [member for member in members if reasons[member.pk] is None]
    word = request.organization.slug
    is_typed = request.POST.get("confirmation", "").strip() == word
    if request.method != "POST" or not leaving or not is_typed:
        error = (
            _("This does not match “%(word)s”. Type it exactly as shown.") % {"word": word}
            if request.method == "POST"
            else ""
        )
        context = {
            "title": ngettext("Remove %(count)s member?", "Remove %(count)s members?", len(leaving))
            % {"count": localize(len(leaving))},
            "deleted": [member for member in leaving if member.is_own],
            "ended": [member for member in leaving if not member.is_own],
            "staying": _refused(request, [(member, reasons[member.pk]) for member in members if reasons[member.pk]]),
            "verb": ngettext("Remove %(count)s member", "Remove %(count)s members", len(leaving))
            % {"count": localize(len(leaving))},
            "word": word,
            "error": error,
            "action": request.get_full_path(),
            "cancel_url": _list_url(request),
        }
        return render(request, "members/bulk_remove.html", context, status=422 if error else 200)
    outcome = each(leaving, lambda member: member.remove(by=request.actor))
    sentence = ngettext("%(count)s member is removed.", "%(count)s members are removed.", len(outcome.done))
    return _tell(request, outcome, sentence % {"count": localize(len(outcome.done))})


@require_http_methods(["GET", "HEAD", "POST"])
@administrators_only
def deactivate(request: OrganizationRequest) -> HttpResponse:
    """The emergency stop for several."""
    members = _picked(request)
    reasons = {member.pk: reason_not_to_stop(member, oneself=request.member, by=request.actor) for member in members}
    leaving = [member for member in members if reasons[member.pk] is None]
    if request.method != "POST" or not leaving:
        context = {
            "title": ngettext("Deactivate %(count)s member?", "Deactivate %(count)s members?", len(leaving))
            % {"count": localize(len(leaving))},
            "leaving": leaving,
            "staying": _refused(request, [(member, reasons[member.pk]) for member in members if reasons[member.pk]]),
            "verb": ngettext("Deactivate %(count)s member", "Deactivate %(count)s members", len(leaving))
            % {"count": localize(len(leaving))},
            "action": request.get_full_path(),
            "cancel_url": _list_url(request),
        }
        return render(request, "members/bulk_deactivate.html", context)
    outcome = each(leaving, lambda member: member.deactivate(by=request.actor))
    sentence = ngettext(
        "%(count)s member is deactivated and locked.",
        "%(count)s members are deactivated and locked.",
        len(outcome.done),
    )
    return _tell(request, outcome, sentence % {"count": localize(len(outcome.done))})


def _picked(request: OrganizationRequest) -> list[Member]:
    return picked(request.organization, request.GET.getlist("member"))


def _answers(request: OrganizationRequest) -> QueryDict | None:
    """What was chosen: in the form, or for an Undo in the address."""
    if request.method != "POST":
        return None
    answers = request.GET.copy()
    answers.update(request.POST)
    return answers


def _list_url(request: OrganizationRequest) -> str:
    """The list as it was filtered and sorted when the members were ticked."""
    query = QueryDict(request.GET.get("list", "")).urlencode()
    return reverse("members", args=[request.organization.space_key]) + (f"?{query}" if query else "")


def _url(request: OrganizationRequest, name: str, query: list[tuple[str, str]]) -> str:
    kept = [("list", request.GET["list"])] if request.GET.get("list") else []
    return f"{reverse(name, args=[request.organization.space_key])}?{urlencode(query + kept)}"


def _undo_licences(request: OrganizationRequest, name: str, product: Product, outcome: Outcome) -> str:
    members = [("member", member.scim_id) for member in outcome.done]
    return _url(request, name, [*members, ("product", product.value)]) if members else ""


def _ask(request: OrganizationRequest, members: list[Member], form: forms.Form, title: str, verb: str) -> HttpResponse:
    context = {
        "members": members,
        "form": form,
        "title": title % {"count": localize(len(members))},
        "verb": verb,
        "cancel_url": _list_url(request),
    }
    return render(request, "members/bulk.html", context, status=422 if form.errors else 200)


def _refused(request: OrganizationRequest, refused: list[tuple[Member, Any]]) -> list[dict[str, Any]]:
    return [
        {"member": member, "refusal": refusal, "mending": mending(refusal, request.organization)}
        for member, refusal in refused
    ]


def _tell(request: OrganizationRequest, outcome: Outcome, sentence: str, undo: str = "") -> HttpResponse:
    """Back to the list where all went well; else a page that says who was refused and why."""
    if outcome.done or not outcome.refused:
        messages.success(request, sentence, undo)
    if not outcome.refused:
        return redirect(_list_url(request))
    context = {"refused": _refused(request, outcome.refused), "back_url": _list_url(request)}
    return render(request, "members/bulk_refused.html", context)
