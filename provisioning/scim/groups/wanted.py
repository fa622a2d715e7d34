"""The wish of a request: the names and ids that it sends, and its steps on the members, in their order."""

from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from members.keys import plain


class Named(NamedTuple):
    """A member as it was named: its id, and the client's words for it, or ""."""

    id: str
    words: str = ""


@dataclass(frozen=True)
class Step:
    """A step on the members: these ids, or those that the brackets of a path choose, come or go."""

    comes: bool
    ids: Collection[str] = ()
    chosen: str = ""
    # Everybody goes before.
    alone: bool = False


@dataclass
class Wanted:
    """None means: leave it as it is. `ignored` names what could not be used or is not stored."""

    name: str | None = None
    external_id: str | None = None
    forget_external_id: bool = False
    steps: list[Step] = field(default_factory=list)
    # Words for members, by their ids.
    displays: dict[str, str] = field(default_factory=dict)
    ignored: list[str] = field(default_factory=list)

    def step(self, *, comes: bool, members: Sequence[Named] = (), chosen: str = "", alone: bool = False) -> None:
        """Add a step on these members; one on nobody is none."""
        if members or chosen or alone:
            self.steps.append(Step(comes, [member.id for member in members], chosen, alone))
            self.displays |= {member.id: member.words for member in members if member.words}

    def take_external_id(self, value: str | None) -> None:
        self.external_id, self.forget_external_id = value, value is None

    def name_what_was_tidied(self) -> None:
        """Name as ignored the texts that are stored otherwise than sent: line breaks, invisible characters."""
        for path, sent in (("displayName", self.name), ("externalId", self.external_id)):
            if sent and plain(sent) != sent.strip():
                self.ignored.append(f"{path}: {sent[:60].encode('unicode_escape').decode('ascii')}")


@dataclass
class Settled:
    """The outcome of all steps: who is to be in it and who is not, by id; of the others, whether they stay."""

    named: dict[str, bool] = field(default_factory=dict)
    others_stay: bool = True

    @staticmethod
    def of(steps: Iterable[Step], choose: Callable[[str, Collection[str] | None], Iterable[str]]) -> "Settled":
        """`choose` gives the ids that a filter chooses, of those given or of those who are in it."""
        settled = Settled()
        for step in steps:
            if step.alone:
                settled.named, settled.others_stay = {}, False
            ids = step.ids
            if step.chosen:
                coming = [one for one, comes in settled.named.items() if comes]
                there = choose(step.chosen, None) if settled.others_stay else ()
                ids = [*choose(step.chosen, coming), *(one for one in there if one not in settled.named)]
            settled.named |= dict.fromkeys(ids, step.comes)
        return settled
