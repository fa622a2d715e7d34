"""Fills a migrated, empty PostgreSQL with sync activity and audit log, and prints the bytes of a row.

python -m tests.postgresql sh -c 'python manage.py migrate -v0 && python -m bench.scale 10_000_000 &&
    python -m bench.scale_pages 5 && python -m bench.scale_insert 5000'
"""

import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "nulab_org.settings")
django.setup()

from django.db import connection  # noqa: E402

from bench import scale_data  # noqa: E402

SIZES = """
SELECT r.relname, pg_relation_size(r.oid) / greatest(r.reltuples, 1), r.reltuples
FROM pg_class r LEFT JOIN pg_index i ON i.indexrelid = r.oid
WHERE coalesce(i.indrelid, r.oid) IN ('provisioning_syncactivity'::regclass, 'members_auditevent'::regclass)
ORDER BY coalesce(i.indrelid, r.oid), r.relkind DESC, r.relname
"""


def main(rows: int) -> None:
    organizations = scale_data.organizations()
    scale_data.fill(rows, organizations)
    scale_data.look_lived_in(organizations[0])
    with connection.cursor() as cursor:
        cursor.execute(SIZES)
        for name, size, entries in cursor.fetchall():
            print(f"{name:34}{size:8.0f} bytes each of {entries:,.0f}")


if __name__ == "__main__":
    main(int(sys.argv[1]))
