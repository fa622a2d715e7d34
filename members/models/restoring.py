"""The way back that support staff have for 30 days after a Managed Account was deleted."""

from collections.abc import Callable
from typing import Any

from django.utils import timezone
from django.utils.dateparse import parse_datetime

from members import values
from members.actors import Actor
from members.keys import key_of
from members.models import audit, team_moves
from members.models import restoring_refusals as refusals
from members.models.account import Account
from members.models.address import Address
from members.models.audit import Event
from members.models.deleted import KEPT_FOR, DeletedAccount
from members.models.licence import Subscription
from members.models.member.emergency_lock import EmergencyLock
from members.models.member.member import Member
from members.models.member.profile import clean_email, clean_user_name, followed_email
from members.models.member.synchronization import Synchronization
from members.models.organization import Headcount, Organization
from members.models.team import Team, TeamMembership
from members.refusals import Refusal


def restore(
    deleted: DeletedAccount, *, by: Actor, user_name: str | None = None, unique_id: str | None = None
) -> Member:
    """The account as it was, with the same id, inactive: the IdP or an administrator switches it on.

    Raises RestoreNeeds when its address or Unique ID belongs to somebody else by now, and
    DomainNotVerified when its domain is not verified any longer; another one may be given.
    RestoreTooLate after 30 days.
    """
    organization = deleted.organization
    with organization.locked():
        kept = DeletedAccount.objects.select_for_update().filter(
            pk=deleted.pk, deleted_at__gte=timezone.now() - KEPT_FOR
        )
        found = kept.first()
        if found is None:
            raise refusals.RestoreTooLate(member=deleted.name)
        account = _account_of(found, organization, user_name)
        member = _member_of(found, account, unique_id)
        account.insert(at=organization)
        member.save(force_insert=True)
        if synchronized_at := parse_datetime(found.snapshot["member"].get("synchronized_at") or ""):
            Synchronization.at_first(member, synchronized_at)
        if lock := found.snapshot.get("lock"):
            EmergencyLock.restore(member, lock)
        Subscription.shift_returned(organization.pk, member.returned_licences, 1)
        teams = list(Team.objects.filter(organization=organization, pk__in=found.snapshot["teams"]))
        TeamMembership.objects.bulk_create(TeamMembership(team=team, member=member) for team in teams)
        audit.record(Event.ACCOUNT_RESTORED, organization, by=by, member=member, changes=_differences(found, member))
        found.delete()
        Headcount.shift([organization.pk], 1, active=0)
        team_moves.count([team.pk for team in teams])
        # Without a team, too: what the rules of former ones gave goes.
        team_moves.told(organization, [member.pk], by=by)
    return member


def obstacles(deleted: DeletedAccount) -> dict[str, Refusal]:
    """The obstacles to restoring as it was, by the field that needs another value: a form shows them first."""
    found: dict[str, Refusal] = {}
    account = _revived(Account, deleted.snapshot["account"])
    attempts: dict[str, Callable[[], object]] = {
        "user_name": lambda: _account_of(deleted, deleted.organization, None),
        "unique_id": lambda: _member_of(deleted, account, None),
    }
    for name, attempt in attempts.items():
        try:
            attempt()
        except Refusal as refusal:
            found[name] = refusal
    return found


def _account_of(deleted: DeletedAccount, organization: Organization, user_name: str | None) -> Account:
    account: Account = _revived(Account, deleted.snapshot["account"])
    account.is_active, account.managed_by = False, organization
    account.set_unusable_password()
    domains = set() if organization.is_sandbox else organization.verified_domains()
    wanted = clean_user_name(user_name or account.user_name, organization, domains)
    if wanted != account.user_name:
        account.user_name, account.email_follows_user_name = wanted, True
        account.email = followed_email(wanted)
    elif not account.email_follows_user_name:
        account.email = clean_email(account.email, organization, domains)
    for address in (account.user_name, account.email):
        if Address.objects.filter(scope=organization.scope, key=key_of(address)).exists():
            raise refusals.RestoreNeeds(taken=address)
    account.name_yourself()
    return account


def _member_of(deleted: DeletedAccount, account: Account, unique_id: str | None) -> Member:
    organization = deleted.organization
    member: Member = _revived(Member, deleted.snapshot["member"])
    member.organization, member.account = organization, account
    member.unique_id = values.unique_id(unique_id or member.unique_id)
    member.unique_id_key = key_of(member.unique_id)
    if organization.members.filter(unique_id_key=member.unique_id_key).exists():
        raise refusals.RestoreNeeds(taken=member.unique_id)
    member.modified_at = timezone.now()
    member.copy_from_account()
    return member


def _differences(deleted: DeletedAccount, member: Member) -> dict[str, list[Any]]:
    """The changes between the snapshot and the restored account, where somebody else had a value by then."""
    before = {**deleted.snapshot["account"], **deleted.snapshot["member"]}
    now = {
        "user_name": member.account.user_name,
        "email": member.account.email,
        "unique_id": member.unique_id,
    }
    return {name: [before[name], value] for name, value in now.items() if value != before[name]}


def _revived(model: Any, columns: dict[str, Any]) -> Any:
    fields = {field.attname: field for field in model._meta.fields}
    return model(**{name: fields[name].to_python(value) for name, value in columns.items() if name in fields})
