"""Texts from outside, as they may be shown and written down."""


def visible(text: str) -> str:
    """What nobody would see, or what turns the line around, stands there by its number: [U+202E]."""
    return "".join(one if one.isprintable() else f"[U+{ord(one):04X}]" for one in text)
