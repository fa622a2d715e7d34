"""What the audit events of all apps are called, and what stands in them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from django.db.models import TextChoices
from django.utils.functional import Promise

from members.openings import WORDS

Text = str | Promise


@dataclass(frozen=True)
class Words:
    """An app's own."""

    # category.action; the label is what an administrator reads.
    events: type[TextChoices]
    categories: Mapping[str, Text]
    fields: Mapping[str, Text]
    # By field: what its values are called.
    values: Mapping[str, Mapping[Any, Any]] = field(default_factory=dict)
    # Events that are told as sign-ins rather than as changes, and those of them that were refused.
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
    """By field; an event is a value, too, where an export of the audit log was narrowed to it."""
    known = {name: called for words in WORDS.ask() for name, called in words.values.items()}
    return known | {"event": {event: told.label for event, told in events().items()} | categories()}


@cache
def sign_ins() -> list[TextChoices]:
    return [event for words in WORDS.ask() for event in (*words.sign_ins, *words.refused_sign_ins)]


@cache
def refused_sign_ins() -> list[TextChoices]:
    return [event for words in WORDS.ask() for event in words.refused_sign_ins]
