"""Scopes of the apps in any organization: what their keys may ask for, and what their endpoints are told."""

from collections.abc import Iterator
from dataclasses import dataclass

from django.utils.translation import gettext as _

from api.models import App, AppKey, Endpoint
from api.scopes import Scope, scopes_in


@dataclass(frozen=True)
class Known:
    app: str
    # Labels of scopes; empty where the app has no key.
    asks: list[str]
    # "" where the app has no endpoint.
    told: str


def what_apps_know() -> Iterator[Known]:
    """Each app that has a live key or an endpoint."""
    keys, endpoints = list(AppKey.objects.filter(revoked_at=None)), list(Endpoint.objects.all())
    for app in App:
        held = scopes_in(" ".join(key.scopes for key in keys if key.app == app))
        told = _told([one for one in endpoints if one.app == app])
        if held or told:
            yield Known(app.label, [str(scope.label) for scope in Scope if scope in held], told)


def _told(endpoints: list[Endpoint]) -> str:
    awake = [one for one in endpoints if one.paused_at is None]
    if any(one.with_changes for one in awake):
        return _("What changed, with the values before and after")
    if awake:
        return _("What changed, without the values")
    return _("Nothing at the moment, because it is paused") if endpoints else ""
