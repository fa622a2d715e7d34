"""Changes that are tried before the lock is taken (decision 37), within the transaction of a test."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from unittest import mock

from django.db import connections, transaction

from members.models import changing


@contextmanager
def tried_first() -> Iterator[None]:
    wrapper: Any = type(connections["default"])
    together = wrapper.in_one_round_trip

    def in_a_savepoint(self: Any, *transactions: Any) -> None:
        with transaction.atomic():
            together(self, *transactions)
            with self.cursor() as cursor:
                # As the commit would.
                cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
                cursor.execute("SET CONSTRAINTS ALL DEFERRED")

    with (
        mock.patch.object(changing, "_can_try", return_value=True),
        mock.patch.object(wrapper, "in_one_round_trip", in_a_savepoint),
    ):
        yield
