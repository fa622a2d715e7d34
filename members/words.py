"""Labels of the audit events of all apps and of the values in them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.db.models import TextChoices

from members.openings import WORDS
from members.texts import Text


@dataclass(frozen=True)
class Words:
    """The words of one app."""

    # Events (category.action) with their labels.
    events: type[TextChoices]
    categories: Mapping[str, Text]
    fields: Mapping[str, Text]
    # Labels of values, by field.
    values: Mapping[str, Mapping[Any, Any]] = field(default_factory=dict)
    # Events that are shown as sign-ins rather than as changes, and those of them that were refused.
    sign_ins: Sequence[TextChoices] = ()
    refused_sign_ins: Sequence[TextChoices] = ()


@cache
def events() -> dict[str, TextChoices]:
    return {event.value: event for words in WORDS.ask() for event in words.events}


@cache
def categories() -> dict[str, Text]:
    return {name: title for words in WORDS.ask() for name, title in words.categories.items()}


@cache
def fields() -> dict[str, Text]:
    return {name: label for words in WORDS.ask() for name, label in words.fields.items()}


@cache
def values() -> dict[str, Mapping[Any, Any]]:
    """The labels of values, by field. An event is a value, too, where an export of the audit log was filtered by it."""
    known = {name: called for words in WORDS.ask() for name, called in words.values.items()}
    return known | {"event": {event: value.label for event, value in events().items()} | categories()}


@cache
def sign_ins() -> list[TextChoices]:
    return [event for words in WORDS.ask() for event in (*words.sign_ins, *words.refused_sign_ins)]


@cache
def refused_sign_ins() -> list[TextChoices]:
    return [event for words in WORDS.ask() for event in words.refused_sign_ins]
