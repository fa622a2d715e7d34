"""All that the creation of an account asks the organization, in one statement.

In a creation that is tried without the lock (decision 37) all of it may be another thing when the writes are sent.
Keys are nobody else's; a free address and a free Unique ID are a constraint of the writes, a free licence and a
verified domain a condition of them. Nothing else is taken from what was read then.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import BigIntegerField, Exists, F, OuterRef, Subquery, Value

from members import values
from members.keys import domain_of, key_of
from members.models.account import Account
from members.models.address import Address, Owner
from members.models.domain import Domain
from members.models.licence import Subscription
from members.models.member.reading import Known
from members.models.organization import Organization
from members.models.team_rules.unmet import Unmet
from members.models.work import guarded, is_tried, pending
from members.prepared import AsText, Listed, Prepared, number, text
from members.statements import NextKey

Keys = tuple[str, str, str]
# Keys that were asked about with the statement that found the caller, and its row.
Ahead = tuple[tuple[Any, ...], tuple[Any, ...]]


@dataclass
class Asked:
    # Facts about the new member.
    known: Known
    # Owners of the addresses that were asked about, by their keys.
    owners: dict[str, Owner]
    is_handle_taken: bool
    account_key: int
    member_key: int

    @property
    def domains(self) -> set[str]:
        return self.known.domains

    def require_free(self, account: Account) -> None:
        """Require that nobody has the account's addresses. Raises a Taken."""
        for key in sorted(account.address_keys & self.owners.keys()):
            raise self.owners[key].refusal

    def require_verified(self, account: Account) -> None:
        """Look again with the writes, if this creation is tried, whether the domains of the addresses are verified."""
        if is_tried():
            for name in sorted({domain_of(account.user_name), domain_of(account.email)} & self.domains):
                pending().require(*_VERIFIED.statement(account.managed_by_id, name), lambda met: None)


def keys(user_name: str, email: str, unique_id: str | None = None) -> Keys:
    """The keys of userName, e-mail address and Unique ID as they were sent, checked or not."""
    user_name, email = user_name.replace("\x00", ""), email.replace("\x00", "")
    handle = unique_id or values.unique_id_from(user_name)
    return key_of(user_name), key_of(email), key_of(handle.replace("\x00", ""))


def ask(
    organization: Organization, profile: Mapping[str, Any], unique_id: str | None, ahead: Ahead | None = None
) -> Asked:
    """The answers about addresses and Unique ID as they were sent, checked or not. The organization is locked now, or
    will be with the writes; only then `ahead` counts, if it is about the same.
    """
    wanted = keys(str(profile.get("user_name") or ""), str(profile.get("email") or ""), unique_id)
    if ahead and is_tried() and ahead[0] == wanted:
        row = ahead[1]
    else:
        with guarded():
            found = _STATEMENT.row(organization.pk, organization.scope, *wanted)
        assert found
        row = found
    account_key, member_key, domains, passes, owners, is_taken, is_any_unmet = row
    if is_tried():
        passes, is_any_unmet = None, True
    known = Known({"domains": domains, "is_any_unmet": is_any_unmet}, passes)
    names = {key: Owner(account, name or None) for key, account, name in owners}
    return Asked(known, names, bool(is_taken), account_key, member_key)


def columns(organization: str, scope: str) -> list[Any]:
    """The questions, in the order in which their answers are taken, about the organization and the scope in these
    columns of the outer statement.
    """
    from members.models.member.member import Member

    mine, here = OuterRef(organization), Member.objects.filter(organization=OuterRef(OuterRef(organization)))
    named = here.filter(account=OuterRef("account")).values("account__name")
    owners = Address.objects.filter(scope=OuterRef(scope), key__in=[text("user name"), text("email")])
    return [
        NextKey(Account),
        NextKey(Member),
        AsText(Domain.objects.filter(organization=mine, verified_at__isnull=False).values(a=F("name"))),
        Subscription.running_pass(mine),
        Listed(owners.values(a=F("key"), b=F("account_id"), c=Subquery(named[:1]))),
        Exists(Member.objects.filter(organization=mine, unique_id_key=text("handle"))),
        Exists(Unmet.objects.filter(organization=mine)),
    ]


def _build() -> Any:
    asked = Organization.objects.filter(pk=number(1)).annotate(in_scope=Value(number(2), BigIntegerField()))
    return asked.values_list(*columns("pk", "in_scope"))


def _verified() -> Any:
    domains = Domain.objects.filter(organization_id=number(1), name=text("name"), verified_at__isnull=False)
    return domains.order_by().values_list("pk")


_VERIFIED = Prepared(_verified, 1, "name")
_STATEMENT = Prepared(_build, 1, 2, "user name", "email", "handle")
