"""Mails in the reader's language, sent after the change is committed. A sandbox sends none to its members."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from threading import Thread
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

if TYPE_CHECKING:
    from members.models import Account, AuditEvent, Organization

_is_silent = ContextVar("mail_is_silent", default=False)


def after_commit(organization: "Organization", story: str, to: Iterable["Account"], **context: Any) -> None:
    """Send templates/mail/STORY.txt, whose first line is the subject, to each of the accounts."""
    if not organization.is_sandbox:
        _soon(story, to, {"organization": organization, **context})


def to_owner(account: "Account", story: str, **context: Any) -> None:
    """About the account itself, whatever organizations it belongs to."""
    _soon(story, [account], {"account": account, **context})


def to_administrators(
    organization: "Organization", story: str, *, also: Iterable["Account"] = (), **context: Any
) -> None:
    """To the active ones, and to `also`: an administrator who has just stopped being one."""
    places = organization.members.administrators().select_related("account")
    readers = {account.pk: account for account in [*also, *(place.account for place in places)]}
    after_commit(organization, story, readers.values(), **context)


def to_all_administrators(row: "AuditEvent", page: str, *more: str, also: Iterable["Account"] = ()) -> None:
    """Tell them what an audit row says; `page` is where they look into it, and undo what they did not expect."""
    link = address_of(page, row.organization, *more)
    to_administrators(row.organization, "notice", also=also, row=row, link=link)


def address_of(page: str, organization: "Organization", *more: str) -> str:
    """The absolute address of a page of the organization."""
    return f"{settings.BASE_URL}{reverse(page, args=[organization.space_key, *more])}"


def meanwhile(account: "Account", story: str, **context: Any) -> None:
    """Beside the answer, because how long an answer takes would tell a stranger whether there was somebody to write to.

    `context` must not need the database.
    """
    reader = (account.email or account.user_name, account.language, account.time_zone)
    Thread(target=_send, args=(story, [reader], context), name="mail").start()


def to_address(address: str, like: "Account | None", story: str, **context: Any) -> None:
    """To whoever reads the mail of an address, in the language and time zone of `like`."""
    language, zone = (like.language, like.time_zone) if like else ("en", "UTC")
    _mail_soon(story, [(address, language, zone)], context)


def _soon(story: str, to: Iterable["Account"], context: dict[str, Any]) -> None:
    readers = [(account.email or account.user_name, account.language, account.time_zone) for account in to]
    _mail_soon(story, readers, context)


def _mail_soon(story: str, readers: list[tuple[str, str, str]], context: dict[str, Any]) -> None:
    if _is_silent.get():
        return
    transaction.on_commit(lambda: _send(story, readers, context), robust=True)


def _send(story: str, readers: list[tuple[str, str, str]], context: dict[str, Any]) -> None:
    for address, language, zone in readers:
        with translation.override(language), timezone.override(zone):
            subject, _, body = render_to_string(f"mail/{story}.txt", context).strip().partition("\n")
        send_mail(" ".join(subject.split()), body.strip() + "\n", None, [address])


@contextmanager
def silence() -> Iterator[None]:
    """For invented events of the past, of which nobody needs a mail."""
    token = _is_silent.set(True)
    try:
        yield
    finally:
        _is_silent.reset(token)


def set_password_link(account: "Account") -> str:
    """Works once, for three days: the token dies with the password that it replaces."""
    uid = urlsafe_base64_encode(force_bytes(account.pk))
    token = default_token_generator.make_token(account)
    return f"{settings.BASE_URL}{reverse('set-password', args=[uid, token])}"


def sign_in_link(organization: "Organization") -> str:
    """Straight to the organization's IdP; to the sign-in page while SAML is off."""
    from members.single_sign_on import sign_in_address

    return f"{settings.BASE_URL}{sign_in_address(organization) or reverse('signin')}"
