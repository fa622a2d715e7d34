"""Columns for filters of Users."""

import datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q, Subquery, Value
from django.db.models.functions import Lower

from members.keys import key_of, plain, visible
from members.models import TeamMembership
from provisioning.scim.users.dialects import role_named
from provisioning.scim.users.resource import CORE, NULAB
from provisioning.scim.wire.columns import ALWAYS, Column, Filterable

ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"


def _of_teams(condition: Q) -> Q:
    return Q(Exists(TeamMembership.objects.filter(condition, member=OuterRef("pk"))))


def _of_first_team(column: str) -> Any:
    """The column of the first of a member's teams, in the order in which they are answered."""
    return Subquery(TeamMembership.objects.filter(member=OuterRef("pk")).order_by("team_id").values(column)[:1])


def _folded(value: str) -> Any:
    return Lower(Value(plain(value)))


def _folded_part(value: str) -> Any:
    return Lower(Value(visible(value)))


def _as_sent(column: str, ours: str, unsaid: Q) -> Column:
    """A column of text as the IdP has sent it, or of the site's value where it has sent none."""
    column = f"account__{column}"
    return Column(
        f"{column}__lower",
        form=_folded,
        form_of_part=_folded_part,
        present=unsaid | Q(**{f"{column}__gt": ""}),
        elsewhere=(unsaid, f"account__{ours}__lower"),
    )


_HAS_EMAIL = ~Q(email_key="")
_CHOSEN = Q(unique_id_is_chosen=True)


def _role(text: str) -> str:
    role = role_named(text)
    return role.value if role else text.upper()


_ADDRESS = Column("email_key", form=key_of, present=_HAS_EMAIL)
_TYPE = Column(
    "account__email_type__lower",
    form=_folded,
    form_of_part=_folded_part,
    present=_HAS_EMAIL & ~Q(account__email_type=""),
    has_order=False,
)
_ROLE = Column("role", form=_role, form_of_part=str.upper)
_HANDLE = Column("unique_id_key", form=key_of, present=_CHOSEN)
_UNSAID = Q(account__preferred_language__isnull=True, account__locale__isnull=True)
_TEAM = Column(
    "team__scim_id", form_of_part=str, is_exact=True, within=_of_teams, order=_of_first_team("team__scim_id")
)

COLUMNS: dict[str, Column] = {
    "id": Column("scim_id", form_of_part=str, is_exact=True),
    "externalid": Column(
        "external_id", form=plain, form_of_part=visible, present=Q(external_id__isnull=False), is_exact=True
    ),
    "username": Column("user_name_key", form=key_of),
    "emails": _ADDRESS,
    "emails.value": _ADDRESS,
    "emails.type": _TYPE,
    "displayname": Column("account__display_name_key", form=key_of, present=~Q(account__display_name_key="")),
    **{
        f"name.{name}": Column(f"account__{column}", form=key_of, present=~Q(**{f"account__{column}": ""}))
        for name, column in (
            ("formatted", "formatted_name_key"), ("givenname", "given_name_key"), ("familyname", "family_name_key"),
        )
    },
    "preferredlanguage": _as_sent("preferred_language", "language", _UNSAID),
    "locale": _as_sent("locale", "language", _UNSAID),
    "timezone": _as_sent("time_zone_as_sent", "time_zone", Q(account__time_zone_as_sent__isnull=True)),
    "active": Column("account__is_active", kind=bool),
    "roles": _ROLE,
    "roles.value": _ROLE,
    "nickname": _HANDLE,
    f"{NULAB}:uniqueid".casefold(): _HANDLE,
    "groups": _TEAM,
    "groups.value": _TEAM,
    "groups.display": Column(
        "team__name_key", form=key_of, within=_of_teams, order=_of_first_team("team__name_key")
    ),
    "meta.created": Column("created_at", kind=datetime.datetime),
    "meta.lastmodified": Column("modified_at", kind=datetime.datetime),
}  # fmt: skip

_REFERENCES = (
    "manager", "manager.value", f"{ENTERPRISE}:manager", f"{ENTERPRISE}:manager.value",
)  # fmt: skip

FILTERABLE = Filterable(
    core=CORE,
    columns=COLUMNS,
    schemas={CORE.casefold(): ALWAYS, NULAB.casefold(): _CHOSEN},
    constants={
        "emails.primary": ([True], _HAS_EMAIL),
        "roles.primary": ([True], ALWAYS),
        "meta.resourcetype": (["user"], ALWAYS),
        "name": ([], ~Q(account__formatted_name="") | ~Q(account__given_name="") | ~Q(account__family_name="")),
    },
    entries=("emails", "roles", "groups"),
    references=frozenset(name.casefold() for name in _REFERENCES),
)
