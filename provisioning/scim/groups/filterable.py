"""Columns for filters of Groups, and for those of the entries of `members`."""

import datetime

from django.db.models import Exists, OuterRef, Q, Subquery

from members.keys import key_of, plain, visible
from members.models import TeamMembership
from provisioning.scim.groups.attributes import CORE
from provisioning.scim.wire.columns import ALWAYS, Column, Filterable


def _of_members(condition: Q) -> Q:
    return Q(Exists(TeamMembership.objects.filter(condition, team=OuterRef("pk"))))


# The first in the order in which members are answered.
_FIRST = Subquery(
    TeamMembership.objects.filter(team=OuterRef("pk")).order_by("member_id").values("member__scim_id")[:1]
)
_MEMBER = Column("member__scim_id", form=str.strip, form_of_part=str, is_exact=True, within=_of_members, order=_FIRST)

COLUMNS: dict[str, Column] = {
    "id": Column("scim_id", form_of_part=str, is_exact=True),
    "externalid": Column(
        "external_id", form=plain, form_of_part=visible, present=Q(external_id__isnull=False), is_exact=True
    ),
    "displayname": Column("name_key", form=key_of),
    "members": _MEMBER,
    "members.value": _MEMBER,
    "meta.created": Column("created_at", kind=datetime.datetime),
    "meta.lastmodified": Column("modified_at", kind=datetime.datetime),
}

FILTERABLE = Filterable(
    core=CORE,
    columns=COLUMNS,
    schemas={CORE.casefold(): ALWAYS},
    constants={"members.type": (["user"], _of_members(Q())), "meta.resourcetype": (["group"], ALWAYS)},
    entries=("members",),
)

# The brackets of `members[…]` in a path of a PATCH: conditions on the members themselves.
OF_MEMBER = Filterable(
    core=CORE,
    columns={"value": Column("scim_id", form=str.strip, form_of_part=str, is_exact=True)},
    schemas={},
    constants={"type": (["user"], ALWAYS)},
)
