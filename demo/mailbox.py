"""The mails of the demo: nothing leaves this machine, each is a file, and the demo identity provider shows them."""

import re
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from email import message_from_bytes, policy
from email.message import EmailMessage as ParsedMessage
from pathlib import Path

from django.conf import settings
from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend

SHOWN = 100
_KEY = re.compile(r"[0-9]{19}")


class Mailbox(BaseEmailBackend):
    """Django's e-mail backend while DEBUG is on and no EMAIL_URL is given."""

    def send_messages(self, email_messages: Iterable[EmailMessage]) -> int:
        folder = _folder()
        folder.mkdir(parents=True, exist_ok=True)
        count = 0
        for message in email_messages:
            key = time.time_ns()
            while (folder / f"{key}.eml").exists():
                key += 1
            unfinished = folder / f"{key}.part"
            unfinished.write_bytes(message.message().as_bytes())
            unfinished.rename(unfinished.with_suffix(".eml"))
            count += 1
        return count


@dataclass(frozen=True)
class Mail:
    key: str
    parsed: ParsedMessage

    @property
    def at(self) -> datetime:
        return datetime.fromtimestamp(int(self.key) / 1e9, UTC)

    @property
    def to(self) -> str:
        return str(self.parsed["To"])

    @property
    def subject(self) -> str:
        return str(self.parsed["Subject"])

    @property
    def text(self) -> str:
        return self._part("plain")

    @property
    def html(self) -> str:
        """Its links open beside the mailbox."""
        return self._part("html").replace("<head>", '<head><base target="_blank">', 1)

    def _part(self, kind: str) -> str:
        part = self.parsed.get_body((kind,))
        return str(part.get_content()) if part else ""


def newest() -> list[Mail]:
    return [_read(path) for path in sorted(_folder().glob("*.eml"), reverse=True)[:SHOWN]]


def find(key: str) -> Mail | None:
    path = _folder() / f"{key}.eml"
    return _read(path) if _KEY.fullmatch(key) and path.is_file() else None


def _read(path: Path) -> Mail:
    return Mail(path.stem, message_from_bytes(path.read_bytes(), policy=policy.default))


def _folder() -> Path:
    return Path(settings.DEMO_MAILBOX)
