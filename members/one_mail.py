"""One mail for one act: what a bulk change or an Undo does to many people is told to each administrator once.

Each change is a transaction of its own, and its mails are written in it, to go out a little later. At the end one mail
takes the place of several. Should the process die before, the single ones go out: nothing is lost.
"""

import datetime
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any

from django.db import transaction
from django.utils import timezone

from members import mail
from members.letters import Reader
from members.models import Outgoing

HELD_FOR = datetime.timedelta(minutes=2)
# So many are listed; the rest is a number.
MAX_LISTED = 20


class Act:
    def __init__(self) -> None:
        # What each reader has been told that one page shows, by the mail that is held back.
        self._told: dict[tuple[str, Reader], dict[int, dict[str, Any]]] = defaultdict(dict)

    def tell(self, readers: list[Reader], context: dict[str, Any]) -> None:
        held = mail.post("notice", readers, context, due_at=timezone.now() + HELD_FOR)
        for reader, row in zip(readers, held, strict=False):
            self._told[context["link"], reader][row.pk] = context

    def close(self) -> None:
        for (_, reader), told in self._told.items():
            with transaction.atomic():
                self._let_go(reader, told)

    def _let_go(self, reader: Reader, told: dict[int, dict[str, Any]]) -> None:
        """Of what was undone together with a refused change there is no row; what has gone out stays as it is."""
        held = Outgoing.objects.filter(pk__in=told, state=Outgoing.State.WAITING, due_at__gt=timezone.now(), tries=0)
        kept = [told[pk] for pk in sorted(held.select_for_update().values_list("pk", flat=True))]
        held.delete()
        if len(kept) == 1:
            mail.post("notice", [reader], kept[0])
        elif kept:
            rows = [context["row"] for context in kept]
            listed = {"rows": rows[:MAX_LISTED], "count": len(rows), "more": len(rows) - MAX_LISTED}
            mail.post("notices", [reader], kept[0] | listed)


_current: ContextVar[Act | None] = ContextVar("act", default=None)


def current() -> Act | None:
    return _current.get()


@contextmanager
def of_one_act() -> Iterator[None]:
    """An act within an act is part of it."""
    if _current.get():
        yield
        return
    act = Act()
    token = _current.set(act)
    try:
        yield
    finally:
        _current.reset(token)
        act.close()
