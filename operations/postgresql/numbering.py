"""Placeholders of long statements."""

from functools import lru_cache


@lru_cache(1000)
def numbered(sql: str) -> str:
    """The statement with $1, $2… for each %s, which psycopg would look for in a long one every time."""
    first, *rest = sql.split("%s")
    return "".join([first, *(f"${number}{part}" for number, part in enumerate(rest, 1))]).replace("%%", "%")
