"""Requests of an identity provider in any order, each of which the server and the model answer alike."""

import json
from collections.abc import Callable
from typing import Any

from django.db import transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule
from scim2_models import ScimFilter, SearchRequest

from tests.scim import Answer, Body, Idp, is_scim_error, patch_body
from tests.scim.model import GROUP, Change, Directory, Refused
from tests.scim.wording import (
    DIALECTS,
    FILTERS,
    ORDERS,
    PARTS,
    SORTS,
    WHOLE,
    operations,
    resource,
)

BULK = "urn:ietf:params:scim:api:messages:2.0:BulkRequest"
WHO = st.integers(0, 3)


class EitherWay(Idp):
    """Sends a write by itself or, while `in_bulk`, as the one operation of a bulk request (RFC 7644 §3.7)."""

    in_bulk = False

    def call(self, method: str, path: str, body: Any = None, **more: Any) -> Answer:
        version = (more.get("headers") or {}).get("If-Match", "")
        is_plain = not more.get("headers") or version.startswith("W/")
        if not (self.in_bulk and is_plain and method in ("POST", "PUT", "PATCH", "DELETE")) or "/." in path:
            return super().call(method, path, body, **more)
        operation = {"method": method, "path": path, "bulkId": "one", "version": version or None, "data": body}
        said = {name: value for name, value in operation.items() if value is not None}
        answer = super().call("POST", "/Bulk", {"schemas": [BULK], "Operations": [said]})
        assert answer.status == 200, answer
        (one,) = answer["Operations"]
        status = int(one["status"])
        if status >= 300:
            return Answer(status, json.dumps(one["response"]).encode(), answer.headers)
        if method == "DELETE":
            return Answer(status, b"", answer.headers)
        read = super().call("GET", one["location"].partition(self.base)[2])
        assert read.etag == one["version"]
        return Answer(status, read.content, read.headers)


class UserSequence(RuleBasedStateMachine):
    """Requests about users in any order; after each the server and the model say the same."""

    idp: EitherWay
    # The resources as a client builds them from /Schemas.
    user_model: Any
    group_model: Any

    def __init__(self) -> None:
        super().__init__()
        self.undone = transaction.atomic()
        self.undone.__enter__()
        self.directory = Directory()
        self.idp.in_bulk = False
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

    @rule(in_bulk=st.booleans())
    def send(self, in_bulk: bool) -> None:
        self.idp.in_bulk = in_bulk

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
        self.is_walked("/Users", "", size, self.everybody())

    @rule(sort_by=SORTS, order=ORDERS, size=st.integers(1, 4))
    def walk_sorted(self, sort_by: str, order: str, size: int) -> None:
        """All pages together are everybody, in the order that scim2-models gives."""
        wanted = in_order(self.everybody(), self.user_model, sort_by, order)
        self.is_walked("/Users", f"&sortBy={sort_by}&sortOrder={order}", size, wanted)

    def is_walked(self, path: str, asked: str, size: int, wanted: list[Body]) -> None:
        """The pages, by position and by cursor forwards and back, are these."""
        listed: list[Body] = []
        for start in range(1, len(wanted) + 1, size):
            page = self.idp.get(f"{path}?startIndex={start}&count={size}{asked}")
            assert (page["startIndex"], page["itemsPerPage"]) == (start, len(page["Resources"]))
            listed += page["Resources"]
        assert listed == wanted, asked
        page, pages = self.idp.get(f"{path}?cursor=&count={size}{asked}"), []
        for _ in range(1 + len(wanted) // size):
            pages.append(page["Resources"])
            if not (cursor := page.body.get("nextCursor", "")):
                break
            page = self.idp.get(f"{path}?cursor={cursor}&count={size}{asked}")
        assert ([one for found in pages for one in found], page.body.get("nextCursor")) == (wanted, None), asked
        for found in reversed(pages[:-1]):
            page = self.idp.get(f"{path}?cursor={page['previousCursor']}&count={size}{asked}")
            assert page["Resources"] == found, asked
        assert "previousCursor" not in page.body

    @rule(text=FILTERS)
    def find(self, text: str) -> None:
        """A filter picks whom scim2-models' own evaluator picks."""
        picked = [one for one in self.everybody() if ScimFilter[self.user_model](text).match(self.user_model(**one))]  # type: ignore[name-defined]
        found = self.idp.search(filter=text)
        assert found.status == 200, (text, found)
        assert (found["Resources"], found["totalResults"]) == (picked, len(picked)), text

    def everybody(self) -> list[Body]:
        return [*self.founders, *(self.last[scim_id].body for scim_id in self.directory.people)]


def in_order(resources: list[Body], model: Any, sort_by: str, order: str) -> list[Body]:
    """The resources in the order that scim2-models gives; equals stay in the order of coming."""
    by_id = {one["id"]: one for one in resources}
    asked: Any = SearchRequest
    there = asked(sort_by=sort_by, sort_order=order).sort([model.model_validate(one) for one in resources])
    return [by_id[one.id] for one in there]


def seen(body: Body) -> Body:
    """The resource but for id and meta; its groups and members in no order."""
    kept = {key: value for key, value in body.items() if key not in ("id", "meta")}
    if "groups" in kept:
        kept["groups"] = {(one["value"], one["display"]) for one in kept["groups"]}
    if kept["schemas"] == [GROUP]:
        kept["members"] = {one["value"] for one in kept.get("members", [])}
    return kept
