"""The states of existing accounts on their way to be kept by the IdP.

The same states twice: as a property of one member, and as a condition for the database.
"""

from collections import Counter
from collections.abc import Iterable

from django.db import models
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from members.actors import Actor
from members.models import Account, Member, Organization, Role
from members.models.member.eligibility import UP_TO_DATE, eligible
from members.models.member.refusals import NeedsUpdate
from members.models.standing import counted, of_standing
from members.refusals import Refusal


class State(models.TextChoices):
    PROVISIONED = "provisioned", _("Provision Managed")
    READY = "ready", _("Ready")
    NEEDS_CHANGE = "needs-change", _("Needs change")
    CONFLICT = "conflict", _("Conflict")


def state_of(member: Member, verified_domains: set[str]) -> State:
    if member.is_managed_elsewhere:
        return State.CONFLICT
    if member.ineligibility(verified_domains):
        return State.NEEDS_CHANGE
    return State.PROVISIONED if member.account.type == Account.Type.PROVISIONED else State.READY


def staying_nulab(
    members: Iterable[Member], organization: Organization, verified_domains: set[str], by: Actor
) -> dict[int, Refusal]:
    """The refusals of a change to Managed that hold whatever is tried, by member: nobody is told to make it.

    They are an address outside the verified domains, and what guards the one emergency administrator.
    """
    found: dict[int, Refusal] = {}
    emergency = set(organization.members.emergency().values_list("pk", flat=True)[:2])
    for member in members if not organization.is_sandbox else ():
        try:
            if not member.account.is_managed:
                member.require_addresses_in(verified_domains)
            if emergency == {member.pk}:
                member.require_emergency_elsewhere(by)
        except Refusal as reason:
            found[member.pk] = reason
    return found


def in_state(state: State, organization: Organization, verified_domains: set[str]) -> Q:
    """The condition on organization.members. Conflict: another organization keeps the account, only it can help."""
    own = Q(account__managed_by=organization)
    fit = eligible(organization, verified_domains)
    return {
        State.PROVISIONED: fit & Q(account__type=Account.Type.PROVISIONED),
        State.READY: fit & Q(account__type=Account.Type.MANAGED),
        State.CONFLICT: ~Q(account__type=Account.Type.NULAB) & ~own,
        State.NEEDS_CHANGE: Q(account__type=Account.Type.NULAB) | (own & ~fit),
    }[state]


def with_state(
    members: QuerySet[Member], state: State, organization: Organization, verified_domains: set[str]
) -> QuerySet[Member]:
    """Those of the organization's members who are in the state."""
    condition = in_state(state, organization, verified_domains)
    return of_standing(members, organization, lambda member: state_of(member, verified_domains) == state, condition)


def needs_update(organization: Organization) -> Q:
    """The condition of accounts for the Update action; a sandbox's people need none."""
    return Q(pk__isnull=organization.is_sandbox) & Q(account__managed_by=organization) & ~UP_TO_DATE


def with_update_needed(organization: Organization) -> QuerySet[Member]:
    """The members with an account for the Update action."""
    return of_standing(organization.members.all(), organization, _is_outdated, needs_update(organization))


def _is_outdated(member: Member) -> bool:
    return isinstance(member.ineligibility(set()), NeedsUpdate)


def by_type(organization: Organization) -> Counter[str]:
    """The numbers of members by account type, and `to_review`: see `_by_type`."""
    return _by_type(organization, counted(organization))


def by_type_and_state(organization: Organization, verified_domains: set[str]) -> Counter[str]:
    """The same with the numbers by State, and `outdated`, who need the Update action."""
    found = counted(organization)
    numbers = _by_type(organization, found)
    for member, number in found:
        numbers[f"in_{state_of(member, verified_domains).name}"] += number
        numbers["outdated"] += number * _is_outdated(member)
    return numbers


def _by_type(organization: Organization, found: list[tuple[Member, int]]) -> Counter[str]:
    """The numbers by type; `to_review` are those that the IdP could keep and does not, without emergency accounts."""
    numbers: Counter[str] = Counter()
    for member, number in found:
        kind = member.account.type
        numbers[kind] += number
        if kind == Account.Type.NULAB or (kind == Account.Type.MANAGED and member.is_own):
            numbers["to_review"] += number
    emergency = organization.members.filter(role=Role.ADMIN, account__type=Account.Type.NULAB)
    numbers["to_review"] -= emergency.count()
    return numbers
