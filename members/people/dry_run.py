"""A dry run of a change to several members: the verbs themselves run, in a transaction that is taken back.

So the rules that decide here are those that decide later, and the result are the changes that would be recorded. No
mail leaves, no session ends, no event stays.
"""

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass, field
from typing import Any

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from members.kept_fields import sent_fields
from members.log import history
from members.models import Account, Event, Member
from members.models.change import Change
from members.models.work import current
from members.openings import KEEPS_SILENT
from members.people.idp_echo import idp_echo
from members.people.refusals import NotAsShown
from members.refusals import Refusal
from members.texts import Text

Act = Callable[[Member], Any]


class Part(models.TextChoices):
    CHANGED = "changed", gettext_lazy("Will change")
    UNCHANGED = "unchanged", gettext_lazy("Unchanged")
    REFUSED = "refused", gettext_lazy("Refused")


@dataclass(frozen=True)
class Expected:
    """The result for one member: the changes that would be recorded, or the refusal."""

    member: Member
    changes: list[Change] = field(default_factory=list)
    refusal: Refusal | None = None
    # Fields that the identity provider sends.
    sent: Collection[str] = ()

    @property
    def part(self) -> Part:
        if self.refusal:
            return Part.REFUSED
        return Part.CHANGED if self.changes else Part.UNCHANGED

    @property
    def mark(self) -> str:
        """The fingerprint of the shown result, which the form carries."""
        return f"{self.member.scim_id}:{fingerprint(self.changes)}"

    @property
    def in_words(self) -> list[history.Change]:
        """The changes, before and after, in the reader's words."""
        return [line for change in self._own for line in _in_words(self.member, change)]

    @property
    def echo(self) -> list[Text]:
        """The sentences about the identity provider's answer to the change."""
        return idp_echo(self.member, {change.event for change in self._own}, self.sent)

    @property
    def withdrawn(self) -> int:
        """The number of the member's open invitations that end with it."""
        return sum(change.event == Event.INVITATION_WITHDRAWN for change in self.changes)

    @property
    def _own(self) -> list[Change]:
        return [one for one in self.changes if one.member and one.member.scim_id == self.member.scim_id]


def dry_run(members: Sequence[Member], act: Act) -> list[Expected]:
    """The results of the act for these members of one organization, one after the other; nothing stays changed."""
    found: list[Expected] = []
    if not members:
        return found
    organization = members[0].organization
    with suppress(TakenBack), without_mails(), organization.locked():
        _lock_accounts(members)
        sent = sent_fields(organization)
        for member in members:
            with suppress(Member.DoesNotExist):
                found.append(_try(member, act, sent))
        raise TakenBack
    return found


def objection(member: Member, act: Act) -> Refusal | None:
    """The refusal of the act as things stand, or None: pages show it beforehand."""
    return next((one.refusal for one in dry_run([member], act)), None)


def counts(expected: Sequence[Expected]) -> list[tuple[Part, int]]:
    """The number of members in each part, all parts named."""
    found = Counter(one.part for one in expected)
    return [(part, found[part]) for part in Part]


def changes_by(act: Act, member: Member) -> list[Change]:
    """The changes of the act in this organization only, which is all its people may see. Raises the act's refusals."""
    with member.locked():
        act(member)
        work = current()
        return [one for one in work.changes if one.organization.pk == member.organization_id] if work else []


def as_shown(act: Act, shown: Mapping[str, str]) -> Act:
    """The act, held to the result shown for each member: another change is undone. Raises NotAsShown."""

    def acted(member: Member) -> None:
        with member.locked():
            changes = changes_by(act, member)
            if changes and fingerprint(changes) != shown.get(member.scim_id):
                raise NotAsShown(member=member.account.name)

    return acted


def fingerprint(changes: Sequence[Change]) -> str:
    """A hash of the changes, the same for the same change of the same member."""
    content = json.dumps([[one.event.value, one.subject, one.fields] for one in changes], sort_keys=True)
    return hashlib.sha256(content.encode()).hexdigest()[:32]


_is_running: ContextVar[bool] = ContextVar("dry_run", default=False)


@KEEPS_SILENT.register
def keep_silent() -> bool:
    """A mail would be taken back with its transaction; putting hundreds into words before that takes seconds."""
    return _is_running.get()


class TakenBack(Exception):
    """Ends the transaction of a dry run."""


@contextmanager
def without_mails() -> Iterator[None]:
    token = _is_running.set(True)
    try:
        yield
    finally:
        _is_running.reset(token)


def _lock_accounts(members: Sequence[Member]) -> None:
    """Lock the members' accounts in one order, so that two dry runs cannot deadlock."""
    accounts = Account.objects.filter(pk__in=[member.account_id for member in members]).order_by("pk")
    list(accounts.select_for_update(no_key=True).values_list("pk"))


def _try(member: Member, act: Act, sent: Collection[str]) -> Expected:
    try:
        return Expected(member, changes_by(act, member), sent=sent)
    except Refusal as refusal:
        return Expected(member, refusal=refusal)


def _in_words(member: Member, change: Change) -> list[history.Change]:
    lines = history.in_words(change.fields)
    if change.event == Event.ACCOUNT_DELETED:
        return [history.Change(_("Account"), member.account.get_type_display(), _("deleted")), *lines]
    if change.event == Event.MEMBER_REMOVED:
        return [history.Change(_("Membership"), member.get_role_display(), _("ended")), *lines]
    return lines
