"""django-axes counted wrong passwords until this release, and kept the bodies of the requests.

Its tables stay until the next release, because processes of the former one go on writing to them while a new version
is put in place. What they leave is removed here.
"""

from django.db import connection

TABLES = ("axes_accessattempt", "axes_accessfailurelog", "axes_accesslog", "axes_accessattemptexpiration")


def forget() -> int:
    """Delete the rows of all these tables; a new site has none."""
    forgotten = 0
    with connection.cursor() as cursor:
        there = connection.introspection.table_names(cursor)
        # Order: the last table refers to the first.
        for table in reversed([table for table in TABLES if table in there]):
            cursor.execute(f"DELETE FROM {connection.ops.quote_name(table)}")  # noqa: S608 - names of ours
            forgotten += cursor.rowcount
    return forgotten
