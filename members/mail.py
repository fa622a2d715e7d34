"""Mails in the reader's language, sent after the change is committed. A sandbox sends none."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.contrib.auth.tokens import default_token_generator
from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import translation
from django.utils.encoding import force_bytes
from django.utils.http import urlsafe_base64_encode

if TYPE_CHECKING:
    from members.models import Account, Organization


def after_commit(organization: "Organization", story: str, to: Iterable["Account"], **context: Any) -> None:
    """Send templates/mail/STORY.txt, whose first line is the subject, to each of the accounts."""
    if organization.is_sandbox:
        return
    readers = [(account.email or account.user_name, account.language) for account in to]
    transaction.on_commit(lambda: _send(story, readers, {"organization": organization, **context}), robust=True)


def _send(story: str, readers: list[tuple[str, str]], context: dict[str, Any]) -> None:
    for address, language in readers:
        with translation.override(language):
            subject, _, body = render_to_string(f"mail/{story}.txt", context).strip().partition("\n")
        send_mail(subject, body.strip() + "\n", None, [address])


def set_password_link(account: "Account") -> str:
    """Works once, for three days: the token dies with the password that it replaces."""
    uid = urlsafe_base64_encode(force_bytes(account.pk))
    token = default_token_generator.make_token(account)
    return f"{settings.BASE_URL}{reverse('set-password', args=[uid, token])}"
