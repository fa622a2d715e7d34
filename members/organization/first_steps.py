from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from members import getting_started, words
from members.console.pages import OrganizationRequest, administrators_only
from members.log import history
from members.models import AuditEvent, Headcount, Organization, SecondFactor
from members.openings import BELOW_FIRST_STEPS

EVENTS, LOOKED_THROUGH = 6, 200


@require_safe
@administrators_only
def start(request: OrganizationRequest) -> HttpResponse:
    organization = request.organization
    steps = getting_started.steps(organization)
    headcount = Headcount.objects.get(pk=organization.pk)
    total, active = headcount.members, headcount.active
    context = {
        "headline": getting_started.headline(organization),
        "steps": steps,
        "done": sum(step.is_done for step in steps),
        "events": history.timeline(_changes(organization), with_subject=True),
        "subscriptions": organization.subscriptions.filter(ended_at=None).order_by("product"),
        "figures": {"total": total, "active": active, "inactive": max(0, total - active)},
        "wants_second_factor": not request.member.account.is_managed
        and not SecondFactor.objects.filter(account=request.member.account).exists(),
        "panels": list(filter(None, BELOW_FIRST_STEPS.ask(organization))),
    }
    return render(request, "members/organization/start.html", context)


def _changes(organization: Organization) -> list[AuditEvent]:
    """The newest changes. Sign-ins, of which there may be any number between them, are left out."""
    newest = organization.audit.order_by("-at", "-pk")[:LOOKED_THROUGH]
    return [event for event in newest if event.event not in words.sign_ins()][:EVENTS]
