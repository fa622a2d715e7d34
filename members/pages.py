"""What every page shares: who may open it, its frame, and how a refusal reads on it."""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation

from members import actors
from members.models import Member, Organization, Role
from members.preferences import theme_of
from members.refusals import Refusal

RECENTLY = 10 * 60

View = Callable[..., HttpResponse]


class OrganizationRequest(HttpRequest):
    """A request to a page of one organization, by one of its administrators."""

    organization: Organization
    member: Member
    actor: actors.Actor


def administrators_only(view: Callable[Concatenate[Any, ...], HttpResponse]) -> View:
    """Organization Settings: 404 to strangers, 403 to members who are not administrators.

    The view gets `request.organization`, `request.member` and `request.actor` instead of the space key.
    """

    @wraps(view)
    @login_required
    def page(request: Any, space_key: str, **kwargs: Any) -> HttpResponse:
        member = (
            request.user.memberships.filter(organization__space_key=space_key)
            .select_related("organization", "account")
            .first()
        )
        if member is None:
            raise Http404
        request.organization, request.member = member.organization, member
        if member.role != Role.ADMIN:
            raise PermissionDenied
        request.actor = actors.person(member.account, request)
        return view(request, **kwargs)

    return page


def recent_sign_in(view: View) -> View:
    """Pages that show or change secrets: whoever signed in more than ten minutes ago does so again."""

    @wraps(view)
    def page(request: Any, **kwargs: Any) -> HttpResponse:
        if time.time() - request.session.get("signed_in_at", 0) > RECENTLY:
            # A form that was sent in cannot be repeated for the reader: back to the page it stood on.
            wanted = request.get_full_path() if request.method == "GET" else request.headers.get("Referer", "")
            query = urlencode({"next": wanted.removeprefix(settings.BASE_URL), "again": 1})
            return redirect(f"{reverse('signin')}?{query}")
        return view(request, **kwargs)

    return page


class RefusalMiddleware:
    """A refusal that no view has answered: its sentence as a message on the page the reader came from."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if not isinstance(exception, Refusal):
            return None
        if request.method == "POST":
            messages.error(request, str(exception))
            came_from = request.headers.get("Referer", "").removeprefix(settings.BASE_URL)
            return redirect(came_from if came_from.startswith("/") and came_from[1:2] != "/" else "home")
        return render(request, "403.html", {"refusal": exception}, status=403)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    return render(request, "403.html", {"csrf_failed": True}, status=403)


def frame(request: HttpRequest) -> dict[str, Any]:
    """The context of templates/base.html."""
    from members.navigation import banners, navigation, switcher

    organization = getattr(request, "organization", None)
    current = translation.get_language()
    other = next((code, label) for code, label in settings.LANGUAGES if code != current)
    return {
        "organization": organization,
        "switcher": switcher(request),
        "navigation": navigation(request, organization),
        "banners": banners(request, organization),
        "theme": theme_of(request),
        "support_url": settings.SUPPORT_URL,
        "other_language": {"code": other[0], "label": other[1]},
    }
