"""PATCH of a Group: steps on the people whom it names, so that nobody else has to be read."""

import re
from typing import Any

from provisioning.scim.groups.attributes import GROUP
from provisioning.scim.groups.dialects import SentGroup
from provisioning.scim.groups.filterable import OF_MEMBER
from provisioning.scim.groups.resource import Group
from provisioning.scim.groups.wanted import Named, Wanted
from provisioning.scim.wire import refusals
from provisioning.scim.wire.filters import to_q
from provisioning.scim.wire.patch import Patch

# [Okta], [Entra] One member by id, as often as a request has operations; other brackets go through the grammar.
_ONE = re.compile(
    r"""members\s*+\[\s*+value\s++eq\s++(?:"([^"\\]*+)"|'([^'\\]*+)'|([^\s"'\\\]()]++))\s*+\](?:\.value)?+""",
    re.IGNORECASE,
)
_BRACKETS = re.compile(r"\A[^\[]*+\[(.*)\]", re.DOTALL)


class GroupPatch(Patch):
    """The operations as a wish: `apply` of the wire would need the whole group."""

    attributes, sent, model = GROUP, SentGroup, Group

    def __init__(self, body: dict[str, Any]) -> None:
        self.wanted = Wanted()
        super().__init__(body)
        self.wanted.ignored = self.ignored + self.wanted.ignored
        self.wanted.name_what_was_tidied()

    def _at(self, op: str, path: str, value: Any) -> None:
        one = _ONE.fullmatch(path)
        if one is None:
            super()._at(op, path, value)
            return
        named = [Named((one[1] or one[2] or one[3] or "").strip())]
        if op == "remove":
            self.wanted.step(comes=False, members=named)
            return
        # With a value the member becomes that one, without it is it.
        members = self._read_sent("members", value) or []
        if op == "replace" and members:
            self.wanted.step(comes=False, members=named)
        self.wanted.step(comes=True, members=members or named)

    def _write_at(self, op: str, path: str, name: str, sub: str, *, is_filtered: bool, value: Any) -> None:
        if name != "members":
            self._write_whole(op, name, value)
        elif sub in ("type", "display"):
            self.ignored.append(path)
        elif is_filtered:
            self._choose(op, path)
        elif sub and op == "remove" and value is None:
            # An id is what makes a member one.
            raise refusals.CannotBeRemoved(path=path)
        else:
            self._write_whole(op, name, value)

    def _choose(self, op: str, path: str) -> None:
        brackets = _BRACKETS.search(path)
        if op != "remove" or brackets is None:
            raise refusals.NoTarget(path=path)
        # Brackets that cannot be used are refused before anybody waits.
        to_q(brackets[1], OF_MEMBER)
        self.wanted.step(comes=False, chosen=brackets[1])

    def _write_whole(self, op: str, name: str, value: Any) -> None:
        if op == "remove" and value == []:
            # It names nobody.
            return
        self._write(op, name, name, self._read_sent(name, value))

    def _write(self, op: str, path: str, name: str, value: Any) -> None:
        if name == "members":
            self._write_members(op, value)
        elif name == "displayName":
            if op == "remove" or not value:
                raise refusals.CannotBeRemoved(path=name)
            self.wanted.name = value
        else:
            self.wanted.take_external_id(None if op == "remove" else value)

    def _write_members(self, op: str, members: list[Named] | None) -> None:
        """`remove` without a value and `replace` by nobody empty it; a list without ids says nothing."""
        if op == "add":
            self.wanted.step(comes=True, members=members or [])
        elif members is None:
            self.wanted.step(comes=True, alone=True)
        elif op == "remove":
            self.wanted.step(comes=False, members=members)
        elif members:
            self.wanted.step(comes=True, members=members, alone=True)

    def _read_sent(self, name: str, value: Any) -> Any:
        sent = SentGroup({name: value})
        self.ignored += sent.ignored
        return sent.stored.get(name)
