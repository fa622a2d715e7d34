"""The beginning of a session, for every way of signing in."""

import time

from django.contrib.auth import login
from django.db.models import TextChoices
from django.http import HttpRequest

from members import actors
from members.models import Account, Event, SignInAttempt
from members.models.sign_in import Method
from members.networks import network_of
from members.sessions import SIGNED_IN_AT, STARTED_AT
from members.sign_in.code_step import forget
from members.sign_in.known_browsers import known_browser, remember_browser
from members.sign_in.records import record_sign_in
from members.signin import BY_PASSWORD

# Key in a session that began with a code.
BY_CODE = "signed_in_by_code"


def start_session(
    request: HttpRequest,
    account: Account,
    method: Method,
    backend: str = BY_PASSWORD,
    at_keeper: TextChoices = Event.SIGNED_IN,
) -> None:
    """Start and record a session under a fresh key, with its time for pages that want a recent sign-in."""
    if request.user == account:
        # Django keeps the session key of the same account.
        request.session.cycle_key()
    by = actors.person(account, request)
    if backend == BY_PASSWORD:
        network = network_of(by.ip_address)
        SignInAttempt.objects.forgive(account.user_name, network, known_browser(request, account))
        SignInAttempt.objects.forgive(account.user_name, network, "")
        remember_browser(request, account)
    login(request, account, backend=backend)
    # An unfinished sign-in in this browser ends.
    forget(request)
    request.session[SIGNED_IN_AT] = time.time()
    if backend != BY_PASSWORD:
        request.session[STARTED_AT] = time.time()
    request.session[BY_CODE] = method in (Method.CODE, Method.RECOVERY_CODE)
    record_sign_in(account, method, at_keeper, by=by)
