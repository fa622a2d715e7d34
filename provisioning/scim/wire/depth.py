"""How deep JSON may be nested, also what stands inside a text: whatever walks through it calls itself."""

from typing import Any

MAX_DEPTH = 64


def is_too_deep(value: Any) -> bool:
    level = [value] if isinstance(value, dict | list) else []
    for _level in range(MAX_DEPTH):
        level = [
            inner
            for outer in level
            for inner in (outer.values() if isinstance(outer, dict) else outer)
            if isinstance(inner, dict | list)
        ]
        if not level:
            return False
    return True
