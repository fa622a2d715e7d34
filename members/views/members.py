"""The list of members."""

from functools import cached_property
from typing import Any

from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from members.filters import MemberFilter
from members.marks import marks_of
from members.models import Headcount, Product
from members.pages import OrganizationRequest, administrators_only

ROWS = 25


class CountedPaginator(Paginator):  # type: ignore[type-arg]  # not generic when it runs
    """Told how many there are by whoever knows already: counting a large organization twice is slow."""

    def __init__(self, *args: Any, known_count: int | None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.known_count = known_count

    @cached_property
    def count(self) -> int:
        return super().count if self.known_count is None else self.known_count


@require_safe
@administrators_only
def members(request: OrganizationRequest) -> HttpResponse:
    organization = request.organization
    everybody = organization.members.select_related("account")
    total = Headcount.objects.get(pk=organization.pk).members
    filters = MemberFilter(request.GET, queryset=everybody)
    # By sign-in address: the one order that is alphabetical and has an index, also with a million rows.
    found = filters.qs.order_by("user_name_key", "pk")
    paginator = CountedPaginator(found, ROWS, known_count=None if filters.is_narrowed else total)
    page = paginator.get_page(request.GET.get("page"))
    rows = list(page.object_list)
    marks = marks_of(rows)
    context = {
        "filters": filters,
        "page": page,
        "rows": [{"member": member, "marks": marks.get(member.pk, [])} for member in rows],
        "total": total,
        "active": organization.members.active().count(),
        "products": list(Product),
    }
    return render(request, "members/members.html", context)
