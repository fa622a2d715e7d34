"""Requests of an identity provider in any order, each of which the server and the model answer alike."""

from collections.abc import Callable
from typing import Any

from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule
from scim2_models import ScimFilter

from tests.scim import Answer, Body, Idp, is_scim_error, patch_body
from tests.scim.model import GROUP, Change, Directory, Refused
from tests.scim.wording import (
    DIALECTS,
    EXTERNAL_IDS,
    FILTERS,
    GROUP_FILTERS,
    GROUP_NAMES,
    MOVE,
    MOVES,
    PARTS,
    WHOLE,
    operations,
    resource,
)

WHO = st.integers(0, 3)


class UserSequence(RuleBasedStateMachine):
    """Requests about users in any order; after each the server and the model say the same."""

    idp: Idp
    # The resources as a client builds them from /Schemas.
    user_model: Any
    group_model: Any

    def __init__(self) -> None:
        super().__init__()
        self.undone = transaction.atomic()
        self.undone.__enter__()
        self.directory = Directory()
        self.last: dict[str, Answer] = {}
        # Who was there before: listed first, never written.
        self.founders = self.idp.get()["Resources"]

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.undone.__exit__(None, None, None)

    def one(self, who: int) -> str:
        """The id of one of those who are there."""
        ids = list(self.directory.people)
        return ids[who % len(ids)]

    # -- writes

    @initialize(first=WHOLE, second=WHOLE)
    def begin(self, first: Change, second: Change) -> None:
        self.create(first)
        self.create(second)

    @rule(change=WHOLE)
    def create(self, change: Change) -> None:
        answer = self.idp.post(resource(change))
        try:
            person = self.directory.create(change)
        except Refused as refused:
            self.is_refused(answer, refused)
        else:
            assert answer.status == 201, answer
            self.directory.people[answer["id"]] = person
            self.agrees(answer)
            assert answer["meta"]["lastModified"] == answer["meta"]["created"]

    @precondition(lambda self: self.directory.people)
    @rule(who=WHO, change=PARTS, dialect=DIALECTS)
    def patch(self, who: int, change: Change, dialect: str) -> None:
        scim_id = self.one(who)
        answer = self.idp.patch(scim_id, *operations(change, dialect))
        self.changed(scim_id, answer, lambda: self.directory.patch(scim_id, change))

    @precondition(lambda self: self.directory.people)
    @rule(who=WHO, changes=st.lists(PARTS, min_size=2, max_size=3), dialect=DIALECTS)
    def patch_the_same_again(self, who: int, changes: list[Change], dialect: str) -> None:
        for change in (*changes, changes[-1]):
            self.patch(who, change, dialect)

    @precondition(lambda self: self.directory.people)
    @rule(who=WHO, change=WHOLE, tag=st.sampled_from(["", "If-Match known", "If-Match *"]))
    def put(self, who: int, change: Change, tag: str) -> None:
        scim_id = self.one(who)
        answer = self.idp.put(scim_id, resource(change), headers=self.condition(scim_id, tag))
        self.changed(scim_id, answer, lambda: self.directory.replace(scim_id, change))

    @precondition(lambda self: self.directory.people)
    @rule(who=WHO, change=WHOLE, tag=st.sampled_from(['If-Match W/"old"', "If-None-Match known", "If-None-Match *"]))
    def refuse_for_the_version(self, who: int, change: Change, tag: str) -> None:
        scim_id = self.one(who)
        condition = self.condition(scim_id, tag)
        for answer in (
            self.idp.put(scim_id, resource(change), headers=condition),
            self.idp.call("PATCH", f"/Users/{scim_id}", patch_body(*operations(change, "path")), headers=condition),
            self.idp.delete(scim_id, headers=condition),
        ):
            assert is_scim_error(answer, 412), answer
        assert self.idp.read(scim_id).body == self.last[scim_id].body

    @precondition(lambda self: self.directory.people)
    @rule(who=WHO)
    def send_back_what_was_read(self, who: int) -> None:
        scim_id = self.one(who)
        answer = self.idp.put(scim_id, self.last[scim_id].body)
        assert (answer.status, answer.body) == (200, self.last[scim_id].body)
        self.directory.people[scim_id].have_sent_what_is_answered()

    @precondition(lambda self: self.directory.people)
    @rule(who=WHO)
    def delete(self, who: int) -> None:
        scim_id = self.one(who)
        assert self.idp.delete(scim_id).status == 204
        self.directory.delete(scim_id)
        for answer in (self.idp.delete(scim_id), self.idp.read(scim_id), self.idp.patch(scim_id)):
            assert is_scim_error(answer, 404)

    def condition(self, scim_id: str, tag: str) -> dict[str, str]:
        name, _, value = tag.partition(" ")
        return {name: value.replace("known", self.last[scim_id].etag)} if tag else {}

    def changed(self, scim_id: str, answer: Answer, change: Callable[[], Any]) -> None:
        try:
            change()
        except Refused as refused:
            self.is_refused(answer, refused)
            assert self.idp.read(scim_id).body == self.last[scim_id].body
        else:
            assert answer.status == 200, answer
            self.agrees(answer)

    def is_refused(self, answer: Answer, refused: Refused) -> None:
        assert answer.status in refused.statuses, (answer, refused)
        assert is_scim_error(answer, answer.status)

    def agrees(self, answer: Answer) -> None:
        """The answer is the model's, is what is read, and its version is another one if and only if it is."""
        scim_id, before = answer["id"], self.last.get(answer["id"])
        assert seen(answer.body) == self.directory.answer(scim_id)
        assert self.idp.read(scim_id).body == answer.body
        if before:
            is_same = seen(before.body) == seen(answer.body)
            assert (before.etag == answer.etag) is is_same
            assert (before["meta"]["lastModified"] == answer["meta"]["lastModified"]) is is_same
        self.last[scim_id] = answer

    # -- reads

    @precondition(lambda self: self.directory.people)
    @rule(who=WHO)
    def read(self, who: int) -> None:
        scim_id = self.one(who)
        condition = self.condition(scim_id, "If-None-Match known")
        assert self.idp.get(f"/Users/{scim_id}", headers=condition).status == 304
        assert self.idp.get(f"/Users/{scim_id}?attributes=userName").body.keys() == {"schemas", "id", "userName"}

    @rule(size=st.integers(1, 4))
    def walk(self, size: int) -> None:
        """All pages together are everybody, oldest first."""
        everybody, listed = self.everybody(), []
        for start in range(1, len(everybody) + 1, size):
            page = self.idp.get(f"/Users?startIndex={start}&count={size}")
            assert (page["startIndex"], page["itemsPerPage"]) == (start, len(page["Resources"]))
            listed += page["Resources"]
        assert listed == everybody

    @rule(text=FILTERS)
    def find(self, text: str) -> None:
        """A filter picks whom scim2-models' own evaluator picks."""
        picked = [one for one in self.everybody() if ScimFilter[self.user_model](text).match(self.user_model(**one))]  # type: ignore[name-defined]
        found = self.idp.search(filter=text)
        assert found.status == 200, (text, found)
        assert (found["Resources"], found["totalResults"]) == (picked, len(picked)), text

    def everybody(self) -> list[Body]:
        return [*self.founders, *(self.last[scim_id].body for scim_id in self.directory.people)]


def seen(body: Body) -> Body:
    """The resource but for id and meta; its groups and members in no order."""
    kept = {key: value for key, value in body.items() if key not in ("id", "meta")}
    if "groups" in kept:
        kept["groups"] = {(one["value"], one["display"]) for one in kept["groups"]}
    if kept["schemas"] == [GROUP]:
        kept["members"] = {one["value"] for one in kept.get("members", [])}
    return kept


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

    @rule(text=GROUP_FILTERS, size=st.integers(1, 3))
    def find_groups(self, text: str, size: int) -> None:
        groups = [self.idp.get(f"/Groups/{scim_id}").body for scim_id in self.directory.groups]
        assert [seen(one) for one in groups] == [one.answer() for one in self.directory.groups.values()]
        pages = [self.idp.get(f"/Groups?startIndex={start}&count={size}") for start in range(1, len(groups) + 1, size)]
        assert [one for page in pages for one in page["Resources"]] == groups
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
