"""The changes to several members at once, each with its question; the page is members.people.bulk_page."""

from collections.abc import Iterator
from urllib.parse import urlencode

from django.http import HttpResponse, QueryDict
from django.urls import reverse
from django.utils.formats import localize
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from members.console.pages import OrganizationRequest, administrators_only, require_recent_sign_in_for
from members.models import Member, Product, Role
from members.people.bulk import Outcome, each, picked, stop
from members.people.bulk_page import BulkChange, Consequences, Origin, another, answer, choose, tell, ticked
from members.people.forms import ProductForm, RoleForm


@require_http_methods(["GET", "HEAD", "POST"])
@administrators_only
def change_role(request: OrganizationRequest) -> HttpResponse:
    members, form = ticked(request), RoleForm(_chosen(request, "role"))
    if not members or not form.is_valid():
        title = _counted(len(members), ngettext(
            "Change the role of %(count)s member?", "Change the role of %(count)s members?", len(members)
        ))  # fmt: skip
        return choose(request, members, form, title, _("Change role"), _origin(request))
    role = Role(form.cleaned_data["role"])
    require_recent_sign_in_for(request, role)
    return answer(request, members, _role_change(request, role, {member.pk: member.role for member in members}))


def _role_change(request: OrganizationRequest, role: Role, before: dict[int, str]) -> BulkChange:
    figures = {"role": role.label}

    def undo(outcome: Outcome) -> str:
        former = [(before[member.pk], member.scim_id) for member in outcome.done]
        return _url(request, "members-role-restore", former) if former else ""

    return BulkChange(
        verb=_("Change role"),
        act=another(lambda member: member.change_role(role, by=request.actor), request),
        question=lambda count: _counted(count, ngettext(
            "Change the role of %(count)s member to %(role)s?",
            "Change the role of %(count)s members to %(role)s?", count,
        ), **figures),
        success=lambda count: _counted(count, ngettext(
            "The role of %(count)s member is %(role)s now.", "The role of %(count)s members is %(role)s now.", count
        ), **figures),
        undo=undo,
        another_url=_another(request, "role"),
        origin=_origin(request),
    )  # fmt: skip


@require_POST
@administrators_only
def restore_roles(request: OrganizationRequest) -> HttpResponse:
    """The Undo of a changed role: ?ADMIN=id&USER=id gives each member back what it was."""
    former = {scim_id: role for role in Role for scim_id in request.GET.getlist(role)}
    require_recent_sign_in_for(request, *former.values())
    members = picked(request.organization, list(former))
    outcome = each(members, lambda member: member.change_role(former[member.scim_id], by=request.actor))
    return tell(request, outcome, _("The previous roles are restored."), _origin(request))


@require_http_methods(["GET", "HEAD", "POST"])
@administrators_only
def assign_licence(request: OrganizationRequest) -> HttpResponse:
    members = ticked(request)
    form = ProductForm(_chosen(request, "product"), request.organization, lacking=members)
    if not members or not form.is_valid():
        title = _counted(len(members), ngettext(
            "Assign a licence to %(count)s member?", "Assign a licence to %(count)s members?", len(members)
        ))  # fmt: skip
        return choose(request, members, form, title, _("Assign licence"), _origin(request))
    return answer(request, members, _assignment(request, Product(form.cleaned_data["product"])))


