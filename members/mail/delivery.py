"""Sending what waits, outside of requests. Several processes may do it at once: each mail is claimed by one."""

import logging
import smtplib
from contextlib import suppress
from dataclasses import dataclass
from threading import Event

from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db import Error as DatabaseError
from django.db import close_old_connections, connection

from members.models import Outgoing
from members.models.team_rules.following import go_on_everywhere

POLL, MAX_PAUSE = 1.0, 30.0
# Errors of a server that is away, as opposed to one that refuses this mail.
_AWAY = (TimeoutError, ConnectionError, smtplib.SMTPServerDisconnected)

log = logging.getLogger(__name__)


class ServerAway(Exception):
    """The mail server cannot be used now: the next mail would fail as well."""


@dataclass
class Delivered:
    sent: int = 0
    failed: int = 0
    is_server_away: bool = False


def deliver(stop: Event | None = None) -> Delivered:
    """Send what is due over one connection, until nothing is, the server is away, or `stop` is set."""
    result, server = Delivered(), get_connection()
    try:
        while not (stop and stop.is_set()) and not result.is_server_away and (mail := Outgoing.objects.claim()):
            _deliver_one(mail, server, result)
    finally:
        _hang_up(server)
    return result


def deliver_for_ever(stop: Event) -> None:
    """Deliver every second, less often while the mail server is away. Waits for a database that is away.

    In between, members whose turn has come follow the rules of their teams.
    """
    pause = POLL
    while not stop.is_set():
        try:
            close_old_connections()
            is_away = deliver(stop).is_server_away
            while not stop.is_set() and go_on_everywhere():
                is_away = deliver(stop).is_server_away
        except DatabaseError as error:
            log.error("mails wait for the database: %s", error)
            connection.close()
            is_away = True
        pause = min(2 * pause, MAX_PAUSE) if is_away else POLL
        stop.wait(pause)


def _deliver_one(mail: Outgoing, server: BaseEmailBackend, result: Delivered) -> None:
    message = mail.message()
    if message is None:
        result.failed += 1
        mail.give_up("It was sealed with another SECRET_KEY.")
        return
    try:
        _send(message, server)
    # Any error of the server or the message: the other mails must go out.
    except Exception as error:
        result.failed += 1
        result.is_server_away = isinstance(error, ServerAway)
        mail.record_failure(_words(error))
        _hang_up(server)
    else:
        result.sent += 1
        mail.record_sent()


def _send(message: EmailMessage, server: BaseEmailBackend) -> None:
    """Send one mail. Raises ServerAway, or any error of this mail alone."""
    try:
        server.open()
    except Exception as error:
        raise ServerAway from error
    try:
        if not server.send_messages([message]):
            raise smtplib.SMTPException("The mail server took nothing.")
    except _AWAY as error:
        raise ServerAway from error


def _hang_up(server: BaseEmailBackend) -> None:
    with suppress(Exception):
        server.close()


def _words(error: Exception) -> str:
    cause = error.__cause__ if isinstance(error, ServerAway) and error.__cause__ else error
    return f"{type(cause).__name__}: {cause}"
