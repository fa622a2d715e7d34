"""What a call asks for, and what came of it: HTTP is around them, a handler of a resource between.

So whatever can make an Operation can have it done: an address, an entry of a bulk, a trial.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any

from members.models.member.refusals import KeptOut
from provisioning.models import Kind
from provisioning.scim.wire import refusals
from provisioning.scim.wire.caller import Caller
from provisioning.scim.wire.requests import Projection, Query


@dataclass(frozen=True)
class Conditions:
    """If-Match and If-None-Match (RFC 7644 §3.14, RFC 9110 §13.1): versions, or *."""

    wanted: frozenset[str] = frozenset()
    unwanted: frozenset[str] = frozenset()

    def check(self, version: Callable[[], str]) -> None:
        """Before a write, under the lock; `version` is asked only if it matters. Raises PreconditionFailed."""
        if not self.wanted and not self.unwanted:
            return
        now = {version(), "*"}
        if (self.wanted and now.isdisjoint(self.wanted)) or not now.isdisjoint(self.unwanted):
            raise refusals.PreconditionFailed

    def knows(self, version: str) -> bool:
        """Whether a reader has this version already."""
        return not self.unwanted.isdisjoint({version, "*"})


@dataclass
class Subject:
    """Whom a call was about, as the sync activity says it and finds it again."""

    id: str = ""
    name: str = ""
    # What else is stored of the resource that identifies it.
    known: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Operation:
    kind: Kind
    id: str = ""
    body: dict[str, Any] = field(default_factory=dict)
    conditions: Conditions = field(default_factory=Conditions)
    projection: Projection = field(default_factory=Projection)
    query: Query = field(default_factory=Query)
    # Filled in as soon as it is known: a refusal is about somebody, too.
    subject: Subject = field(default_factory=Subject)


@dataclass(frozen=True)
class Outcome:
    """What is answered, and what the sync activity tells of it. A refusal is raised instead."""

    status: int
    document: dict[str, Any] | None = None
    version: str = ""
    location: str = ""
    changes: dict[str, list[Any]] = field(default_factory=dict)
    ignored: list[str] = field(default_factory=list)
    # The one wish of a request that was done which was not granted.
    kept_out: KeptOut | None = None


# While it is open, so is the transaction of what it has done: what belongs to the change is written inside, and what is
# raised there undoes it. What reads opens none.
Handler = Callable[[Caller, Operation], AbstractContextManager[Outcome]]
