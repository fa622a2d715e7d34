"""Texts from outside, as they may be shown and written down."""


def spelled_out(text: str) -> str:
    """The text with characters that do not show, or that turn the line around, as code points: [U+202E]."""
    return "".join(one if one.isprintable() else f"[U+{ord(one):04X}]" for one in text)
