"""Finding by parts of words, in any order: what the search boxes of the console ask.

A row is found where each word stands in one of its texts, at whatever place: names of people are written without
blanks too. SQLite looks through the rows. PostgreSQL has an index of the three characters that stand at each place of
a word, with the organization's number before them, so that neither its size nor its neighbours' are felt; shorter words
are beginnings of these (migration 39, decision 24).

The index serves where few rows are found, or some: these are put into the order of the page in the statement that
finds them. What many rows have is met soon by reading them in order, if it is not the beginning of their names.
"""

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any

from django.db import connections, models
from django.db.models import F, Func, Q, QuerySet, Value
from django.db.models.functions import Lower, NullIf

from members.keys import key_of
from members.values import MAX_TEXT

# Rows that are found by their ids, and rows that are put into an order; one more stands for any number above.
FEW, SOME = 1000, 20_000
RUN = 3


class _Text(Func):
    output_field = models.TextField()


class _Runs(_Text):
    """The expression of an index, to the letter: literals in it are no parameters."""

    template = "members_runs(%(expressions)s)"


class _HasAll(Func):
    """Whether the left tsvector has all that the right tsquery asks for."""

    template, arg_joiner = "(%(expressions)s)", " @@ "
    output_field = models.BooleanField()


# True, and as rare as a key for the planner: so it begins with the index, and not with an order that somebody wants.
_APART = Q(pk=F("pk") + 0)
_ARRAY = "ARRAY[%(expressions)s]"
_NOTHING = _Text(template="ARRAY[]::text[]")
_MEMBER = _Runs(
    F("organization_id"),
    _Text("name_order", "user_name_key", NullIf("email_key", "user_name_key"), "unique_id_key", template=_ARRAY),
    _Text(
        _Text("external_id", template="'=' || lower(%(expressions)s)"),
        _Text("name_order", template="CASE WHEN length(%(expressions)s) = 200 THEN '>' END"),
        template=_ARRAY,
    ),
)
_TEAM = _Runs(F("organization_id"), _Text("name_key", template=_ARRAY), _NOTHING)


@dataclass(frozen=True)
class Found:
    """The hits, as a condition or as ids."""

    every: QuerySet[Any]
    # For more than FEW hits, which nobody counts. Both are read from the index first: the same, unless they are more
    # than SOME, and rows among which all hits are, whatever else is asked.
    apart: QuerySet[Any] | None = None
    near: QuerySet[Any] | None = None
    # Ids of the first hits in the order of the page, whatever else is asked; none where there are more than SOME, or no
    # order was asked for.
    first: tuple[int, ...] = ()

    @property
    def are_many(self) -> bool:
        return self.near is not None

    @property
    def rows(self) -> QuerySet[Any]:
        """The hits for somebody who reads them in an order of their own."""
        return self.every if self.apart is None else self.apart

    def behind(self, pk: int | None, most: int) -> tuple[int, ...]:
        """So many of the first hits behind the one with this id, or from the beginning; none if they are not known."""
        if pk is not None and pk not in self.first:
            return ()
        begin = self.first.index(pk) + 1 if pk is not None else 0
        known = self.first[begin : begin + most]
        return known if len(known) == most else ()

    def without(self, ids: Collection[int]) -> "Found":
        """The same where none of these is asked for."""
        if self.near is None:
            return self
        first = tuple(pk for pk in self.first if pk not in ids)
        return replace(self, near=self.near.exclude(pk__in=ids), first=first)


def members_found(organization_id: int, members: QuerySet[Any], text: str, order: str = "name_order") -> Found:
    """Those with these words in name, address or Unique ID, or whose SCIM id or externalId it is, in any case.

    `order` is that of the page, a column of the row; "" where nobody needs to know the first. Asks at once.
    """
    whole, words = text.strip(), _words(text)
    if not words:
        return Found(members)
    by_whole_name = _looked_through(text)
    if not _is_indexed(members):
        return Found(members.filter(by_whole_name))
    # The row has the beginning of the name; few are longer, and looked up apart.
    longer = Q(_HasAll(_MEMBER, _query(Value(_entry(organization_id, ">")))))
    long_ones = list(members.model.objects.filter(longer, by_whole_name).values_list("pk", flat=True)[: FEW + 1])
    if len(long_ones) > FEW:
        return Found(members.filter(by_whole_name))
    external_id = _query(Lower(Value(_entry(organization_id, f"={whole[:MAX_TEXT]}"))))
    # Each by an index alone: where one condition is not, each hit's runs are made again. Ids are of any organization.
    by_id = Q(scim_id=whole.lower())
    near = Q(_HasAll(_MEMBER, _runs(organization_id, words))) | Q(_HasAll(_MEMBER, external_id)) | by_id
    here = Q(external_id__iexact=whole) | Q(by_id, organization=organization_id)
    asked = _with_all(words, "name_order") | here
    if long_ones:
        near, asked = near | Q(pk__in=long_ones), asked | Q(pk__in=long_ones)
    return _found(members, asked, near, order)


