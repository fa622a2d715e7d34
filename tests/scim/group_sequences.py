"""The same requests with groups among them."""

from typing import Any

from hypothesis import strategies as st
from hypothesis.stateful import precondition, rule
from scim2_models import ScimFilter

from tests.scim import Answer, Body, is_scim_error, patch_body
from tests.scim.model import GROUP, Refused
from tests.scim.sequences import WHO, UserSequence, in_order, seen
from tests.scim.wording import EXTERNAL_IDS, GROUP_FILTERS, GROUP_NAMES, GROUP_SORTS, MOVE, MOVES, ORDERS

SOME = st.lists(WHO, max_size=3)


class Sequence(UserSequence):
    """The same with groups."""

    def a_group(self, which: int) -> str:
        ids = list(self.directory.groups)
        return ids[which % len(ids)]

    def some(self, whom: list[int]) -> list[str]:
        return list(dict.fromkeys(self.one(who) for who in whom)) if self.directory.people else []

    @rule(name=GROUP_NAMES, external_id=st.one_of(st.none(), EXTERNAL_IDS), whom=SOME)
    def create_group(self, name: str, external_id: str | None, whom: list[int]) -> None:
        ids = self.some(whom)
        answer = self.idp.post(self.group_body(name, external_id, ids), "/Groups")
        try:
            group = self.directory.group(name)
        except Refused as refused:
            self.is_refused(answer, refused)
            return
        assert answer.status == 201, answer
        group.external_id, group.members = external_id, set(ids)
        self.directory.groups[answer["id"]] = group
        self.group_agrees(answer, ids)

    @precondition(lambda self: self.directory.groups)
    @rule(which=WHO, name=st.one_of(st.none(), GROUP_NAMES), moves=st.lists(st.tuples(MOVE, SOME), max_size=3))
    def patch_group(self, which: int, name: str | None, moves: list[tuple[tuple[str, str], list[int]]]) -> None:
        """Its name and its people in one request; whoever is not named stays as they are."""
        scim_id = self.a_group(which)
        former, written = self.directory.groups[scim_id], self.directory.groups[scim_id].members
        sent: list[Body] = [{"op": "replace", "value": {"id": scim_id, "displayName": name}}] if name else []
        for (move, spelling), whom in moves:
            ids = self.some(whom)
            sent += MOVES[move][spelling](ids)
            written = {"come": written | {*ids}, "go": written - {*ids}, "exactly": {*ids}}[move]
        answer = self.idp.call("PATCH", f"/Groups/{scim_id}", patch_body(*sent))
        self.group_changed(scim_id, answer, name or former.name, former.external_id, written)

    @precondition(lambda self: self.directory.groups)
    @rule(which=WHO, name=GROUP_NAMES, external_id=st.one_of(st.none(), EXTERNAL_IDS), whom=SOME)
    def put_group(self, which: int, name: str, external_id: str | None, whom: list[int]) -> None:
        scim_id, ids = self.a_group(which), self.some(whom)
        answer = self.idp.call("PUT", f"/Groups/{scim_id}", self.group_body(name, external_id, ids))
        kept = external_id or self.directory.groups[scim_id].external_id
        self.group_changed(scim_id, answer, name, kept, set(ids))

    @precondition(lambda self: self.directory.groups)
    @rule(which=WHO)
    def delete_group(self, which: int) -> None:
        scim_id = self.a_group(which)
        assert self.idp.call("DELETE", f"/Groups/{scim_id}").status == 204
        self.look_again(self.directory.groups.pop(scim_id).members)
        for method in ("GET", "DELETE"):
            assert is_scim_error(self.idp.call(method, f"/Groups/{scim_id}"), 404)

    @rule(size=st.integers(1, 3))
    def walk_groups(self, size: int) -> None:
        self.is_walked("/Groups", "", size, self.all_groups())

    @rule(sort_by=GROUP_SORTS, order=ORDERS, size=st.integers(1, 3))
    def walk_groups_sorted(self, sort_by: str, order: str, size: int) -> None:
        wanted = in_order(self.all_groups(), self.group_model, sort_by, order)
        self.is_walked("/Groups", f"&sortBy={sort_by}&sortOrder={order}", size, wanted)

    def all_groups(self) -> list[Body]:
        """The groups, oldest first, as they are read one by one."""
        groups = [self.idp.get(f"/Groups/{scim_id}").body for scim_id in self.directory.groups]
        assert [seen(one) for one in groups] == [one.answer() for one in self.directory.groups.values()]
        return groups

    @rule(text=GROUP_FILTERS)
    def find_groups(self, text: str) -> None:
        groups = self.all_groups()
        picked = [one for one in groups if ScimFilter[self.group_model](text).match(self.group_model(**one))]  # type: ignore[name-defined]
        found = self.idp.post({"filter": text}, "/Groups/.search")
        assert (found.body.get("Resources"), found.body.get("totalResults")) == (picked, len(picked)), (text, found)

    def group_body(self, name: str, external_id: str | None, ids: list[str]) -> Body:
        members = [{"value": one, "type": "User"} for one in ids]
        return {"schemas": [GROUP], "displayName": name, "externalId": external_id, "members": members}

    def group_changed(
        self, scim_id: str, answer: Answer, name: str, external_id: str | None, members: set[str]
    ) -> None:
        former = self.directory.groups[scim_id]
        try:
            changed = self.directory.group(name, former, scim_id)
        except Refused as refused:
            self.is_refused(answer, refused)
        else:
            assert answer.status in (200, 204), answer
            changed.external_id, changed.members = external_id, members
            self.directory.groups[scim_id] = changed
        self.group_agrees(self.idp.get(f"/Groups/{scim_id}"), former.members | members)

    def group_agrees(self, answer: Answer, whom: Any) -> None:
        """The group is the model's, so are its people, and a version is another one if and only if it has changed."""
        scim_id, before = answer["id"], self.last.get(answer["id"])
        assert seen(answer.body) == self.directory.groups[scim_id].answer()
        assert self.idp.get(f"/Groups/{scim_id}").body == answer.body
        if before and seen(before.body) != seen(answer.body):
            assert before.etag != answer.etag
        self.last[scim_id] = answer
        self.look_again(whom)

    def look_again(self, whom: Any) -> None:
        for scim_id in set(whom) & self.directory.people.keys():
            answer = self.idp.read(scim_id)
            assert seen(answer.body) == self.directory.answer(scim_id)
            self.last[scim_id] = answer
