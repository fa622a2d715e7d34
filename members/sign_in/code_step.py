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
    # Whoever may have planted this session does not get the marker.
    request.session.cycle_key()
    marker = {"account": account.pk, "until": time.time() + SECONDS, "password": account.get_session_auth_hash()}
    request.session[MARKER] = marker
    query = f"?{urlencode({'next': after})}" if after else ""
    return redirect(reverse("signin-code") + query)


def awaited_factor(request: HttpRequest) -> SecondFactor | None:
    """Whose code is waited for, as long as the password is the one that was right and nobody took too long."""
    marker: dict[str, Any] = request.session.get(MARKER, {})
    if not marker or time.time() > marker["until"]:
        return None
    factors = SecondFactor.objects.select_related("account").filter(account__is_active=True)
    factor = factors.filter(account=marker["account"], account__type=Account.Type.NULAB).first()
    is_same = factor and constant_time_compare(factor.account.get_session_auth_hash(), marker["password"])
    return factor if is_same else None


def forget(request: HttpRequest) -> bool:
    """Whether there was something to forget."""
    return request.session.pop(MARKER, None) is not None
