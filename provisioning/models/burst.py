"""Requests beyond the limit: the first of a burst is a line of the sync activity, the others are counted in it."""

from django.db import connection, models, transaction
from django.utils.translation import gettext_lazy as _

from members.models import Organization
from members.statements import table_of
from operations.flushing import SOON
from operations.pace import clock
from provisioning.models.activity import SyncActivity

# Seconds without a refused request, after which the next one begins another burst.
PAUSE = 60


class RefusedBurst(models.Model):
    # Without a constraint in the database: a former release that deletes an organization knows nothing of this table.
    organization = models.OneToOneField(
        Organization, models.CASCADE, primary_key=True, db_constraint=False, related_name="refused_burst"
    )
    # Key of its line, and the time of its last request, in seconds since 1970.
    line = models.BigIntegerField(default=0)
    last = models.FloatField()

    class Meta:
        verbose_name = _("requests beyond the limit")
        verbose_name_plural = _("requests beyond the limit")

    def __str__(self) -> str:
        return str(self.line)

    @staticmethod
    def log(line: SyncActivity) -> None:
        """Begin a burst with this line, unless another process has begun it in this moment."""
        if not _begin(line):
            RefusedBurst.count(line.organization_id)

    @staticmethod
    def count(organization_id: int) -> bool:
        """Count one more refused request in the line of its burst; False if none is on."""
        return _count(organization_id)


def _count(organization_id: int) -> bool:
    """Count one more, in one statement on PostgreSQL, without waiting for the disk; whether a burst is on."""
    burst, line, now = table_of(RefusedBurst), table_of(SyncActivity), clock(connection.vendor)
    going_on = (
        f"UPDATE {burst} SET last = {now} WHERE organization_id = %s AND last > {now} - {PAUSE} "  # noqa: S608
        "RETURNING line"
    )
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(
                f"WITH soon AS (SELECT {SOON}), burst AS ({going_on}) "  # noqa: S608
                f"UPDATE {line} SET figures = jsonb_set(figures, '{{requests}}', "
                "to_jsonb((figures->>'requests')::int + 1)) FROM burst, soon WHERE id = burst.line RETURNING 1",
                [organization_id],
            )
            return bool(cursor.fetchall())
        with transaction.atomic():
            cursor.execute(going_on, [organization_id])
            found = cursor.fetchall()
            if found:
                more = "json_set(figures, '$.requests', json_extract(figures, '$.requests') + 1)"
                cursor.execute(f"UPDATE {line} SET figures = {more} WHERE id = %s", found[0])  # noqa: S608
            return bool(found)


def _begin(line: SyncActivity) -> bool:
    """Write the line of a new burst, unless somebody else has begun it."""
    burst, now = table_of(RefusedBurst), clock(connection.vendor)
    beginning = (
        f"INSERT INTO {burst} (organization_id, line, last) SELECT %s, 0, {now} WHERE true "
        f"ON CONFLICT (organization_id) DO UPDATE SET last = {now} WHERE {burst}.last <= {now} - {PAUSE} RETURNING 1"
    )
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute(beginning, [line.organization_id])
            if not cursor.fetchall():
                return False
        line.figures = line.figures | {"requests": 1}
        line.save(force_insert=True)
        RefusedBurst.objects.filter(pk=line.organization_id).update(line=line.pk)
    return True
