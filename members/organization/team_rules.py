"""The pages of the team rules: the list, and each change of it, which is shown before it is done."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.formats import localize
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from members.console.keyset import Keyset
from members.console.pages import OrganizationRequest, administrators_only, mending, require_recent_sign_in_for
from members.models import Role, Team, TeamRule, Unmet
from members.models.team_rules.brought import Gives
from members.models.team_rules.following import go_on
from members.models.team_rules.refusals import RuleIsThere, RuleNotAsShown, TooManyRules
from members.organization.rule_forms import RuleForm
from members.organization.rule_trial import trial
from members.people import by_rule
from members.people.by_rule import ByRule
from members.refusals import Refusal
from members.texts import Text

ROWS = 25
IN_ORDER = Keyset("id")


@dataclass(frozen=True)
class RuleChange:
    """A change of the rules, with its words."""

    title: str
    verb: Text
    # The team whose rule it is, and what the rule gives.
    team: Team
    gives: Gives
    act: Callable[[], Any]
    success: str
    # Role that it may give, for which the sign-in must be a recent one.
    role: Role | None = None
    tone: str = "primary"


@require_safe
@administrators_only
def rules(request: OrganizationRequest) -> HttpResponse:
    unmet = Unmet.objects.filter(organization=request.organization)
    page = IN_ORDER.page(unmet.exclude(code="").select_related("member__account"), request.GET.get("after", ""), ROWS)
    context = {
        "rules": list(request.organization.team_rules.select_related("team")),
        "page": page,
        "unmet": _with_links(request, by_rule.unmet(page.rows)),
        "waiting": unmet.filter(code="").count(),
    }
    return render(request, "members/organization/team_rules.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
@administrators_only
def add(request: OrganizationRequest) -> HttpResponse:
    form = RuleForm(request.GET if "gives" in request.GET else None, organization=request.organization)
    if not form.is_valid():
        status = 422 if form.errors else 200
        context = {"form": form, "has_teams": request.organization.teams.exists()}
        return render(request, "members/organization/team_rule_form.html", context, status=status)
    team, gives = form.cleaned_data["team"], Gives(form.cleaned_data["gives"])
    team.organization = request.organization
    change = RuleChange(
        title=_("Add the rule “%(gives)s” for the team “%(team)s”?") % {"gives": gives.label, "team": team.name},
        verb=_("Add rule"),
        team=team,
        gives=gives,
        act=lambda: TeamRule.objects.create_rule(team, gives, by=request.actor),
        success=_("The rule is added."),
        role=gives.role,
    )
    return _answer(request, change)


@require_http_methods(["GET", "HEAD", "POST"])
@administrators_only
def move(request: OrganizationRequest, team_id: UUID, gives: str) -> HttpResponse:
    rule = _rule(request, team_id, gives)
    sent = request.GET.get("to", "")
    place = int(sent) if sent.isascii() and sent.isdigit() and len(sent) <= 3 else rule.place
    change = RuleChange(
        title=_("Move rule %(rule)s to place %(place)s?") % {"rule": localize(rule.place), "place": localize(place)},
        verb=_("Move rule"),
        team=rule.team,
        gives=Gives(gives),
        act=lambda: rule.move(place, by=request.actor),
        success=_("The rule is moved."),
        # The first rule that fits counts, so that any move may make administrators.
        role=Role.ADMIN if Gives(rule.gives).role else None,
    )
    return _answer(request, change)


@require_http_methods(["GET", "HEAD", "POST"])
@administrators_only
def delete(request: OrganizationRequest, team_id: UUID, gives: str) -> HttpResponse:
    rule = _rule(request, team_id, gives)
    figures = {"rule": localize(rule.place), "gives": Gives(gives).label, "team": rule.team.name}
    change = RuleChange(
        title=_("Delete rule %(rule)s, “%(gives)s” for the team “%(team)s”?") % figures,
        verb=_("Delete rule"),
        team=rule.team,
        gives=Gives(gives),
        act=lambda: rule.end(by=request.actor),
        success=_("The rule is deleted."),
        # Behind it another one may come to count.
        role=Role.ADMIN if Gives(gives).role else None,
        tone="danger",
    )
    return _answer(request, change)


@require_POST
@administrators_only
def continue_now(request: OrganizationRequest) -> HttpResponse:
    """Bring the next of those who wait for their turn."""
    count = go_on(request.organization)
    sentence = ngettext("%(count)s change is done or has a reason now.",
                        "%(count)s changes are done or have a reason now.", count)  # fmt: skip
    messages.success(request, sentence % {"count": localize(count)})
    return redirect("team-rules", request.organization.space_key)


def _answer(request: OrganizationRequest, change: RuleChange) -> HttpResponse:
    """The trial on GET; on POST the change, if it is as it was shown."""
    if request.method != "POST":
        return _show(request, change)
    require_recent_sign_in_for(request, change.role)
    try:
        with request.organization.locked():
            mark = request.POST.get("shown", "")
            if mark and trial(change.team, change.gives, change.act, by=request.actor).mark != mark:
                raise RuleNotAsShown
            change.act()
    except (RuleNotAsShown, RuleIsThere, TooManyRules) as refusal:
        return _show(request, change, refusal)
    messages.success(request, change.success)
    return redirect("team-rules", request.organization.space_key)


def _show(request: OrganizationRequest, change: RuleChange, refusal: Refusal | None = None) -> HttpResponse:
    found = None
    try:
        found = trial(change.team, change.gives, change.act, by=request.actor, after=request.GET.get("after", ""))
    except Refusal as reason:
        refusal = reason
    context = {"change": change, "trial": found, "refusal": refusal, "action": request.get_full_path()}
    return render(request, "members/organization/team_rule_trial.html", context, status=409 if refusal else 200)


def _with_links(request: OrganizationRequest, rows: list[ByRule]) -> list[tuple[ByRule, Any]]:
    return [(one, mending(one.refusal, request.organization)) for one in rows]


def _rule(request: OrganizationRequest, team_id: UUID, gives: str) -> TeamRule:
    rules = request.organization.team_rules.select_related("team")
    found: TeamRule | None = rules.filter(team__scim_id=str(team_id), gives=gives).first() if gives in Gives else None
    if found is None:
        raise Http404
    found.organization = found.team.organization = request.organization
    return found
