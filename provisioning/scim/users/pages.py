"""Pages of users; nobody counts the members of an organization."""

from members.models import Headcount, Member, Organization
from provisioning.scim.users.filterable import FILTERABLE
from provisioning.scim.users.rows import Found, users_in
from provisioning.scim.wire.pages import Pages


def _total(organization: Organization) -> int:
    return Headcount.objects.get(pk=organization.pk).members


PAGES: Pages[Found] = Pages(Member, FILTERABLE, users_in, "organization__headcount__members", _total)
