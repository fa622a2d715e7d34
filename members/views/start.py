from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from members import getting_started, history
from members.models import Headcount, SecondFactor
from members.pages import OrganizationRequest, administrators_only


@require_safe
@administrators_only
def start(request: OrganizationRequest) -> HttpResponse:
    organization = request.organization
    steps = getting_started.steps(organization)
    headcount = Headcount.objects.get(pk=organization.pk)
    total, active = headcount.members, headcount.active
    context = {
        "steps": steps,
        "done": sum(step["state"] == "done" for step in steps),
        "events": history.told(organization.audit.order_by("-at", "-pk")[:6], with_subject=True),
        "subscriptions": organization.subscriptions.filter(ended_at=None).order_by("product"),
        "figures": {"total": total, "active": active, "inactive": max(0, total - active)},
        "wants_second_factor": not request.member.account.is_managed
        and not SecondFactor.objects.filter(account=request.member.account).exists(),
        "demo_idp_url": settings.DEMO_IDP_URL if settings.DEBUG else "",
    }
    return render(request, "members/start.html", context)
