"""The limit of nesting in JSON, also of JSON inside a text: functions that walk through it are recursive."""

from typing import Any

MAX_DEPTH = 64
_NESTS = (dict, list)


def is_too_deep(value: Any) -> bool:
    level = [value] if isinstance(value, _NESTS) else []
    for _level in range(MAX_DEPTH):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, _NESTS)
        ]
        if not level:
            return False
    return True
