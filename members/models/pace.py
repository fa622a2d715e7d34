"""How far callers are ahead of their limits: a row for each, whatever door it comes through."""

from typing import Any

from django.db import connection, models
from django.db.models import F, OuterRef, QuerySet
from django.utils.translation import gettext_lazy as _

from members.pruning import delete_in_steps
from members.statements import table_of
from operations.pace import Clock, Limit, clock, counting, counting_many

A_DAY = 24 * 3600
COLUMNS = ("door", "holder")


class Pace(models.Model):
    """Without a row a caller has all of its limit. PostgreSQL keeps the table unlogged: after a crash it is empty."""

    # The name of a limit, and the key of who has it: an organization, a key of an app.
    door = models.CharField(max_length=8)
    holder = models.BigIntegerField()
    until = models.FloatField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=COLUMNS, name="pace_of_caller")]
        verbose_name = _("pace of requests")
        verbose_name_plural = _("paces of requests")

    def __str__(self) -> str:
        return f"{self.door} {self.holder}"

    @staticmethod
    def ahead(door: str, holder: str) -> "QuerySet[Any, Any]":
        """The seconds that the caller of an outer statement is ahead; `holder` names the column with its key."""
        return Pace.objects.filter(door=door, holder=OuterRef(holder)).values_list(F("until") - Clock())

    @staticmethod
    def count(door: str, limit: Limit, holder: int) -> tuple[str, list[Any]]:
        """The statement that counts one request, and its values; to be sent with others."""
        cost = limit.cost()
        return counting(table_of(Pace), COLUMNS, connection.vendor), [door, holder, cost, cost]

    @staticmethod
    def count_many(door: str, limit: Limit, holders: str, rows: str, *, after: str) -> tuple[str, list[Any]]:
        """The statement that counts a request for each of these rows of PostgreSQL, whose column `holders` has the
        keys, and its values. Counted when the part `after` of the same statement is done.
        """
        requests = (
            f"SELECT %s AS door, {holders} AS holder, count(*) AS number FROM {rows} "  # noqa: S608  names of our own
            f"WHERE (SELECT count(*) FROM {after}) > 0 GROUP BY holder ORDER BY holder"
        )
        return counting_many(table_of(Pace), COLUMNS, requests), [limit.cost(), door]

    @staticmethod
    def take(door: str, limit: Limit, holder: int, requests: int = 1) -> int:
        """Count these requests if the caller may send them now: one statement. Else the whole seconds to wait; 0 is
        taken.
        """
        if not limit.is_set:
            return 0
        cost, is_free = limit.cost(requests), f"WHERE {table_of(Pace)}.until <= {clock(connection.vendor)} + %s"
        sql = counting(table_of(Pace), COLUMNS, connection.vendor, condition=is_free)
        with connection.cursor() as cursor:
            cursor.execute(sql, [door, holder, cost, cost, limit.ahead])
            if cursor.fetchall():
                return 0
        ahead = Pace.objects.filter(door=door, holder=holder).values_list(F("until") - Clock(), flat=True).first()
        return max(1, limit.wait(ahead))

    @staticmethod
    def prune() -> int:
        """Delete what says nothing any longer."""
        return delete_in_steps(Pace.objects.annotate(now=Clock()).filter(until__lt=F("now") - A_DAY))
