"""The check of a password: counted, throttled and recorded, whichever form asks."""

from django.http import HttpRequest

from members import actors
from members.models import Account, SecondFactor, SignIn, SignInAttempt
from members.models.sign_in_attempt import WINDOW
from members.models.sign_in_attempt_refusals import TooManyForAddress, TooManyPasswords
from members.networks import network_of
from members.refusals import Refusal
from members.sign_in.known_browsers import known_browser
from members.sign_in.records import is_recorded_already, record_refused
from members.sign_in.refusals import AccountIsInactive, TooBusy, WrongPassword


def check_password(request: HttpRequest, typed: str, account: Account | None, password: str) -> Account | None:
    """The account of the typed address if the password is right, else None. Raises a TryLater.

    Takes as long whether or not there is such an account.
    """
    name = account.user_name if account else typed
    network = network_of(actors.client_address(request))
    attempt = SignInAttempt.objects.begin(name, network, known_browser(request, account))
    excess = attempt.excess()
    if excess is TooManyForAddress and account and SignIn.objects.is_at_home(account, network):
        excess = None
    # With a second factor the right password is not enough: a code comes next.
    asks_code = excess is TooManyForAddress and SecondFactor.objects.filter(account=account).exists()
    if excess and not asks_code:
        attempt.delete()
        _refused(request, account, excess(), network)
        raise excess
    reason = _judged(account, password, attempt)
    if reason is None:
        attempt.delete()
        return account
    if excess or attempt.is_last():
        kind = excess or TooManyPasswords
        _refused(request, account, kind(), network)
        raise kind
    _refused(request, account, reason, network)
    return None


def _judged(account: Account | None, password: str, attempt: SignInAttempt) -> Refusal | None:
    try:
        if account is None or account.is_managed:
            # Same time as for a wrong password, so that it does not tell who exists.
            Account().set_password(password)
            return WrongPassword()
        if not account.check_password(password):
            return WrongPassword()
    except TooBusy:
        attempt.delete()
        raise
    return None if account.is_active else AccountIsInactive()


def _refused(request: HttpRequest, account: Account | None, reason: Refusal, network: str) -> None:
    if isinstance(reason, WrongPassword | AccountIsInactive) or not is_recorded_already(
        account, type(reason), network, WINDOW
    ):
        record_refused(account, reason, by=actors.visitor(request))
