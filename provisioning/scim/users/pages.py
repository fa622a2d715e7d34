"""Pages of users in the order of their keys, which is the order in which they have come."""

from django.db.models import Subquery

from members.models import Headcount, Member, Organization
from provisioning.scim.users.filterable import FILTERABLE
from provisioning.scim.users.resource import COLUMNS
from provisioning.scim.users.rows import Found, found_in, teams_of
from provisioning.scim.wire.filters import to_q
from provisioning.scim.wire.requests import Query


def page(organization: Organization, query: Query, filter_text: str) -> tuple[int, list[Found]]:
    """The total, and the users from the start (1 is the first) on."""
    members = Member.objects.filter(organization=organization).order_by("pk")
    if filter_text:
        members = members.filter(to_q(filter_text, FILTERABLE))
    page: list[Found] = []
    if query.count:
        # The first of the page is found in the index alone; only the page is read whole.
        first = members.values("pk")[query.start - 1 : query.start]
        rows = members.filter(pk__gte=Subquery(first)) if query.start > 1 else members
        listed = rows.annotate(teams=teams_of("pk")).values_list(*COLUMNS, "teams")[: query.count]
        page = [found_in(columns) for columns in listed]
    if not filter_text:
        return Headcount.objects.get(pk=organization.pk).members, page
    if len(page) < query.count and (page or query.start == 1):
        return query.start - 1 + len(page), page
    return members.count(), page
