"""The Teams pages."""

from uuid import UUID

from django.contrib import messages
from django.db.models import OuterRef, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from members.console.confirmation import Confirmation, confirm
from members.console.counting import MAX_COUNTED, BoundedCount
from members.console.keyset import Keyset
from members.console.pages import OrganizationRequest, administrators_only, came_from
from members.models import Member, Team, TeamMembership
from members.models.finding import FEW, Found, members_found, members_found_among, teams_found
from members.organization.forms import TeamForm, TeamSearchForm
from members.people.filters import SearchForm
from members.people.idp_echo import echo_of_deletion, warn_of_undoing
from members.people.member import member_of
from members.people.teams import put_in_team
from members.refusals import Refusal

ROWS = 25
TEAMS_BY_NAME, PEOPLE_BY_NAME = Keyset("name_key"), Keyset("name_order")
# Members found at most; a longer search text finds fewer.
CANDIDATES = 20
# Members looked through for those who are not in the team: all may be in it.
LOOKED_THROUGH = 1000


@require_safe
@administrators_only
def teams(request: OrganizationRequest) -> HttpResponse:
    form = TeamSearchForm(request.GET)
    words = form.cleaned_data["q"] if form.is_valid() else ""
    size = BoundedCount(TeamMembership.objects.filter(team=OuterRef("pk")), "team_id", "member_id")
    every = request.organization.teams.annotate(size=size)
    found = teams_found(request.organization.pk, every, words)
    page = TEAMS_BY_NAME.page_of(found, every, request.GET.get("after", ""), ROWS)
    context = {"form": form, "words": words, "page": page, "most_counted": MAX_COUNTED}
    return render(request, "members/organization/teams.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@administrators_only
def create(request: OrganizationRequest) -> HttpResponse:
    form = TeamForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            team = Team.objects.create_team(request.organization, form.cleaned_data["name"], by=request.actor)
        except Refusal as refusal:
            form.add_error("name", refusal.to_typist)
        else:
            messages.success(request, _("The team “%(team)s” is created. Add its members now.") % {"team": team.name})
            return redirect("team-add", request.organization.space_key, team.scim_id)
    return render(request, "members/organization/team_form.html", {"form": form}, status=422 if form.errors else 200)


@require_safe
@administrators_only
def team(request: OrganizationRequest, team_id: UUID) -> HttpResponse:
    team = _team(request, team_id)
    form = SearchForm(request.GET)
    words = form.cleaned_data["q"] if form.is_valid() else ""
    people = request.organization.members.filter(team_memberships__team=team).select_related("account")
    found = _found_in_team(team, people, words)
    page = PEOPLE_BY_NAME.page_of(found, request.organization.members.all(), request.GET.get("after", ""), ROWS)
    context = {"team": team, "rules": list(team.rules.all()), "form": form, "words": words, "page": page}
    return render(request, "members/organization/team.html", context, status=422 if form.errors else 200)


@require_http_methods(["GET", "HEAD", "POST"])
@administrators_only
def rename(request: OrganizationRequest, team_id: UUID) -> HttpResponse:
    team = _team(request, team_id)
    form = TeamForm(request.POST if request.method == "POST" else None, initial={"name": team.name})
    if form.is_valid():
        try:
            team.rename(form.cleaned_data["name"], by=request.actor)
        except Refusal as refusal:
            form.add_error("name", refusal.to_typist)
        else:
            messages.success(request, _("The team is called “%(team)s” now.") % {"team": team.name})
            return redirect("team", request.organization.space_key, team.scim_id)
    return render(
        request, "members/organization/team_form.html", {"form": form, "team": team}, status=422 if form.errors else 200
    )


@require_http_methods(["GET", "HEAD", "POST"])
@administrators_only
def delete(request: OrganizationRequest, team_id: UUID) -> HttpResponse:
    team = _team(request, team_id)
    question = Confirmation(
        title=_("Delete the team “%(team)s”?") % {"team": team.name},
        verb=_("Delete team"),
        back=reverse("team", args=[request.organization.space_key, team.scim_id]),
        after=reverse("teams", args=[request.organization.space_key]),
        consequences=[
            _("Its members stay members of the organization, with the roles and licences that are theirs without it."),
            *([_("Its rules are deleted, and what they alone have given goes.")] if team.rules.exists() else []),
            *echo_of_deletion(team),
            _("They lose access to everything that was shared with the team. This cannot be undone."),
        ],
        success=_("The team “%(team)s” is deleted.") % {"team": team.name},
    )
    return confirm(request, question, lambda: team.disband(by=request.actor))


@require_safe
@administrators_only
def add(request: OrganizationRequest, team_id: UUID) -> HttpResponse:
    """The page to add members who are not in the team yet, found by searching."""
    team = _team(request, team_id)
    form = SearchForm(request.GET)
    words = form.cleaned_data["q"].strip() if form.is_valid() else ""
    shown, has_more = _outside(team, words)
    context = {
        "team": team, "form": form, "words": words, "found": shown, "has_more": has_more,
        "looked_through": LOOKED_THROUGH,
    }  # fmt: skip
    return render(request, "members/organization/team_add.html", context, status=422 if form.errors else 200)


@require_POST
@administrators_only
def add_member(request: OrganizationRequest, team_id: UUID, scim_id: UUID) -> HttpResponse:
    team, member = _team(request, team_id), member_of(request, scim_id)
    put_in_team(request, member, team)
    return _back(request, team, "team-add")


@require_POST
@administrators_only
def remove_member(request: OrganizationRequest, team_id: UUID, scim_id: UUID) -> HttpResponse:
    team, member = _team(request, team_id), member_of(request, scim_id)
    team.remove(member, by=request.actor)
    undo = reverse("team-member-add", args=[request.organization.space_key, team.scim_id, member.scim_id])
    sentence = _("%(member)s is no longer in the team “%(team)s”.") % {"member": member.account.name, "team": team.name}
    messages.success(request, sentence, undo)
    return _back(request, team, "team")


def _back(request: OrganizationRequest, team: Team, otherwise: str) -> HttpResponse:
    """To where the reader came from. The team's own pages say what its IdP does."""
    page = came_from(request) or reverse(otherwise, args=[request.organization.space_key, team.scim_id])
    if team.scim_id not in page:
        warn_of_undoing(request, team)
    return redirect(page)


def _found_in_team(team: Team, people: QuerySet[Member], words: str) -> Found:
    """The members of a small team are looked for by their ids: the planner might read the organization's by name."""
    few = list(team.memberships.values_list("member_id", flat=True)[: FEW + 1])
    if len(few) <= FEW:
        return members_found_among(people.filter(pk__in=few), words)
    return members_found(team.organization_id, people, words)


def _outside(team: Team, words: str) -> tuple[list[Member], bool]:
    """The first members with these words who are not in the team, and whether there may be more."""
    members = team.organization.members.all()
    few = list(team.memberships.values_list("member_id", flat=True)[: FEW + 1])
    if len(few) <= FEW:
        others = members.exclude(pk__in=few)
        found = members_found(team.organization_id, others.select_related("account"), words).without(few)
        page = PEOPLE_BY_NAME.page_of(found, others, "", CANDIDATES)
        return page.rows, bool(page.next)
    found = members_found(team.organization_id, members, words)
    first = found.behind(None, LOOKED_THROUGH)
    if not first:
        first = tuple(PEOPLE_BY_NAME.ordered(found.rows).values_list("pk", flat=True)[:LOOKED_THROUGH])
    inside = team.those_in(first)
    outside = [pk for pk in first if pk not in inside][: CANDIDATES + 1]
    shown = list(PEOPLE_BY_NAME.ordered(members.filter(pk__in=outside).select_related("account")))
    return shown[:CANDIDATES], len(shown) > CANDIDATES or len(first) == LOOKED_THROUGH


def _team(request: OrganizationRequest, team_id: UUID) -> Team:
    found: Team = get_object_or_404(request.organization.teams, scim_id=str(team_id))
    return found
