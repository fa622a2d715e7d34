"""Operations and their outcomes: HTTP is around them, a handler of a resource between.

So every maker of an Operation can have it done: an address, an entry of a bulk, a trial.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

from members.models.member.refusals import KeptOut
from provisioning.models import Kind
from provisioning.models.walk import Position
from provisioning.scim.wire import refusals
from provisioning.scim.wire.caller import Caller
from provisioning.scim.wire.requests import Projection, Query
from provisioning.scim.wire.sought import Brought, Sought


@dataclass(frozen=True)
class Conditions:
    """If-Match and If-None-Match (RFC 7644 §3.14, RFC 9110 §13.1): versions, or *."""

    wanted: frozenset[str] = frozenset()
    unwanted: frozenset[str] = frozenset()

    def check(self, version: Callable[[], str]) -> None:
        """Check before a write, under the lock; `version` is computed only if needed.

        Raises PreconditionFailed, UnwantedVersion.
        """
        if not self.wanted and not self.unwanted:
            return
        now = {version(), "*"}
        if self.wanted and now.isdisjoint(self.wanted):
            raise refusals.PreconditionFailed
        if not now.isdisjoint(self.unwanted):
            raise refusals.UnwantedVersion

    def check_read(self, version: str) -> None:
        """Check If-Match of a read. Raises PreconditionFailed."""
        if self.wanted and self.wanted.isdisjoint({version, "*"}):
            raise refusals.PreconditionFailed

    def check_new(self) -> None:
        """Check before a creation: nothing that is to be made has a version yet. Raises NothingToMatch."""
        if self.wanted - {"*"}:
            raise refusals.NothingToMatch

    def knows(self, version: str) -> bool:
        """Whether a reader has this version already."""
        return not self.unwanted.isdisjoint({version, "*"})


UNCONDITIONAL = Conditions()


@dataclass
class Subject:
    """The person of a call, as the sync activity shows it and finds it again."""

    id: str = ""
    name: str = ""
    # Other stored values that identify the resource.
    known: list[str] = field(default_factory=list)


_ALL_OF_IT, _ALL_OF_THEM = Projection(), Query()


@dataclass
class Operation:
    kind: Kind
    id: str = ""
    body: dict[str, Any] = field(default_factory=dict)
    conditions: Conditions = UNCONDITIONAL
    projection: Projection = _ALL_OF_IT
    query: Query = _ALL_OF_THEM
    # Subject, set as soon as it is known: a refusal is about somebody, too.
    subject: Subject = field(default_factory=Subject)
    # The answer of ResourceType.sought, and its rows, if they have come with the caller.
    sought: Sought | None = None
    brought: Brought = None


@dataclass
class Outcome:
    """The answer, and the facts for the sync activity. A refusal is raised instead."""

    status: int
    document: dict[str, Any] | None = None
    version: str = ""
    location: str = ""
    changes: dict[str, list[Any]] = field(default_factory=dict)
    ignored: list[str] = field(default_factory=list)
    # The person as written, where that is not the operation's subject.
    subject: Subject | None = None
    # Refusal of one part of a request that was done otherwise.
    kept_out: KeptOut | None = None
    # Where the next page of a list begins.
    position: Position | None = None


# While it is open, so is the transaction of what it has done: what belongs to the change is written inside, and what is
# raised there undoes it. What reads opens none.
Handler = Callable[[Caller, Operation], AbstractContextManager[Outcome]]
