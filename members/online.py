"""Migration operations for tables in use: they take no lock for which a request would have to wait.

Only in migrations with `atomic = False`.
"""

from typing import Any

from django.contrib.postgres.operations import AddIndexConcurrently, RemoveIndexConcurrently
from django.db.migrations import AddField, AddIndex, AlterField, RemoveIndex
from django.db.models import Index


class AddFieldOnline(AddField):
    """Adds a column that is nullable or has a database default. SQLite would make the table anew, and lose the columns
    that only the release before knows.
    """

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        if schema_editor.connection.vendor == "postgresql":
            super().database_forwards(app_label, schema_editor, from_state, to_state)
            return
        model = to_state.apps.get_model(app_label, self.model_name)
        field = model._meta.get_field(self.name)
        definition, parameters = schema_editor.column_sql(model, field)
        table, column = (schema_editor.quote_name(name) for name in (model._meta.db_table, field.column))
        schema_editor.execute(f"ALTER TABLE {table} ADD COLUMN {column} {definition}", parameters or None)


class AddIndexOnline(AddIndexConcurrently):
    """Adds an index concurrently on PostgreSQL; plainly on SQLite, which has one writer anyway."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        kind = AddIndexConcurrently if schema_editor.connection.vendor == "postgresql" else AddIndex
        kind.database_forwards(self, app_label, schema_editor, from_state, to_state)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        kind = AddIndexConcurrently if schema_editor.connection.vendor == "postgresql" else AddIndex
        kind.database_backwards(self, app_label, schema_editor, from_state, to_state)


class RemoveIndexOnline(RemoveIndexConcurrently):
    """Removes an index concurrently on PostgreSQL; plainly on SQLite."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        kind = RemoveIndexConcurrently if schema_editor.connection.vendor == "postgresql" else RemoveIndex
        kind.database_forwards(self, app_label, schema_editor, from_state, to_state)

    def database_backwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        kind = RemoveIndexConcurrently if schema_editor.connection.vendor == "postgresql" else RemoveIndex
        kind.database_backwards(self, app_label, schema_editor, from_state, to_state)


class UnindexFieldOnline(AlterField):
    """Takes from a field the indexes that `db_index=True` gave it: on PostgreSQL a text has two."""

    def database_forwards(self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any) -> None:
        model = from_state.apps.get_model(app_label, self.model_name)
        named = {index.name for index in model._meta.indexes}
        columns = [model._meta.get_field(self.name).column]
        concurrently = "CONCURRENTLY " if schema_editor.connection.vendor == "postgresql" else ""
        for name in schema_editor._constraint_names(model, columns, index=True, type_=Index.suffix, exclude=named):
            schema_editor.execute(f"DROP INDEX {concurrently}{schema_editor.quote_name(name)}")
