"""One mail for one act: each administrator gets one about all that a bulk change or an Undo does.

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
from members.mail.letters import Reader
from members.models import Outgoing

HELD_FOR = datetime.timedelta(minutes=2)
# Changes that one mail lists; the rest is a number.
MAX_LISTED = 20


class Act:
    def __init__(self) -> None:
        # Contexts of the mails held back, by page and reader.
        self._held_back: dict[tuple[str, Reader], dict[int, dict[str, Any]]] = defaultdict(dict)

    def tell(self, readers: list[Reader], context: dict[str, Any]) -> None:
        held = mail.post("notice", readers, context, due_at=timezone.now() + HELD_FOR)
        for reader, row in zip(readers, held, strict=False):
            self._held_back[context["link"], reader][row.pk] = context

    def close(self) -> None:
        for (_, reader), contexts in self._held_back.items():
            with transaction.atomic():
                self._let_go(reader, contexts)

    def _let_go(self, reader: Reader, contexts: dict[int, dict[str, Any]]) -> None:
        """Replace the waiting mails of one reader by one. Mails of undone changes have no row, sent ones stay sent."""
        held = Outgoing.objects.filter(
            pk__in=contexts, state=Outgoing.State.WAITING, due_at__gt=timezone.now(), tries=0
        )
        kept = [contexts[pk] for pk in sorted(held.select_for_update().values_list("pk", flat=True))]
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
    """Gather the mails of one act. An act within an act is part of it."""
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
