"""The text of a mail: templates/mail/STORY.txt in the reader's language and time zone, as text and as HTML.

The first line of a story is the subject. A line that holds the context's `link` alone becomes a button; what the
button says stands before it in brackets: `[Set a password] {{ link }}`.
"""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import astuple, dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from members.sealing import seal, unseal

if TYPE_CHECKING:
    from members.models.account import Account

MAX_SUBJECT = 200
_GAP, _BETWEEN_PARAGRAPHS = re.compile(r"\n{3,}"), re.compile(r"\n\s*\n")
_LINE_END = re.compile("\r\n?|[\x85\u2028\u2029]")
# Control characters, and those that turn the direction of what follows them: a name may hold them, a mail may not.
_UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
_LABEL = re.compile(r"(\[.+\])?")


class Reason(StrEnum):
    """The reason for which somebody gets a mail, said in its footer."""

    ADMINISTRATOR = "administrator"
    MEMBER = "member"
    OWNER = "owner"
    ADDRESS = "address"


REASONS = {
    Reason.ADMINISTRATOR: _("You received this email because you are an administrator of %(organization)s."),
    Reason.MEMBER: _("You received this email because it concerns your account at %(organization)s."),
    Reason.OWNER: _("You received this email because it concerns your account."),
    Reason.ADDRESS: _("You received this email because this address was entered on our site."),
}


@dataclass(frozen=True)
class Reader:
    address: str
    name: str
    language: str
    time_zone: str
    reason: Reason

    @classmethod
    def of(cls, account: "Account", reason: Reason) -> "Reader":
        return cls(account.email or account.user_name, account.name, account.language, account.time_zone, reason)


@dataclass(frozen=True)
class Letter:
    subject: str
    text: str
    html: str

    def seal(self) -> str:
        return seal(json.dumps(astuple(self)))

    @classmethod
    def unseal(cls, sealed: str) -> "Letter | None":
        """The letter; None if it was sealed with another key."""
        opened = unseal(sealed)
        return None if opened is None else cls(*json.loads(opened))


@dataclass
class Block:
    """A paragraph, or a button."""

    lines: list[str] = field(default_factory=list)
    link: str = ""
    label: str = ""


def write_each(story: str, readers: Iterable[Reader], context: dict[str, Any]) -> Iterator[tuple[Reader, Letter]]:
    """The mails for these readers. The story is rendered once for each language and time zone, the frame for each."""
    stories: dict[tuple[str, str], tuple[str, list[Block]]] = {}
    for reader in readers:
        with translation.override(reader.language), timezone.override(reader.time_zone):
            key = (reader.language, reader.time_zone)
            if key not in stories:
                stories[key] = _tell(story, context)
            letter = _framed(*stories[key], reader, context)
        yield reader, letter


def write(story: str, reader: Reader, context: dict[str, Any]) -> Letter:
    [(_, letter)] = write_each(story, [reader], context)
    return letter


def _tell(story: str, context: dict[str, Any]) -> tuple[str, list[Block]]:
    subject, _, body = _clean(render_to_string(f"mail/{story}.txt", context)).strip().partition("\n")
    return _short(" ".join(subject.split())), list(_blocks(body, str(context.get("link", ""))))


def _framed(subject: str, blocks: list[Block], reader: Reader, context: dict[str, Any]) -> Letter:
    frame = {
        "blocks": blocks,
        "greeting": gettext("Hello %(name)s,") % {"name": _clean(reader.name)} if reader.name else "",
        "reason": _clean(REASONS[reader.reason] % {"organization": context.get("organization")}),
        "site": settings.BASE_URL,
        "subject": subject,
    }
    text, html = (render_to_string(f"mail/frame/letter.{kind}", frame) for kind in ("txt", "html"))
    return Letter(subject, _GAP.sub("\n\n", text).strip() + "\n", html)


def _blocks(body: str, link: str) -> Iterator[Block]:
    for paragraph in _BETWEEN_PARAGRAPHS.split(body.strip()):
        block = Block()
        for line in paragraph.splitlines():
            label = _label(line, link)
            if label is None:
                block.lines.append(line.strip())
                continue
            if block.lines:
                yield block
            yield Block(link=link, label=label)
            block = Block()
        if block.lines:
            yield block


def _label(line: str, link: str) -> str | None:
    """The label of the button; None if the line is no button."""
    before = line.removesuffix(link).strip()
    if not link or not line.endswith(link) or not _LABEL.fullmatch(before):
        return None
    return before[1:-1]


def _clean(text: str) -> str:
    return _UNSEEN.sub("", _LINE_END.sub("\n", text))


def _short(subject: str) -> str:
    return subject if len(subject) <= MAX_SUBJECT else subject[: MAX_SUBJECT - 1] + "…"
