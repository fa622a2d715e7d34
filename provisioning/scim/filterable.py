"""What can be filtered by: each attribute's column, and when it counts as present.

An attribute that is not here is refused: leaving it out would widen the answer.
"""

import datetime
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import CharField, Exists, OuterRef, Q, Value
from django.db.models.functions import Lower

from members.keys import folded, key_of, plain, visible
from members.models import TeamMembership
from provisioning.scim.dialects import role_named
from provisioning.scim.resource import CORE, NULAB

ENTERPRISE = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User"

# Time zones, languages and what an address is called are not worth a key column: the database folds both sides.
CharField.register_lookup(Lower)
# Of their own, because an empty Q would vanish from an OR.
NEVER = Q(pk__in=[])
ALWAYS = ~NEVER


@dataclass(frozen=True)
class Attribute:
    """A column, how a value is brought to its form, and when it counts as present."""

    column: str
    kind: type = str
    form: Callable[[str], Any] = str
    # The same for a part of a value, whose spaces at the ends count.
    form_of_part: Callable[[str], Any] = folded
    present: Q = ALWAYS
    # Compared with case; the others have a key column or are plain ASCII.
    is_exact: bool = False
    has_order: bool = True
    # Put around the whole condition: a member's teams are rows of their own.
    within: Callable[[Q], Q] = lambda condition: condition
    # Whose value stands in another column.
    elsewhere: tuple[Q, str] | None = None

    def where(self, lookup: str, value: Any) -> Q:
        """The condition on the value, wherever it stands."""
        here = Q(**{f"{self.column}__{lookup}": value})
        if self.elsewhere is None:
            return here
        those, column = self.elsewhere
        return (here & ~those) | (Q(**{f"{column}__{lookup}": value}) & those)


def _of_teams(condition: Q) -> Q:
    return Q(Exists(TeamMembership.objects.filter(condition, member=OuterRef("pk"))))


def _folded(value: str) -> Any:
    return Lower(Value(plain(value)))


def _folded_part(value: str) -> Any:
    return Lower(Value(visible(value)))


def _as_sent(column: str, ours: str, unsaid: Q) -> Attribute:
    """What the IdP has sent, or the value of the site where it has sent nothing."""
    column = f"account__{column}"
    return Attribute(
        f"{column}__lower",
        form=_folded,
        form_of_part=_folded_part,
        present=unsaid | Q(**{f"{column}__gt": ""}),
        elsewhere=(unsaid, f"account__{ours}__lower"),
    )


_HAS_EMAIL = ~Q(email_key="")
_CHOSEN = Q(unique_id_is_chosen=True)


def _role(spoken: str) -> str:
    role = role_named(spoken)
    return role.value if role else spoken.upper()


_ADDRESS = Attribute("email_key", form=key_of, present=_HAS_EMAIL)
_TYPE = Attribute(
    "account__email_type__lower", form=_folded, form_of_part=_folded_part, present=_HAS_EMAIL, has_order=False
)
_ROLE = Attribute("role", form=_role, form_of_part=str.upper)
_HANDLE = Attribute("unique_id_key", form=key_of, present=_CHOSEN)
_UNSAID = Q(account__preferred_language__isnull=True, account__locale__isnull=True)
_TEAM = Attribute("team__scim_id", form_of_part=str, is_exact=True, within=_of_teams)

ATTRIBUTES: dict[str, Attribute] = {
    "id": Attribute("scim_id", form_of_part=str, is_exact=True),
    "externalid": Attribute(
        "external_id", form=plain, form_of_part=visible, present=Q(external_id__isnull=False), is_exact=True
    ),
    "username": Attribute("user_name_key", form=key_of),
    "emails": _ADDRESS,
    "emails.value": _ADDRESS,
    "emails.type": _TYPE,
    "displayname": Attribute("account__display_name_key", form=key_of, present=~Q(account__display_name_key="")),
    **{
        f"name.{name}": Attribute(f"account__{column}", form=key_of, present=~Q(**{f"account__{column}": ""}))
        for name, column in (
            ("formatted", "formatted_name_key"), ("givenname", "given_name_key"), ("familyname", "family_name_key"),
        )
    },
    "preferredlanguage": _as_sent("preferred_language", "language", _UNSAID),
    "locale": _as_sent("locale", "language", _UNSAID),
    "timezone": _as_sent("time_zone_as_sent", "time_zone", Q(account__time_zone_as_sent__isnull=True)),
    "active": Attribute("account__is_active", kind=bool),
    "roles": _ROLE,
    "roles.value": _ROLE,
    "nickname": _HANDLE,
    f"{NULAB}:uniqueid".casefold(): _HANDLE,
    "groups": _TEAM,
    "groups.value": _TEAM,
    "groups.display": Attribute("team__name_key", form=key_of, within=_of_teams),
    "meta.created": Attribute("created_at", kind=datetime.datetime),
    "meta.lastmodified": Attribute("modified_at", kind=datetime.datetime),
}  # fmt: skip

# Who has which of the schemas.
SCHEMAS = {CORE.casefold(): ALWAYS, NULAB.casefold(): _CHOSEN}
# References that are not stored. [Entra] asks whether one is set already: `id eq "…" and manager eq "…"`.
REFERENCES = {
    name.casefold() for name in ("manager", "manager.value", *(f"{ENTERPRISE}:manager{end}" for end in ("", ".value")))
}
# The same for everybody who has the attribute at all.
CONSTANTS: dict[str, tuple[list[Any], Q]] = {
    "emails.primary": ([True], _HAS_EMAIL),
    "roles.primary": ([True], ALWAYS),
    "meta.resourcetype": (["user"], ALWAYS),
    "name": ([], ~Q(account__formatted_name="") | ~Q(account__given_name="") | ~Q(account__family_name="")),
}
