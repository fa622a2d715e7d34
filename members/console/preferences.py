"""Language, theme and time zone: the account's own once somebody is signed in, before and after a cookie's."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone, translation
from django.utils.encoding import iri_to_uri
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from members import actors
from members.models import Account
from operations import context

MAX_ADDRESS = 2048
YEAR = 365 * 24 * 3600
THEME_COOKIE = "theme"


class PreferencesMiddleware:
    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        if user.is_authenticated:
            context.bind(account=user.pk)
            language, zone = user.language, ZoneInfo(user.time_zone)
        else:
            language, zone = translation.get_language_from_request(request), ZoneInfo("UTC")
        with translation.override(language), timezone.override(zone):
            response = self.get_response(request)
            # A TemplateResponse would be rendered by now; the header names what was read.
            response.headers.setdefault("Content-Language", language)
        if user.is_authenticated:
            _remember(request, response, user)
        return response


def _remember(request: HttpRequest, response: HttpResponse, account: Account) -> None:
    """Keep in the browser what the account prefers, for the sign-in page after this session."""
    for cookie, chosen in ((settings.LANGUAGE_COOKIE_NAME, account.language), (THEME_COOKIE, account.theme)):
        if request.COOKIES.get(cookie) != chosen:
            _set(response, cookie, chosen)


def _set(response: HttpResponse, cookie: str, chosen: str) -> None:
    response.set_cookie(cookie, chosen, max_age=YEAR, secure=settings.IS_HTTPS, httponly=True, samesite="Lax")


THEME_ICONS = {Account.Theme.SYSTEM: "device-desktop", Account.Theme.LIGHT: "sun", Account.Theme.DARK: "moon"}


def theme_of(request: HttpRequest) -> str:
    """The value of data-bs-theme: the account's choice, before the sign-in this browser's, else the system's."""
    user = getattr(request, "user", None)
    chosen = user.theme if user and user.is_authenticated else request.COOKIES.get(THEME_COOKIE)
    return chosen if chosen in Account.Theme.values else Account.Theme.SYSTEM


def themes() -> list[dict[str, Any]]:
    """The entries of the theme's menu."""
    return [{"value": theme.value, "label": theme.label, "icon": icon} for theme, icon in THEME_ICONS.items()]


def safe_next(request: HttpRequest, default: str) -> str:
    """The address to which a form leads on, if that is allowed; else the default."""
    return allowed_address(request.POST.get("next") or request.GET.get("next") or "") or default


def allowed_address(wanted: str) -> str:
    """The address if it is a page of this site or belongs to one of the apps, else ""."""
    if not _is_sane(wanted):
        return ""
    if wanted.startswith("/"):
        return wanted if url_has_allowed_host_and_scheme(wanted, allowed_hosts=None) else ""
    return _below(wanted, [settings.BASE_URL, *settings.APP_URLS])


def address_of_app(wanted: str) -> str:
    """The address if it belongs to one of the apps, else ""."""
    return _below(wanted, settings.APP_URLS) if _is_sane(wanted) else ""


def _is_sane(wanted: str) -> bool:
    """Whether it can be an address, and fits into a cookie and a header, in which a Japanese character takes nine."""
    # A browser passes over tabs and line ends: with one behind its first slash, “///evil” would not begin like that.
    return len(wanted) <= MAX_ADDRESS and wanted.isprintable() and len(iri_to_uri(wanted)) <= MAX_ADDRESS


def _below(wanted: str, bases: list[str]) -> str:
    """The address if it is below one of these, else ""."""
    for base in bases:
        host = urlsplit(base).netloc
        is_below = wanted == base or wanted.startswith((f"{base}/", f"{base}?"))
        if is_below and url_has_allowed_host_and_scheme(wanted, allowed_hosts={host}, require_https=settings.IS_HTTPS):
            return wanted
    return ""


@require_POST
def language(request: HttpRequest) -> HttpResponse:
    return _prefer(request, "language", settings.LANGUAGE_COOKIE_NAME, [code for code, _ in settings.LANGUAGES])


@require_POST
def theme(request: HttpRequest) -> HttpResponse:
    return _prefer(request, "theme", THEME_COOKIE, Account.Theme.values)


def _prefer(request: HttpRequest, field: str, cookie: str, choices: list[str]) -> HttpResponse:
    chosen = request.POST.get(field, "")
    response = redirect(safe_next(request, "home"))
    if chosen in choices:
        if request.user.is_authenticated:
            request.user.prefer(by=actors.person(request.user, request), **{field: chosen})
        else:
            _set(response, cookie, chosen)
    return response
