"""The frame of every refusal: how the product says no.

A refusal is a code, the figures that belong to it and one sentence that says what
was wrong and what to do next. The same sentence stands in the SCIM `detail`
(English), on the page and in the sync activity (the reader's language), so it is
kept as code and figures and put into words when somebody reads it.

Here are the kinds that callers tell apart. Each refusal itself stands beside what
raises it: in the `refusals.py` of a room, or in `<story>_refusals.py` next to
`<story>.py` where every file of a folder is a story of its own.
"""

from typing import Any, ClassVar

from django.utils.formats import localize
from django.utils.translation import gettext_lazy as _

from members.texts import Text

# Labels that pages give to the fields that a refusal is about.
LABELS = {
    "userName": _("Email"),
    "name": _("Name"),
    "display_name": _("Name"),
    "formatted_name": _("Formatted name"),
    "given_name": _("Given name"),
    "family_name": _("Family name"),
    "email": _("Email"),
}


class Refusal(Exception):
    """Forbidden by a rule of the product; nothing has been written."""

    code: ClassVar[str] = "refused"
    sentence: ClassVar[Text] = _("This is not possible.")
    # The same for somebody who types the value or has it in a spreadsheet, where the sentence is an IdP's.
    by_hand: ClassVar[Text] = ""
    # The name of the page where it can be mended; takes the space key.
    mended_at: ClassVar[str] = ""

    by_code: ClassVar[dict[str, type["Refusal"]]] = {}

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if "code" in vars(cls) and cls.code in cls.by_code:
            raise TypeError(f"{cls.by_code[cls.code]} has the code {cls.code!r} already: it is kept in place of words.")
        cls.by_code[cls.code] = cls

    def __init__(self, **figures: Any) -> None:
        self.figures = {name: _plain(value) for name, value in figures.items()}
        super().__init__(self.code)

    def __str__(self) -> str:
        return self._put(self.sentence)

    @property
    def to_typist(self) -> str:
        """The sentence beside a field or a cell, with the field's label."""
        field = self.figures.get("field")
        return self._put(self.by_hand or self.sentence, **{"field": LABELS[field]} if field in LABELS else {})

    def _put(self, sentence: Text, **labels: Text) -> str:
        figures = _Figures({name: _in_words(value) for name, value in self.figures.items()} | labels)
        try:
            return str(sentence) % figures
        except (ValueError, TypeError):
            # A part of the sentence came out of a row, and has a percent sign of its own.
            return str(sentence)

    @classmethod
    def recall(cls, code: str, figures: Any) -> "Refusal | None":
        """The refusal as it was raised, from the code and figures in a row; None for a code that is unknown.

        Its sentence can be said whatever the row has: another release may have written other figures.
        """
        kind = cls.by_code.get(code)
        return kind(**figures if isinstance(figures, dict) else {}) if kind else None


class _Figures(dict[str, Any]):
    """The figures of a sentence; one that is not there is left open."""

    def __missing__(self, name: str) -> str:
        return "…"


def _plain(value: Any) -> Any:
    return value if isinstance(value, int | str | list) else str(value)


def _in_words(value: Any) -> Any:
    return ", ".join(str(part) for part in value) if isinstance(value, list) else localize(value)


class Taken(Refusal):
    """Somebody else has it: 409 on the SCIM wire."""


class InvalidValue(Refusal):
    """The value cannot be what it is meant for: 400 on the SCIM wire."""


class Protected(Refusal):
    """Somebody on whom others depend. Administrators get a mail when it refuses a call of the IdP."""


class NotEligible(Refusal):
    """The IdP may not write this account."""


class TryLater(Refusal):
    """A limit is used up. `seconds` later the same may succeed: Retry-After says so."""

    code = "try_later"
    status: ClassVar[int] = 429
    seconds: ClassVar[int] = 15 * 60


class InRow(Refusal):
    code = "in_row"
    sentence = _("Row %(row)s: %(reason)s")