def members_found_among(few: QuerySet[Any], text: str) -> Found:
    """The same among a few members, who are looked through."""
    return Found(few.filter(_looked_through(text)))


def teams_found(organization_id: int, teams: QuerySet[Any], text: str) -> Found:
    """Those with these words in their name."""
    words, asked = _words(text), Q()
    for word in words:
        asked &= Q(name_key__contains=word)
    if not words or not _is_indexed(teams):
        return Found(teams.filter(asked))
    return _found(teams, asked, Q(_HasAll(_TEAM, _runs(organization_id, words))), "name_key")


def _itself(whole: str) -> Q:
    return Q(external_id__iexact=whole) | Q(scim_id=whole.lower())


def _looked_through(text: str) -> Q:
    """The condition for each member's row and account, without the index."""
    words = _words(text)
    return _with_all(words, "account__name_key") | _itself(text.strip()) if words else Q()


def _is_indexed(rows: QuerySet[Any]) -> bool:
    return connections[rows.db].vendor == "postgresql"


def _with_all(words: list[str], name: str) -> Q:
    """The condition of members with all these words, wherever; `name` is the column of the name."""
    asked = Q()
    for word in words:
        columns = (name, "user_name_key", "email_key", "unique_id_key")
        asked &= Q(*((f"{column}__contains", word) for column in columns), _connector=Q.OR)
    return asked


def _found(rows: QuerySet[Any], asked: Q, near: Q, order: str) -> Found:
    """The rows that meet the condition; all of them are `near` in the index."""
    # Asked alone, so that the planner has nothing to weigh it against.
    nearby = rows.model.objects.filter(near).order_by()
    ids, count = _first(nearby.filter(asked), order) if order else _any(nearby.filter(asked))
    first = ids if order and count <= SOME else ()
    if count <= FEW:
        return Found(rows.filter(pk__in=ids), first=first)
    apart = rows.filter(near, asked, _APART) if count <= SOME else None
    return Found(rows.filter(asked), apart, nearby.filter(_APART), first)


def _first(hits: QuerySet[Any], order: str) -> tuple[tuple[int, ...], int]:
    """The ids of the first hits in this order, and how many hits there are: if more than SOME, the ids are any.

    One statement, for looking at each hit is what a search costs.
    """
    sign, column = "DESC" if order.startswith("-") else "ASC", order.removeprefix("-")
    sql, parameters = hits.values_list("pk", column)[: SOME + 1].query.sql_with_params()
    with connections[hits.db].cursor() as cursor:
        cursor.execute(
            f"WITH hits (id, place) AS MATERIALIZED ({sql}) SELECT id, (SELECT count(*) FROM hits) FROM hits "  # noqa: S608
            f"ORDER BY place {sign}, id {sign} LIMIT {FEW + 1}",
            parameters,
        )
        found = cursor.fetchall()
    return tuple(pk for pk, _count in found), found[0][1] if found else 0


def _any(hits: QuerySet[Any]) -> tuple[tuple[int, ...], int]:
    """The ids of a few hits, and how many there are. To put them into an order would cost half as much again."""
    sql, parameters = hits.values_list("pk")[: SOME + 1].query.sql_with_params()
    with connections[hits.db].cursor() as cursor:
        cursor.execute(f"SELECT (array_agg(id))[1:{FEW}], count(*) FROM ({sql}) hits (id)", parameters)  # noqa: S608
        ids, count = cursor.fetchone()
    return tuple(ids or ()), count


def _words(text: str) -> list[str]:
    return list(dict.fromkeys(key_of(text).split()))


def _runs(organization_id: int, words: list[str]) -> _Text:
    """The longest runs of the words that the index has, side by side: each is read as far as rows have it."""
    runs = dict.fromkeys(run for word in words for run in _side_by_side(word))
    asked = (_entry(organization_id, run) + (":*" if len(run) < RUN else "") for run in runs)
    return _query(Value(" & ".join(asked)))


def _side_by_side(word: str) -> list[str]:
    last = max(0, len(word) - RUN)
    return [word[at : at + RUN] for at in (*range(0, last, RUN), last)]


def _entry(organization_id: int, text: str) -> str:
    """An entry of the index, as a tsquery names it."""
    escaped = text.replace("\\", "\\\\").replace("'", "''")
    return f"'{organization_id} {escaped}'"


def _query(text: Func | Value) -> _Text:
    """A tsquery in one parameter.

    The planner does not look into it, and takes the rows that have all of it for few: of a word that most of a table
    has, it would make the runs of each row rather than ask the index.
    """
    return _Text(text, template="(SELECT CAST(%(expressions)s AS tsquery))")
