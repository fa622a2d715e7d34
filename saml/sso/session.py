"""From a verified sign-in to a session: the browser that asked, the person who was there before, where to go on to."""

import datetime
import secrets
from typing import Any

from django.conf import settings
from django.contrib.auth.backends import ModelBackend
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from members.models import Account, Member
from members.models.sign_in import Method
from members.sessions import SIGNED_IN_AT
from members.sign_in.session import start_session
from saml.events import SamlEvent
from saml.models.request import ANSWERED_WITHIN
from saml.sso.accepting import SignIn
from saml.sso.claims import IdpSession
from saml.sso.claims_refusals import Expired

BACKEND = "saml.sso.session.SamlBackend"
BROWSER_COOKIE = "__Secure-saml-browser" if settings.IS_HTTPS else "saml-browser"
WAITING_COOKIE = "__Secure-saml-waiting" if settings.IS_HTTPS else "saml-waiting"
WAITING_PATH = "/signin/"
WAITS_FOR = 5 * 60
# Number in the names: it changes with the content, so that cookies of an earlier release are not read.
WAITING_SALT = "saml-waiting-2"


class SamlBackend(ModelBackend):
    """The backend of sessions through an IdP. It checks nothing: the ACS does."""

    def authenticate(self, request: HttpRequest | None, **credentials: Any) -> None:  # type: ignore[override]
        return None

    def get_user(self, user_id: Any) -> Account | None:
        account = super().get_user(user_id)
        return account if isinstance(account, Account) and account.is_managed else None


# -- the browser that asked


def browser_of(request: HttpRequest) -> str:
    return request.COOKIES.get(BROWSER_COOKIE, "")[:100]


def new_browser() -> str:
    return secrets.token_urlsafe(24)


def remember_browser(response: HttpResponse, browser: str) -> None:
    """Set the browser's cookie. SameSite=None, because the IdP's site posts to the ACS, without Lax cookies.

    Path: the whole site, because Test sign-in starts on a page of the console. Unseen there, it would be set anew, and
    what other tabs have asked could not be answered.
    """
    response.set_cookie(
        BROWSER_COOKIE,
        browser,
        max_age=ANSWERED_WITHIN,
        path="/",
        secure=settings.IS_HTTPS,
        httponly=True,
        samesite="None" if settings.IS_HTTPS else "Lax",
    )


# -- the session


def enter(request: HttpRequest, member: Member, at_idp: IdpSession) -> None:
    """Start the session. Its sign-in counts from the one at the IdP, which may be hours ago."""
    start_session(request, member.account, Method.IDP, BACKEND, SamlEvent.SIGNED_IN)
    request.session[SIGNED_IN_AT] = min(at_idp.since, timezone.now()).timestamp()
    if at_idp.until and at_idp.until < timezone.now() + datetime.timedelta(seconds=settings.SESSION_COOKIE_AGE):
        request.session.set_expiry(at_idp.until)


def may_hide_a_session(request: HttpRequest) -> bool:
    """Whether the post comes from another site, so that a session cookie would not have been sent.

    Every browser says with a POST where it comes from.
    """
    return request.headers.get("Origin") not in (None, settings.BASE_URL)


def is_somebody_else(request: HttpRequest, member: Member) -> bool:
    return request.user.is_authenticated and request.user.pk != member.account_id


# -- a sign-in that waits until the session cookie can be seen, or for the person's word


def wait(response: HttpResponse, who: SignIn, after: str) -> None:
    until = who.at_idp.until
    content = {
        "once": secrets.token_hex(8),
        "member": who.member.scim_id,
        "since": who.at_idp.since.isoformat(),
        "until": until.isoformat() if until else None,
        "after": after,
    }
    response.set_cookie(
        WAITING_COOKIE,
        signing.dumps(content, salt=WAITING_SALT),
        max_age=WAITS_FOR,
        path=WAITING_PATH,
        secure=settings.IS_HTTPS,
        httponly=True,
        samesite="Lax",
    )


def waiting(request: HttpRequest) -> dict[str, Any] | None:
    try:
        content: dict[str, Any] = signing.loads(
            request.COOKIES.get(WAITING_COOKIE, ""), salt=WAITING_SALT, max_age=WAITS_FOR
        )
    except signing.BadSignature:
        return None
    return content


def waited_for(kept: dict[str, Any]) -> IdpSession:
    """The session at the IdP that `wait` has kept. Raises Expired where it has ended meanwhile."""
    until = kept["until"] and datetime.datetime.fromisoformat(kept["until"])
    if until and until <= timezone.now():
        raise Expired(time=kept["until"])
    return IdpSession(datetime.datetime.fromisoformat(kept["since"]), until)


def end_of_waiting() -> datetime.datetime:
    """The time after which no cookie set by now is good."""
    return timezone.now() + datetime.timedelta(seconds=WAITS_FOR)


def stop_waiting(response: HttpResponse) -> None:
    response.delete_cookie(WAITING_COOKIE, path=WAITING_PATH, samesite="Lax")
