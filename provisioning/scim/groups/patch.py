"""PATCH of a Group: steps on the people whom it names, so that nobody else has to be read."""

import re
from collections.abc import Collection
from typing import Any

from provisioning.scim.groups.attributes import GROUP
from provisioning.scim.groups.dialects import SentGroup
from provisioning.scim.groups.filterable import OF_MEMBER
from provisioning.scim.groups.resource import Group
from provisioning.scim.groups.wanted import Step, Wanted
from provisioning.scim.wire import refusals
from provisioning.scim.wire.filters import to_q
from provisioning.scim.wire.patch import Patch

# [Okta], [Entra] One member by id, as often as a request has operations; other brackets go through the grammar.
_ONE = re.compile(
    r"""members\s*+\[\s*+value\s++eq\s++(?:"([^"\\]*+)"|'([^'\\]*+)'|([^\s"'\\\]()]++))\s*+\](?:\.value)?+""",
    re.IGNORECASE,
)
_BRACKETS = re.compile(r"\[(.*)\]", re.DOTALL)


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
        elif op == "remove":
            self._step(comes=False, ids=[one[1] or one[2] or one[3] or ""])
        else:
            self._put_for(op, one[1] or one[2] or one[3] or "", value)

    def _put_for(self, op: str, scim_id: str, value: Any) -> None:
        """A member that is added or replaced by its id: with a value it becomes that one, without it is it."""
        ids = self._ids(value)
        if op == "replace" and ids:
            self._step(comes=False, ids=[scim_id])
        self._step(comes=True, ids=ids or [scim_id])

    def _write_at(self, op: str, path: str, name: str, sub: str, *, is_filtered: bool, value: Any) -> None:
        if name != "members":
            self._write_whole(op, name, value)
        elif sub == "type":
            self.ignored.append(path)
        elif is_filtered:
            self._choose(op, path)
        elif sub and op == "remove" and value is None:
            # Who is in it has an id.
            raise refusals.CannotBeRemoved(path=path)
        else:
            self._write_whole(op, name, value)

    def _choose(self, op: str, path: str) -> None:
        brackets = _BRACKETS.search(path)
        if op != "remove" or brackets is None:
            raise refusals.NoTarget(path=path)
        # Brackets that cannot be used are refused before anybody waits.
        to_q(brackets[1], OF_MEMBER)
        self._step(comes=False, chosen=brackets[1])

    def _write_whole(self, op: str, name: str, value: Any) -> None:
        if op == "remove" and value == []:
            # It names nobody.
            return
        sent = self.sent({name: value})
        self.ignored += sent.ignored
        self._write(op, name, name, sent.stored.get(name))

    def _write(self, op: str, path: str, name: str, value: Any) -> None:
        if name == "members":
            self._write_members(op, value)
        elif name == "displayName":
            if op == "remove" or not value:
                raise refusals.CannotBeRemoved(path=name)
            self.wanted.name = value
        else:
            self.wanted.take_external_id(None if op == "remove" else value)

    def _write_members(self, op: str, ids: list[str] | None) -> None:
        """`remove` without a value and `replace` by nobody empty it; a list without ids says nothing."""
        if op == "add":
            self._step(comes=True, ids=ids or [])
        elif ids is None:
            self._step(comes=True, alone=True)
        elif op == "remove":
            self._step(comes=False, ids=ids)
        elif ids:
            self._step(comes=True, ids=ids, alone=True)

    def _ids(self, value: Any) -> list[str]:
        sent = self.sent({"members": value})
        self.ignored += sent.ignored
        ids: list[str] | None = sent.stored["members"]
        return ids or []

    def _step(self, *, comes: bool, ids: Collection[str] = (), chosen: str = "", alone: bool = False) -> None:
        if ids or chosen or alone:
            self.wanted.steps.append(Step(comes, ids, chosen, alone))
