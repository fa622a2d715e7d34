"""django-axes kept the bodies of failed sign-ins: passwords stood in them."""

from django.db import migrations

BATCH = 1000
# Of the one table that has such columns.
TABLE = "axes_accessattempt"


def empty(apps, schema_editor):
    connection = schema_editor.connection
    with connection.cursor() as cursor:
        if TABLE not in connection.introspection.table_names(cursor):
            return
        cursor.execute(f"SELECT MAX(id) FROM {TABLE}")
        newest = cursor.fetchone()[0] or 0
        for first in range(0, newest + 1, BATCH):
            cursor.execute(
                f"UPDATE {TABLE} SET get_data = '', post_data = '' WHERE id >= %s AND id < %s", [first, first + BATCH]
            )


class Migration(migrations.Migration):
    # Each batch by itself: the former release's processes go on counting meanwhile.
    atomic = False

    dependencies = [("members", "0011_sign_ins")]

    operations = [migrations.RunPython(empty, migrations.RunPython.noop)]
