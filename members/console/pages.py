"""The parts of every page: who may open it, its frame, and how it shows a refusal."""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate
from urllib.parse import urlencode, urlsplit, urlunsplit

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from members import actors
from members.console import unsent
from members.console.navigation import banners, navigation, opens, page_names, switcher
from members.console.preferences import theme_of, themes
from members.models import Member, Organization, Role
from members.refusals import Refusal, TryLater
from members.sessions import SIGNED_IN_AT
from operations import context

RECENTLY = 10 * 60
# The parameter of the sign-in page that says that a form was not accepted, because nobody had signed in.
UNSENT = "unsent"

# Files are streamed, pages are not.
View = Callable[..., HttpResponseBase]


class OrganizationRequest(HttpRequest):
    """A request to a page of one organization, by a member who may open it."""

    organization: Organization
    member: Member
    actor: actors.Actor


def signed_in_only(view: View) -> View:
    """Decorates views for anybody who has signed in. Others sign in first, and come back to the page they were on."""

    @wraps(view)
    def page(request: Any, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return view(request, *args, **kwargs) if request.user.is_authenticated else _ask_to_sign_in(request)

    return page


def _ask_to_sign_in(request: HttpRequest) -> HttpResponse:
    """A redirect to the sign-in page; of the whole page where only a part of it was asked for."""
    is_form, is_part = request.method == "POST", "HX-Request" in request.headers
    # The address of a form or of a part of a page is not one to come back to.
    wanted = came_from(request) if is_form or is_part else request.get_full_path()
    address = f"{reverse('signin')}?{urlencode({'next': wanted, **({UNSENT: 1} if is_form else {})}, safe='/')}"
    return HttpResponse(headers={"HX-Redirect": address}) if is_part else redirect(address)


def open_to(may_open: Callable[[Member], bool]) -> Callable[[Callable[Concatenate[Any, ...], HttpResponseBase]], View]:
    """A page of an organization: 404 to strangers, 403 to members whom `may_open` does not let in.

    The view gets `request.organization`, `request.member` and `request.actor` instead of the space key.
    """

    def gate(view: Callable[Concatenate[Any, ...], HttpResponseBase]) -> View:
        @wraps(view)
        @signed_in_only
        def page(request: Any, space_key: str, **kwargs: Any) -> HttpResponseBase:
            member = enter(request, space_key)
            if member is None:
                raise Http404
            context.bind(organization=space_key)
            if not may_open(member):
                raise PermissionDenied
            request.actor = actors.person(member.account, request)
            return view(request, **kwargs)

        return page

    return gate


def enter(request: Any, space_key: str) -> Member | None:
    """The reader's place in the organization, whose frame the page gets; None to strangers."""
    # No query for a text that cannot be a space key: PostgreSQL fails on a NUL.
    if not space_key.isalnum():
        return None
    member: Member | None = (
        request.user.memberships.filter(organization__space_key=space_key)
        .select_related("organization", "account")
        .first()
    )
    if member:
        request.organization, request.member = member.organization, member
    return member


administrators_only = open_to(Member.may_open_settings)
inviters_too = open_to(Member.may_invite)
plan_admins_too = open_to(Member.may_see_licences)
audit_log_admins_too = open_to(Member.may_read_audit_log)


class SignInAgain(Exception):
    """This action takes a sign-in within the last ten minutes."""


def require_recent_sign_in(request: HttpRequest) -> None:
    """Raises SignInAgain."""
    if time.time() - request.session.get(SIGNED_IN_AT, 0) > RECENTLY:
        raise SignInAgain


def require_recent_sign_in_for(request: HttpRequest, *roles: str | None) -> None:
    """Require a recent sign-in where the role makes somebody an administrator. Raises SignInAgain."""
    if Role.ADMIN in roles:
        require_recent_sign_in(request)


def recent_sign_in(view: View) -> View:
    """Decorates views that show or change secrets, export data, or open or close the organization."""

    @wraps(view)
    def page(request: Any, **kwargs: Any) -> HttpResponseBase:
        require_recent_sign_in(request)
        return view(request, **kwargs)

    return page


def ask_to_sign_in_again(request: Any) -> HttpResponse:
    """A redirect to the sign-in page, which leads on to the page wanted or the one on which the form stood."""
    is_form = request.method == "POST"
    wanted = came_from(request) if is_form else request.get_full_path()
    address = f"{reverse('signin')}?{urlencode({'next': wanted, 'again': 1})}"
    if is_form:
        unsent.keep(request, wanted)
        messages.warning(
            request,
            _("Nothing was changed, because you signed in a while ago. Sign in again, then submit the form again."),
        )
    if is_form and request.user.is_managed:
        # A form of this site may not lead to the IdP (form-action in the CSP), a link may.
        return render(request, "403.html", {"sign_in_again": address}, status=403)
    return redirect(address)


def mending(
    refusal: Refusal | None, organization: Organization | None, reader: Member | None = None
) -> dict[str, Any] | None:
    """Address and title of the page where the cause can be mended; None where the `reader` may open none."""
    if not refusal or not organization or not refusal.mended_at:
        return None
    if reader and not opens(refusal.mended_at, reader):
        return None
    url = reverse(refusal.mended_at, args=[organization.space_key])
    return {"url": url, "label": page_names()[refusal.mended_at]}


def with_link(refusal: Refusal, organization: Organization | None) -> str:
    """The refusal's sentence, with a link to where it can be mended; for messages and form errors."""
    context.refused(refusal.code)
    page = mending(refusal, organization)
    return format_html('{} <a href="{url}">{label}</a>', refusal.to_typist, **page) if page else refusal.to_typist


def came_from(request: HttpRequest) -> str:
    """The page of this site on which the form stood, or "" where the browser does not say."""
    try:
        parts = urlsplit(request.headers.get("Referer", ""))
    except ValueError:
        return ""
    is_ours = parts.netloc == request.get_host() and parts.path.startswith("/") and not parts.path.startswith("//")
    return urlunsplit(("", "", parts.path, parts.query, "")) if is_ours else ""


class RefusalMiddleware:
    """Turns a refusal that no view has handled into a message on the page the reader came from."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, SignInAgain):
            return ask_to_sign_in_again(request)
        if _has_gone(exception) and request.method == "POST":
            return render(request, "404.html", status=404)
        if not isinstance(exception, Refusal):
            return None
        context.refused(exception.code)
        if isinstance(exception, TryLater):
            return try_later(render(request, "members/console/try_later.html", {"refusal": exception}), exception)
        if request.method == "POST":
            messages.error(request, with_link(exception, getattr(request, "organization", None)))
            return redirect(came_from(request) or "home")
        return render(request, "403.html", {"refusal": exception}, status=403)


def _has_gone(exception: Exception) -> bool:
    """Whether a row went between the look-up and the lock: somebody else has removed it.

    A related row that is not there is an AttributeError as well, and a mistake of ours.
    """
    return isinstance(exception, ObjectDoesNotExist) and not isinstance(exception, AttributeError)


def try_later(response: HttpResponse, refusal: TryLater) -> HttpResponse:
    """The page with the refusal, its status and Retry-After."""
    response.status_code = refusal.status
    response.headers["Retry-After"] = str(refusal.seconds)
    return response


def frame(request: HttpRequest) -> dict[str, Any]:
    """The context of templates/base.html."""
    member: Member | None = getattr(request, "member", None)
    return {
        "organization": getattr(request, "organization", None),
        "switcher": switcher(request),
        "navigation": navigation(request, member),
        "banners": banners(member),
        "theme": theme_of(request),
        "themes": themes(),
        "support_url": settings.SUPPORT_URL,
        "request_id": context.request_id(),
        "other_language": other_language(),
    }


def other_language() -> dict[str, str]:
    """The language to change to, called as its own readers call it: nobody else looks for it."""
    code, label = next(one for one in settings.LANGUAGES if one[0] != translation.get_language())
    with translation.override(code):
        return {"code": code, "label": str(label)}
