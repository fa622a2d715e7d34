"""Where the pages of a list have got to, so that the next one begins at a key instead of counting to its startIndex."""

import datetime
import hashlib
from dataclasses import dataclass
from typing import Any

from django.db import connection, models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from members.pruning import delete_in_steps
from operations.flushing import SOON
from provisioning.models.token import ScimToken

# Longest pause between two pages of one walk. Afterwards a startIndex is counted again.
PAUSE = datetime.timedelta(minutes=15)


@dataclass(frozen=True, slots=True)
class Position:
    """Where a page has ended: the startIndex of the next one, and the key that its rows are behind."""

    filter: str
    start: int
    behind: int
    total: int
    at: datetime.datetime

    @property
    def is_fresh(self) -> bool:
        return timezone.now() - self.at <= PAUSE


class ScimWalk(models.Model):
    """The positions of a token in its lists. They are hints: without one a page is found by counting."""

    # Without a constraint of the database: a walk without its token is found by nobody, and is pruned.
    token = models.ForeignKey(ScimToken, models.CASCADE, db_constraint=False, db_index=False, related_name="walks")
    # Hash of the filter's text.
    filter = models.CharField(max_length=32)
    start = models.BigIntegerField()
    behind = models.BigIntegerField()
    # Number of rows that the page told of, because nobody counts a filter again at each page.
    total = models.PositiveIntegerField()
    at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["token", "filter", "start"], name="scim_walk")]
        verbose_name = _("position in a list")
        verbose_name_plural = _("positions in lists")

    def __str__(self) -> str:
        return str(self.start)

    @staticmethod
    def prune() -> int:
        return delete_in_steps(ScimWalk.objects.filter(at__lt=timezone.now() - PAUSE))


COLUMNS = ["filter", "start", "behind", "total", "at"]


def hash_of_filter(text: str) -> str:
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def keeping() -> str:
    """The statement that keeps a position; takes the values of `kept`. Its commit does not wait for the disk."""
    is_postgresql = connection.vendor == "postgresql"
    table = connection.ops.quote_name(ScimWalk._meta.db_table)
    changes = ", ".join(f"{name} = EXCLUDED.{name}" for name in COLUMNS[2:])
    marks = ", ".join(["%s"] * (1 + len(COLUMNS)))
    sql = (
        f"INSERT INTO {table} (token_id, {', '.join(COLUMNS)}) SELECT {marks} {{}}"
        f" ON CONFLICT (token_id, filter, start) DO UPDATE SET {changes}"
    )
    return sql.format(f"FROM {SOON}" if is_postgresql else "WHERE true")


def kept(token_id: int, position: Position) -> list[Any]:
    values: list[Any] = [getattr(position, name) for name in COLUMNS[:-1]]
    return [token_id, *values, connection.ops.adapt_datetimefield_value(position.at)]
