"""The setup guides on the site, each for one identity provider."""

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from members.console.pages import OrganizationRequest, administrators_only
from provisioning.settings import guides


@require_safe
@administrators_only
def guide(request: OrganizationRequest, idp: str) -> HttpResponse:
    if idp not in guides.GUIDES:
        raise Http404
    shown = guides.guide(idp, get_language() or "en", guides.values(request.organization))
    return render(request, "provisioning/settings/guide.html", {"guide": shown, "idp": idp})
