"""The description of each route, for OpenAPI: what it answers, and each problem that it can answer."""

from collections.abc import Callable, Iterator
from functools import cache
from typing import Any

from drf_spectacular.utils import OpenApiExample, OpenApiParameter, OpenApiResponse, extend_schema, inline_serializer
from rest_framework import serializers

from api.wire import examples

PROBLEM = "application/problem+json"


class ProblemAnswer(serializers.Serializer[Any]):
    """Problem details (RFC 9457)."""

    type = serializers.CharField(help_text="A name of the problem: `tag:nulab.com,2026:problem/` and the code.")
    title = serializers.CharField(help_text="The phrase of the status.")
    status = serializers.IntegerField()
    detail = serializers.CharField(help_text="A sentence in the asked language: what was wrong and what to do.")
    code = serializers.CharField(help_text="The code of the refusal; it never changes.")
    request_id = serializers.CharField(
        help_text="The same as in the header X-Request-Id. Support finds the request by it."
    )
    field = serializers.CharField(required=False, help_text="The parameter or field that is meant, if it is one.")


# Problems of every route.
_ALWAYS = {
    400: "A parameter or the body is not as described.",
    404: "There is nothing here, or not for this key.",
    503: "The database is not available: Retry-After says when to repeat.",
}
# Of those that take a key.
_OF_KEYS = {
    401: "The key is missing, wrong, revoked or expired.",
    403: "The key does not have the scope.",
    429: "Too many requests: Retry-After says when to go on.",
}
# Security requirement that is met by everybody.
_NO_KEY: Any = [{}]
_OF_BODIES = {
    411: "The body came without its length.",
    413: "The body is too large.",
    415: "The body is not JSON.",
}
LANGUAGE = OpenApiParameter(
    "Accept-Language", str, OpenApiParameter.HEADER, description="The language of sentences: `en` or `ja`."
)
RETRY_AFTER = OpenApiParameter(
    "Retry-After", int, OpenApiParameter.HEADER, response=[429, 503], description="Seconds to wait."
)


def described(
    summary: str,
    answer: Any,
    *,
    takes: type[serializers.Serializer[Any]] | None = None,
    body: type[serializers.Serializer[Any]] | None = None,
    more: dict[int, str] | None = None,
    example: dict[str, Any] | None = None,
    asked: dict[str, Any] | None = None,
    needs_key: bool = True,
) -> Callable[[Any], Any]:
    """Decorates the method of a route, whose docstring is the rest of its description.

    `example` is an answer, `asked` the body that it is the answer to, `more` the problems that no other route has.
    """
    problems = _ALWAYS | (_OF_KEYS if needs_key else {}) | (_OF_BODIES if body else {}) | (more or {})
    first, *others = summary.split()
    return extend_schema(
        # In the form in which generated clients name functions.
        operation_id=first.lower() + "".join(word.capitalize() for word in others),
        summary=summary,
        parameters=[LANGUAGE, RETRY_AFTER, *([takes] if takes else [])],
        request=body,
        responses={200: answer}
        | {
            (number, PROBLEM): OpenApiResponse(ProblemAnswer, description=text)
            for number, text in sorted(problems.items())
        },
        examples=list(_examples(example, asked)),
        auth=None if needs_key else _NO_KEY,
    )


def _examples(answer: dict[str, Any] | None, asked: dict[str, Any] | None) -> Iterator[OpenApiExample]:
    if answer:
        yield OpenApiExample("Answer", answer, response_only=True, status_codes=["200"])
    if asked:
        yield OpenApiExample("Question", asked, request_only=True)
    yield OpenApiExample("Problem", examples.PROBLEM, response_only=True, media_type=PROBLEM, status_codes=["404"])


@cache
def page_of(item: type[serializers.Serializer[Any]]) -> Any:
    """The description of a page of these."""
    next_cursor = serializers.CharField(allow_null=True, help_text="For the next page; null at the end.")
    name = item.__name__.removesuffix("Answer")
    return inline_serializer(f"{name}Page", {"items": item(many=True), "next_cursor": next_cursor})
