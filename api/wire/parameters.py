"""Values in a query or a body, read by a serializer, which the description of the API is made of as well."""

import datetime
import re
from functools import cache
from typing import Any

import orjson
from django.http import HttpRequest
from django.utils import timezone
from rest_framework import serializers
from rest_framework.exceptions import ErrorDetail
from rest_framework.request import Request

from api.wire import refusals
from members.refusals import Refusal

MAX_PARAMETERS = 20
MAX_KEY_SHOWN = 50
_DIGITS = re.compile("-?[0-9]+")


class Text(serializers.CharField):
    """A text that came as one: numbers are not taken for texts."""

    def to_internal_value(self, data: Any) -> str:
        if not isinstance(data, str):
            self.fail("invalid")
        found: str = super().to_internal_value(data)
        return found


class Number(serializers.IntegerField):
    """A number in a body that came as one."""

    def to_internal_value(self, data: Any) -> int:
        if isinstance(data, str):
            self.fail("invalid")
        found: int = super().to_internal_value(data)
        return found


class WrittenNumber(serializers.IntegerField):
    """A number in an address, in the digits 0 to 9 and nothing else: Python reads `1_000` and `٣`, too."""

    def to_internal_value(self, data: Any) -> int:
        if not _DIGITS.fullmatch(data):
            self.fail("invalid")
        found: int = super().to_internal_value(data)
        return found


class YesOrNo(serializers.BooleanField):
    """A `true` or `false` in a body, and nothing that could mean it."""

    def to_internal_value(self, data: Any) -> bool:
        if not isinstance(data, bool):
            self.fail("invalid", input=data)
        return bool(data)


class Moment(serializers.DateTimeField):
    """A time that says its time zone. In an address a “+” is a blank: one before the zone is taken as it was meant."""

    def to_internal_value(self, value: Any) -> Any:
        if isinstance(value, str) and value[-6:-5] == " ":
            value = f"{value[:-6]}+{value[-5:]}"
        return super().to_internal_value(value)

    def enforce_timezone(self, value: datetime.datetime) -> Any:
        if timezone.is_naive(value):
            self.fail("invalid", format="")
        return super().enforce_timezone(value)


def query_of(request: Request, kind: type[serializers.Serializer[Any]]) -> dict[str, Any]:
    """The parameters of the address. Raises what `read` does, and RepeatedParameter."""
    django_request: HttpRequest = request._request
    if django_request.META.get("QUERY_STRING", "").count("&") >= MAX_PARAMETERS:
        raise refusals.RepeatedParameter(field="&")
    sent = django_request.GET
    for name, values in sent.lists():
        if len(values) > 1:
            raise refusals.RepeatedParameter(field=name[:MAX_KEY_SHOWN])
    return read(kind, sent.dict())


def body_of(request: Request, kind: type[serializers.Serializer[Any]]) -> dict[str, Any]:
    """The JSON object that was sent. Raises MediaTypeNotTaken, InvalidJson, and what `read` does."""
    django_request: HttpRequest = request._request
    if (
        django_request.content_type or ""
    ).casefold() != "application/json" or "HTTP_CONTENT_ENCODING" in django_request.META:
        raise refusals.MediaTypeNotTaken
    try:
        sent = orjson.loads(django_request.body)
    except orjson.JSONDecodeError:
        raise refusals.InvalidJson from None
    if not isinstance(sent, dict):
        raise refusals.InvalidJson
    return read(kind, sent)


def read(kind: type[serializers.Serializer[Any]], sent: dict[str, Any]) -> dict[str, Any]:
    """The values, each of its type. Raises UnknownParameter and the refusals of single values."""
    reader = _reader(kind)  # type: ignore[arg-type]  # a class is hashable
    for name in sent:
        if name not in reader.fields:
            known = ", ".join(reader.fields) or "—"
            raise refusals.UnknownParameter(field=name[:MAX_KEY_SHOWN], known=known)
    try:
        found: dict[str, Any] = reader.run_validation(sent)
    except serializers.ValidationError as error:
        name, errors = next(iter(error.detail.items()))
        raise _refusal(name, reader.fields[name], errors) from None
    return found


@cache
def _reader(kind: type[serializers.Serializer[Any]]) -> serializers.Serializer[Any]:
    """A serializer without data, which reads any: each that is made copies all of its fields."""
    return kind()


def _refusal(name: str, field: Any, errors: Any) -> Refusal:
    """The refusal for the first thing that is wrong with a value."""
    first = errors[0] if isinstance(errors, list) and errors else None
    code = first.code if isinstance(first, ErrorDetail) else "invalid"
    if code in ("required", "null", "blank"):
        return refusals.MissingValue(field=name)
    if code == "max_length":
        return refusals.ValueTooLong(field=name, most=field.max_length)
    if isinstance(field, serializers.ChoiceField):
        return refusals.NotOneOf(field=name, choices=", ".join(map(str, field.choices)))
    if isinstance(field, serializers.IntegerField):
        return refusals.NotInRange(field=name, least=field.min_value or 0, most=field.max_value or 0)
    if isinstance(field, serializers.DateTimeField):
        return refusals.NotATime(field=name)
    return refusals.UnreadableValue(field=name)
