"""The members of an organization in order, a page at a time.

What a page costs must not depend on how many members there are: every order is read from an
index that the organization leads, the rows of a page are fetched by their ids, and what is
narrowed down is looked for until there are enough.
"""

from collections.abc import Iterable, Iterator
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Q, QuerySet
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from members.kept_fields import is_kept
from members.models import Account, Headcount, Member, Organization, Role, Synchronization
from members.models.standing import of_standing
from members.people.filters import MemberFilter

ROWS = 25
# Members found at most: nobody turns forty pages, a narrower search finds fewer.
MAX_FOUND = 1000
COLUMNS = [
    ("name", _("Name")), ("", _("Status")), ("", _("Account type")), ("role", _("Role")), ("", _("Licences")),
    ("sync", _("Last sync")),
]  # fmt: skip


def in_order(
    organization: Organization, members: QuerySet[Member], sort: str, *, everybody: int = 0
) -> Iterator[QuerySet[Any]]:
    """The members as parts to be read one after the other, each straight from an index.

    `everybody` is the organization's number of members, if these are all of them.
    """
    by_name = members.order_by("name_order", "pk")
    if sort.endswith("role"):
        yield from (by_name.filter(role=role) for role in (reversed(Role) if sort.startswith("-") else Role))
    elif sort.endswith("sync"):
        # Members who were never synchronized stand last in either order, on both databases.
        synchronized = Synchronization.objects.filter(organization=organization)
        in_time = synchronized.order_by(*_both("at", sort, "member"))
        yield in_time if everybody else in_time.filter(member__in=members.order_by())
        yield _never_synchronized(organization, by_name, synchronized, everybody)
    else:
        yield members.order_by(*_both("name_order", sort))


def _never_synchronized(
    organization: Organization, by_name: QuerySet[Member], synchronized: QuerySet[Synchronization], everybody: int
) -> QuerySet[Member]:
    """A few among all are mostly those whom no IdP of ours keeps; else they are the difference of two indexes."""
    never = everybody - synchronized.count() if everybody else MAX_FOUND + 1
    if never > MAX_FOUND:
        return by_name.filter(synchronization=None)
    kept = Q(account__type=Account.Type.PROVISIONED, account__managed_by=organization)
    unkept = of_standing(by_name, organization, lambda member: not is_kept(member), ~kept)
    found = list(unkept.filter(synchronization=None).order_by().values_list("pk", flat=True)[: MAX_FOUND + 1])
    if len(found) != never:
        few = by_name.order_by().values_list("pk").difference(synchronized.values_list("pk"))
        found = [pk for (pk,) in few]
    return by_name.filter(pk__in=found)


def _both(field: str, sort: str, then: str = "pk") -> list[str]:
    sign = "-" if sort.startswith("-") else ""
    return [sign + field, sign + then]


class Ids:
    """The ids of these parts as one long list, of which only the asked-for slice is read; once.

    Where the count is exact, what is nearer to the end is read from there.
    """

    def __init__(self, parts: Iterable[QuerySet[Any]], count: int, *, is_exact: bool = False) -> None:
        self.parts, self._count, self._is_exact = parts, count, is_exact

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[int]:
        return iter(self[0 : len(self)])

    def __getitem__(self, wanted: Any) -> list[int]:
        start, stop = wanted.start or 0, wanted.stop
        if self._is_exact and start > self._count // 2:
            backwards = [part.reverse() for part in reversed(list(self.parts))]
            return _read(backwards, max(0, self._count - stop), self._count - start)[::-1]
        return _read(self.parts, start, stop)


def _read(parts: Iterable[QuerySet[Any]], start: int, stop: int) -> list[int]:
    found: list[int] = []
    most = stop - start
    for part in parts:
        missing = most - len(found)
        rows = list(part.values_list("pk", flat=True)[start : start + missing])
        found += rows
        if len(rows) == missing:
            break
        start = 0 if rows else max(0, start - part.order_by().count())
    return found


class BoundedPaginator(Paginator):  # type: ignore[type-arg]  # not generic when it runs
    """`has_more`: there are more than the count says, and nobody counted them."""

    has_more = False


class Listing:
    """The list that the query string of the Members page asks for."""

    def __init__(self, organization: Organization, query: QueryDict) -> None:
        self.organization = organization
        self.headcount = Headcount.objects.get(pk=organization.pk)
        self.filters = MemberFilter(organization, query)
        self.sort: str = self.filters.chosen.get("sort") or "name"

    def page(self, number: str | None) -> "Page[int]":
        """A page of ids."""
        if not self.filters.is_narrowed:
            everybody = self.headcount.members
            parts = in_order(self.organization, self.filters.qs, self.sort, everybody=everybody)
            return BoundedPaginator(Ids(parts, everybody, is_exact=True), ROWS).get_page(number)
        parts, by_words = in_order(self.organization, self.filters.qs, self.sort), self.filters.by_words
        known = by_words.first if by_words else ()
        if by_words and by_words.are_many and not known:
            paginator = BoundedPaginator(Ids(parts, MAX_FOUND), ROWS)
            paginator.has_more = True
        else:
            found = known or Ids(parts, MAX_FOUND)[0 : MAX_FOUND + 1]
            paginator = BoundedPaginator(found[:MAX_FOUND], ROWS)
            paginator.has_more = len(found) > MAX_FOUND
        return paginator.get_page(number)

    def members(self, page: "Page[int]") -> list[Member]:
        found = self.organization.members.select_related("account", "emergency_lock", "synchronization").in_bulk(
            list(page.object_list)
        )
        return [found[pk] for pk in page.object_list if pk in found]

    def columns(self) -> list[dict[str, Any]]:
        """The columns for components/sort_header.html."""
        return [
            {
                "label": label,
                "direction": {name: "ascending", f"-{name}": "descending"}.get(self.sort, "none") if name else "",
                "sort": f"-{name}" if self.sort == name else name,
            }
            for name, label in COLUMNS
        ]
