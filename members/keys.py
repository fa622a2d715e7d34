"""What is compared without regard to case, is compared by its key.

SQL's LOWER folds ASCII only on SQLite and depends on the collation on PostgreSQL,
so the key is made here and stored beside the value.
"""

import unicodedata


def key_of(text: str) -> str:
    """NFKC and case folding, twice over, because folding can undo the normal form."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return unicodedata.normalize("NFKC", folded).casefold()


def domain_of(address: str) -> str:
    """The mail domain as it stands in Domain.name, or "" where there is none."""
    local, at, domain = key_of(address).rpartition("@")
    return domain if local and at else ""