def _assignment(request: OrganizationRequest, product: Product) -> BulkChange:
    figures = {"product": product.label}
    return BulkChange(
        verb=_("Assign licence"),
        act=lambda member: member.assign_licence(product, by=request.actor),
        question=lambda count: _counted(count, ngettext(
            "Assign a %(product)s licence to %(count)s member?",
            "Assign a %(product)s licence to %(count)s members?", count,
        ), **figures),
        success=lambda count: _counted(count, ngettext(
            "%(count)s member got a %(product)s licence.", "%(count)s members got a %(product)s licence.", count
        ), **figures),
        undo=lambda outcome: _undo_licences(request, "members-licence-withdraw", product, outcome),
        another_url=_another(request, "product"),
        origin=_origin(request),
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@administrators_only
def withdraw_licence(request: OrganizationRequest) -> HttpResponse:
    members = ticked(request)
    form = ProductForm(_chosen(request, "product"), request.organization)
    if not members or not form.is_valid():
        title = _counted(len(members), ngettext(
            "Withdraw a licence from %(count)s member?", "Withdraw a licence from %(count)s members?", len(members)
        ))  # fmt: skip
        return choose(request, members, form, title, _("Withdraw licence"), _origin(request))
    return answer(request, members, _withdrawal(request, Product(form.cleaned_data["product"])))


def _withdrawal(request: OrganizationRequest, product: Product) -> BulkChange:
    figures = {"product": product.label}
    return BulkChange(
        verb=_("Withdraw licence"),
        act=lambda member: member.withdraw_licence(product, by=request.actor),
        question=lambda count: _counted(count, ngettext(
            "Withdraw a %(product)s licence from %(count)s member?",
            "Withdraw a %(product)s licence from %(count)s members?", count,
        ), **figures),
        success=lambda count: _counted(count, ngettext(
            "%(count)s %(product)s licence is free again.", "%(count)s %(product)s licences are free again.", count
        ), **figures),
        undo=lambda outcome: _undo_licences(request, "members-licence-assign", product, outcome),
        another_url=_another(request, "product"),
        origin=_origin(request),
    )  # fmt: skip


@require_http_methods(["GET", "HEAD", "POST"])
@administrators_only
def remove(request: OrganizationRequest) -> HttpResponse:
    change = BulkChange(
        verb=_("Remove members"),
        act=another(lambda member: member.remove(by=request.actor), request),
        question=lambda count: _counted(count, ngettext(
            "Remove %(count)s member?", "Remove %(count)s members?", count
        )),
        success=lambda count: _counted(count, ngettext(
            "%(count)s member is removed.", "%(count)s members are removed.", count
        )),
        nobody=_("None of these members can be removed"),
        consequences=_what_a_removal_does,
        tone="danger",
        word=request.organization.slug,
        origin=_origin(request),
    )  # fmt: skip
    return answer(request, ticked(request), change)


def _what_a_removal_does(leaving: list[Member]) -> Iterator[Consequences]:
    own = sum(member.is_own for member in leaving)
    others = len(leaving) - own
    if own:
        heading = ngettext(
            "%(count)s Managed Account of this organization is deleted",
            "%(count)s Managed Accounts of this organization are deleted", own,
        )  # fmt: skip
        yield Consequences(
            [
                _("They are signed out everywhere at once and leave every organization."),
                _("The licences are given back and the addresses become free."),
                _("Open invitations that they have sent are withdrawn."),
                _("Nulab Support can restore the accounts for 30 days."),
            ],
            _counted(own, heading),
        )
    if others:
        heading = ngettext(
            "%(count)s account that this organization does not manage is only removed from it",
            "%(count)s accounts that this organization does not manage are only removed from it", others,
        )  # fmt: skip
        yield Consequences(
            [
                _("They lose the role, the teams and the licences here."),
                _("Open invitations that they have sent are withdrawn."),
                _("The accounts themselves and their other memberships stay."),
            ],
            _counted(others, heading),
        )


@require_http_methods(["GET", "HEAD", "POST"])
@administrators_only
def deactivate(request: OrganizationRequest) -> HttpResponse:
    """The emergency stop for several."""
    change = BulkChange(
        verb=_("Deactivate and lock"),
        act=another(lambda member: stop(member, by=request.actor), request),
        question=lambda count: _counted(count, ngettext(
            "Deactivate %(count)s member?", "Deactivate %(count)s members?", count
        )),
        success=lambda count: _counted(count, ngettext(
            "%(count)s member is deactivated and locked.", "%(count)s members are deactivated and locked.", count
        )),
        nobody=_("None of these members can be deactivated"),
        lead=_("An emergency stop, for when the IdP cannot deactivate the person or you cannot wait for it."),
        consequences=_what_a_stop_does,
        tone="danger",
        origin=_origin(request),
    )  # fmt: skip
    return answer(request, ticked(request), change)


def _what_a_stop_does(leaving: list[Member]) -> Iterator[Consequences]:
    yield Consequences([
        _("They are signed out everywhere at once and cannot sign in again."),
        _("All licences are given back."),
        _("The role, the teams and the history stay."),
        _("Open invitations that they have sent are withdrawn."),
        _("The accounts are locked: if the IdP still sends these people as active, it is told that they are inactive."),
        _(
            "A lock ends when an administrator lifts it on the member page, or when the IdP deactivates the person "
            "and then activates them again."
        ),
    ])  # fmt: skip


def _counted(count: int, sentence: str, **figures: object) -> str:
    return sentence % {"count": localize(count), **figures}


def _chosen(request: OrganizationRequest, name: str) -> QueryDict | None:
    """The chosen value from the form or the address; None before anybody has chosen."""
    answers = request.GET.copy()
    answers.update(request.POST)
    return answers if request.method == "POST" or name in answers else None


def _origin(request: OrganizationRequest) -> Origin:
    """The list as it was filtered and sorted when the members were ticked."""
    query = QueryDict(request.GET.get("list", "")).urlencode()
    url = reverse("members", args=[request.organization.space_key]) + (f"?{query}" if query else "")
    return Origin(url, _("Members"))


def _another(request: OrganizationRequest, name: str) -> str:
    """The address of this page without the choice."""
    query = request.GET.copy()
    query.pop(name, None)
    return f"?{query.urlencode()}"


def _url(request: OrganizationRequest, name: str, query: list[tuple[str, str]]) -> str:
    kept = [("list", request.GET["list"])] if request.GET.get("list") else []
    return f"{reverse(name, args=[request.organization.space_key])}?{urlencode(query + kept)}"


def _undo_licences(request: OrganizationRequest, name: str, product: Product, outcome: Outcome) -> str:
    members = [("member", member.scim_id) for member in outcome.done]
    return _url(request, name, [*members, ("product", product.value)]) if members else ""
