"""The states of existing accounts on their way to be kept by the IdP.

The same states twice: as a property of one member, and as a condition for the database.
"""

from django.db import models
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from members.models import Account, Member, Organization, Role
from members.models.member.eligibility import UP_TO_DATE, eligible


class State(models.TextChoices):
    PROVISIONED = "provisioned", _("Provision Managed")
    READY = "ready", _("Ready")
    NEEDS_CHANGE = "needs-change", _("Needs change")
    CONFLICT = "conflict", _("Conflict")


def state_of(member: Member, verified_domains: set[str]) -> State:
    if member.account.is_managed and not member.is_own:
        return State.CONFLICT
    if member.ineligibility(verified_domains):
        return State.NEEDS_CHANGE
    return State.PROVISIONED if member.account.type == Account.Type.PROVISIONED else State.READY


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


def to_review(organization: Organization) -> Q:
    """The condition of accounts that the IdP could keep and does not; without emergency and other accounts."""
    emergency = Q(account__type=Account.Type.NULAB, role=Role.ADMIN)
    elsewhere = ~Q(account__type=Account.Type.NULAB) & ~Q(account__managed_by=organization)
    return ~Q(account__type=Account.Type.PROVISIONED) & ~emergency & ~elsewhere


def needs_update(organization: Organization) -> Q:
    """The condition of accounts for the Update action; a sandbox's people need none."""
    return Q(pk__isnull=organization.is_sandbox) & Q(account__managed_by=organization) & ~UP_TO_DATE


def by_type(organization: Organization) -> dict[str, int]:
    """The numbers of members by account type, and `to_review`: one statement."""
    members: QuerySet[Member] = organization.members.all()
    return members.aggregate(**_types(organization))


def by_type_and_state(organization: Organization, verified_domains: set[str]) -> dict[str, int]:
    """The same with the numbers by State, and `outdated`, who need the Update action: one statement."""
    members: QuerySet[Member] = organization.members.all()
    states = {
        f"in_{state.name}": models.Count("pk", filter=in_state(state, organization, verified_domains))
        for state in State
    }
    outdated = models.Count("pk", filter=needs_update(organization))
    return members.aggregate(**_types(organization), **states, outdated=outdated)


def _types(organization: Organization) -> dict[str, models.Count]:
    counts = {kind.value: models.Count("pk", filter=Q(account__type=kind)) for kind in Account.Type}
    return counts | {"to_review": models.Count("pk", filter=to_review(organization))}
