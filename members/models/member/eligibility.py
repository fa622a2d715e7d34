"""The accounts that the IdP may write, said twice: of a member at hand, and as a condition for the database.

tests/members/models/test_eligibility.py holds the two to each other.
"""

from typing import TYPE_CHECKING

from django.db.models import Q

from members.keys import domain_of
from members.models.account import UP_TO_DATE_SINCE
from members.models.member import refusals
from members.refusals import NotEligible

if TYPE_CHECKING:
    from members.models.member.row import MemberRow
    from members.models.organization import Organization

UP_TO_DATE = Q(account__created_at__gte=UP_TO_DATE_SINCE) | Q(account__brought_up_to_date_at__isnull=False)


def reason_against(member: "MemberRow", verified_domains: set[str]) -> NotEligible | None:
    """The refusal for an account that the IdP may not write, or None if it may."""
    account = member.account
    name = account.name
    if not account.is_managed:
        return refusals.IsNulabAccount(member=name)
    if not member.is_own:
        return refusals.ManagedElsewhere(member=name)
    if member.organization.is_sandbox:
        return None
    if not account.is_up_to_date:
        return refusals.NeedsUpdate(member=name)
    for address in dict.fromkeys((account.user_name, account.email)):
        if (domain := domain_of(address)) not in verified_domains:
            return refusals.AddressOutsideDomains(member=name, domain=domain)
    return None


def eligible(organization: "Organization", verified_domains: set[str]) -> Q:
    """The condition on organization.members without a reason against them."""
    own = Q(account__managed_by=organization)
    if organization.is_sandbox:
        return own
    return own & UP_TO_DATE & _within("user_name_key", verified_domains) & _within("email_key", verified_domains)


def _within(key: str, domains: set[str]) -> Q:
    condition = Q(pk__isnull=True)
    for domain in domains:
        condition |= Q(**{f"{key}__endswith": f"@{domain}"})
    return condition
