"""Steps of the handlers of any resource: name the subject, find, lock, check, tell what came of it.

A resource says in a Steps how it does each; its handlers call them and say what is particular between them.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from django.db import models

from members.models import Organization
from members.refusals import Refusal
from members.values import MAX_TEXT
from provisioning.scim.wire.authentication import require_still_open
from provisioning.scim.wire.caller import Caller
from provisioning.scim.wire.operations import Operation, Outcome, Subject
from provisioning.scim.wire.pages import HasRow, Page, Row
from provisioning.scim.wire.refusals import ProtocolRefusal
from provisioning.scim.wire.rendering import list_response


class Written(HasRow, Protocol):
    """An adapter: a row at hand, and what a write has done to it."""

    @property
    def version(self) -> str: ...
    @property
    def changes(self) -> dict[str, list[Any]]: ...
    @property
    def ignored(self) -> list[str]: ...


Found = TypeVar("Found", bound=HasRow)
Adapter = TypeVar("Adapter", bound=Written)
Wish = TypeVar("Wish")


@dataclass(frozen=True)
class Steps(Generic[Found, Adapter]):
    # Its table, a row of it that is not read yet, how it is locked and read, and the adapter of such a row.
    model: type[models.Model]
    called: Callable[[Organization, Operation], models.Model]
    locked: Callable[[Any], Any]
    adapter: Callable[[Any], Adapter]
    # The look-up of an operation's id, within the organization.
    find: Callable[[Organization, Operation], Found | None]
    # The refusal of an id that is nobody's there.
    missing: type[ProtocolRefusal]
    # The stored values by which a call is found again.
    known: Callable[[Any], list[str]]
    # The answer to a write, without what the sync activity tells of it.
    answer: Callable[[Caller, Operation, Adapter, int], Outcome]

    def page(self, operation: Operation, page: Page[Found], shown: Callable[[Found], dict[str, Any]]) -> Outcome:
        """The answer to a search; a single find is its subject."""
        query = operation.query
        resources = [query.projection.of_resource(shown(one)) for one in page.found]
        if len(resources) == 1:
            self._is_about(operation, page.found[0].row)
        return Outcome(200, list_response(resources, page.total, query.start, page.cursors), position=page.position)

    def found(self, caller: Caller, operation: Operation) -> Found:
        """The row with that id, which becomes the subject. Raises `missing`, also for another organization's."""
        found = self.find(caller.organization, operation)
        if found is None:
            raise self._missing(operation)
        self._is_about(operation, found.row)
        return found

    @contextmanager
    def create(
        self, caller: Caller, operation: Operation, *, called: str, read: Callable[[dict[str, Any]], Wish],
        write: Callable[[Wish], Adapter],
    ) -> Iterator[Outcome]:  # fmt: skip
        """A creation; `called` is the attribute by whose value it is known until there is something."""
        name = operation.body.get(called)
        operation.subject.name = name[:MAX_TEXT].replace("\x00", "") if isinstance(name, str) else ""
        wish = read(operation.body)
        with caller.organization.locked():
            yield self._told(caller, operation, write(wish), 201)
            require_still_open(caller)

    @contextmanager
    def change(
        self, caller: Caller, operation: Operation, *, read: Callable[[dict[str, Any]], Wish],
        write: Callable[[Adapter, Wish], None], status: int = 200,
    ) -> Iterator[Outcome]:  # fmt: skip
        # Body is read before the lock, for which all other writes of the organization would wait.
        try:
            wish = read(operation.body)
        except Refusal:
            # It is about somebody, too.
            self.found(caller, operation)
            raise
        with self.held(caller, operation) as adapter:
            write(adapter, wish)
            yield self._told(caller, operation, adapter, status)

    @contextmanager
    def held(self, caller: Caller, operation: Operation) -> Iterator[Adapter]:
        """The row with that id within the token's organization, locked; the version is checked under the lock.
        Raises `missing`, also for another organization's id.
        """
        row = self.called(caller.organization, operation)
        try:
            with self.locked(row):
                adapter = self.adapter(row)
                self._is_about(operation, adapter.row)
                operation.conditions.check(lambda: adapter.version)
                yield adapter
                # With the writes, behind all that is read for them.
                require_still_open(caller)
        except self.model.DoesNotExist:  # type: ignore[attr-defined]  # every model has one
            raise self._missing(operation) from None

    def _told(self, caller: Caller, operation: Operation, adapter: Adapter, status: int) -> Outcome:
        row, outcome = adapter.row, self.answer(caller, operation, adapter, status)
        outcome.changes, outcome.ignored = adapter.changes, adapter.ignored
        # Not yet sent to the database, which may refuse it: then it is about the row as stored.
        outcome.subject = Subject(row.scim_id, row.name, [*operation.subject.known, *self.known(row)])
        return outcome

    def _is_about(self, operation: Operation, row: Row) -> None:
        subject = operation.subject
        subject.id, subject.name = row.scim_id, row.name
        subject.known += self.known(row)

    def _missing(self, operation: Operation) -> ProtocolRefusal:
        return self.missing(id=operation.id[:60])
