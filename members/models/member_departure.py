"""Leaving an organization, and the way back that support staff have for 30 days."""

import json
from typing import TYPE_CHECKING, Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction

from members import refusals, values
from members.actors import Actor
from members.keys import key_of
from members.models import audit
from members.models.account import Account
from members.models.audit import Event
from members.models.deleted import DeletedAccount
from members.models.member_profile import clean_user_name, followed_email
from members.models.member_row import LICENCE_FIELDS, MemberRow
from members.models.organization import Headcount

if TYPE_CHECKING:
    from members.models.member import Member

# Not carried into the snapshot: rights are given anew, secrets are gone.
_LEFT_BEHIND = {"password", "last_login", "is_superuser", "is_staff", "managed_by", "is_active", "name", "name_key"}


class DepartureVerbs(MemberRow):
    class Meta:
        abstract = True

    def remove(self, *, by: Actor) -> None:
        """Deletes an own Managed Account; ends anybody else's membership here and nothing more.

        Raises a Protected; for the IdP a NotEligible.
        """
        with self.locked():
            if by.is_identity_provider:
                self.require_editable(by)
            self.require_dispensable(by)
            self.require_plan_admin_elsewhere()
            if self.is_own:
                self._delete_account(by)
            else:
                audit.record(Event.MEMBER_REMOVED, self.organization, by=by, member=self)
                self.end_membership()
                Headcount.shift([self.organization_id], -1)

    def end_membership(self) -> None:
        """Licences, teams and the row itself, and in a sandbox the address; the caller shifts the headcount."""
        self.give_back_licences()
        if self.organization.is_sandbox and not self.is_own:
            self.account.addresses.filter(scope=self.organization_id).delete()
        self.delete()

    def _delete_account(self, by: Actor) -> None:
        account = self.account
        DeletedAccount.objects.create(
            organization=self.organization,
            scim_id=self.scim_id,
            user_name=account.user_name,
            name=account.name,
            snapshot=self._snapshot(),
        )
        audit.record(Event.ACCOUNT_DELETED, self.organization, by=by, member=self)
        elsewhere = list(account.memberships.exclude(pk=self.pk).select_related("organization").order_by("pk"))
        organizations = [self.organization_id, *(place.organization_id for place in elsewhere)]
        for place in elsewhere:
            place.account = account
            audit.record(Event.MEMBER_REMOVED, place.organization, by=by, member=place)
            place.end_membership()
        self.end_membership()
        account.delete()
        Headcount.shift(organizations, -1)

    def _snapshot(self) -> dict[str, Any]:
        def columns(row: Any, left: set[str]) -> dict[str, Any]:
            return {field.attname: getattr(row, field.attname) for field in row._meta.fields if field.name not in left}

        member = columns(self, {"organization", "account", *LICENCE_FIELDS})
        snapshot = {
            "account": columns(self.account, _LEFT_BEHIND),
            "member": member | {"returned_licences": [product.value for product in self.licences]},
            "teams": list(self.team_memberships.values_list("team_id", flat=True)),
        }
        return dict(json.loads(json.dumps(snapshot, cls=DjangoJSONEncoder)))


def restore(
    deleted: DeletedAccount, *, by: Actor, user_name: str | None = None, unique_id: str | None = None
) -> "Member":
    """The account as it was, with the same id, inactive: the IdP or an administrator switches it on.

    Raises RestoreNeeds when its address or Unique ID belongs to somebody else by now, and
    DomainNotVerified when its domain is not verified any longer; another one may be given.
    """
    from members.models.member import Member
    from members.models.team import Team, TeamMembership

    organization = deleted.organization
    with transaction.atomic():
        organization.lock()
        deleted = DeletedAccount.objects.get(pk=deleted.pk)
        account = _revived(Account, deleted.snapshot["account"])
        account.is_active, account.managed_by = False, organization
        account.set_unusable_password()
        wanted = clean_user_name(user_name or account.user_name, organization, organization.verified_domains())
        if wanted != account.user_name:
            account.user_name, account.email_follows_user_name = wanted, True
            account.email = followed_email(wanted)
        try:
            account.insert(at=organization)
        except refusals.Taken:
            raise refusals.RestoreNeeds(taken=account.user_name) from None
        member = _revived(Member, deleted.snapshot["member"])
        member.organization, member.account = organization, account
        member.unique_id = values.unique_id(unique_id or member.unique_id)
        member.unique_id_key = key_of(member.unique_id)
        if organization.members.filter(unique_id_key=member.unique_id_key).exists():
            raise refusals.RestoreNeeds(taken=member.unique_id)
        if member.external_id and organization.members.filter(external_id=member.external_id).exists():
            member.external_id = None
        member.copy_addresses()
        member.save(force_insert=True)
        teams = Team.objects.filter(organization=organization, pk__in=deleted.snapshot["teams"])
        TeamMembership.objects.bulk_create(TeamMembership(team=team, member=member) for team in teams)
        audit.record(Event.ACCOUNT_RESTORED, organization, by=by, member=member)
        deleted.delete()
        Headcount.shift([organization.pk], 1)
    return member


def _revived(model: Any, columns: dict[str, Any]) -> Any:
    fields = {field.attname: field for field in model._meta.fields}
    return model(**{name: fields[name].to_python(value) for name, value in columns.items() if name in fields})
