"""Between the right password and the code of the second factor nobody is signed in: the browser holds a marker only."""

import time
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.crypto import constant_time_compare

from members.models import Account, SecondFactor

MARKER = "password_was_right"
SECONDS = 5 * 60


def ask_for_code(request: HttpRequest, account: Account, after: str) -> HttpResponse:
    # New session key: somebody who planted the old one does not get the marker.
    request.session.cycle_key()
    marker = {"account": account.pk, "until": time.time() + SECONDS, "password": account.get_session_auth_hash()}
    request.session[MARKER] = marker
    query = f"?{urlencode({'next': after})}" if after else ""
    return redirect(reverse("signin-code") + query)


def awaited_factor(request: HttpRequest) -> SecondFactor | None:
    """The second factor whose code is awaited, while the password is unchanged and the time is not over; else None."""
    marker: dict[str, Any] = request.session.get(MARKER, {})
    if not marker or time.time() > marker["until"]:
        return None
    factors = SecondFactor.objects.select_related("account").filter(account__is_active=True)
    factor = factors.filter(account=marker["account"], account__type=Account.Type.NULAB).first()
    is_same = factor and constant_time_compare(factor.account.get_session_auth_hash(), marker["password"])
    return factor if is_same else None


def forget(request: HttpRequest) -> bool:
    """Remove the marker; returns whether there was one."""
    return request.session.pop(MARKER, None) is not None
