"""A column of words that rows are found by, each as fast as by a column of its own.

PostgreSQL has a GIN index on the words; SQLite looks through the rows that other conditions leave.
"""

import hashlib
from typing import Any

from django.db import models
from django.db.models.lookups import Lookup

from members.keys import key_of

# Characters of a word: an address is the longest attribute of an identity provider. Words of a row.
MAX_WORD, MAX_WORDS = 320, 16


class WordsField(models.TextField):  # type: ignore[type-arg]
    """Words between blanks."""


@WordsField.register_lookup
class Has(Lookup):
    lookup_name = "has"

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[str | int, ...]]:
        column, values = self.process_lhs(compiler, connection)
        return f"instr(' ' || {column} || ' ', %s) > 0", (*values, f" {self.rhs} ")

    def as_postgresql(self, compiler: Any, connection: Any) -> tuple[str, tuple[str | int, ...]]:
        """The keys first, from the index on the words, as one array.

        PostgreSQL takes a word for one in 200 rows, since it knows no frequent ones, and would rather read rows by time
        until enough of them have it.
        """
        name, model = connection.ops.quote_name, self.lhs.target.model
        table, key, column = map(name, (model._meta.db_table, model._meta.pk.column, self.lhs.target.column))
        keys = f"SELECT {key} FROM {table} WHERE string_to_array({column}, ' ') @> ARRAY[%s]::text[]"  # noqa: S608
        return f"{compiler.quote_name_unless_alias(self.lhs.alias)}.{key} = ANY(ARRAY({keys}))", (str(self.rhs),)


def word(organization_id: int, text: str) -> str:
    """The word for an address or an id, in any letter case: short, and different in each organization."""
    key = f"{organization_id} {key_of(text.strip()[:MAX_WORD])}"
    return hashlib.blake2b(key.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def words(organization_id: int, texts: "list[str]") -> str:
    named = [text for text in dict.fromkeys(texts) if text and not text.isspace()]
    return " ".join(dict.fromkeys([word(organization_id, text) for text in named[:MAX_WORDS]]))
