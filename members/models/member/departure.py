"""Leaving an organization."""

import datetime
from typing import Any

from members import mail
from members.actors import Actor
from members.models import audit, team_moves
from members.models.address import Address
from members.models.audit import Event
from members.models.deleted import DeletedAccount
from members.models.licence import licence_changes
from members.models.member.lock import LockVerbs
from members.models.member.row import LICENCE_FIELDS
from members.models.organization import Headcount
from members.models.session import Session
from members.models.sign_in import SignIn
from members.models.work import pending
from members.statements import new

# Columns left out of the snapshot: rights are given anew, secrets are gone.
_LEFT_BEHIND = {"password", "last_login", "is_superuser", "is_staff", "managed_by", "is_active", "name", "name_key"}
# Rows that many an account has, beside those that its member has.
_OF_ACCOUNT = frozenset({Address, Session, SignIn})


class DepartureVerbs(LockVerbs):
    class Meta:
        abstract = True

    def remove(self, *, by: Actor) -> None:
        """Remove the member: deletes an own Managed Account, ends only the membership of anybody else.

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
                self.record_departure(Event.MEMBER_REMOVED, by)
                teams = self.end_membership()
                Headcount.shift([self.organization_id], -1, active=-int(self.is_active))
                team_moves.count(teams)

    def end_membership(self) -> list[int]:
        """Delete licences, teams and the row, in a sandbox also the address; the caller shifts the headcount, and then
        counts the teams, which are returned by their keys.
        """
        from members.models.team import TeamMembership

        teams = [key for key, _, _ in self.teams_of()]
        self.give_back_licences()
        self.remember_licences([])
        if self.organization.is_sandbox and not self.is_own:
            self.account.addresses.filter(scope=self.organization_id).delete()
        pending().delete(type(self), expected=frozenset({TeamMembership} if teams else ()), id=self.pk)
        return teams

    def _delete_account(self, by: Actor) -> None:
        account = self.account
        deleted = new(
            DeletedAccount,
            organization=self.organization,
            scim_id=self.scim_id,
            user_name=account.user_name,
            name=account.name,
            snapshot=self._snapshot(by),
        )
        pending().insert(deleted)
        places = self.everywhere()
        organizations, teams = [place.organization_id for place in places], list[int]()
        for place in places:
            event = Event.ACCOUNT_DELETED if place is self else Event.MEMBER_REMOVED
            place.record_departure(event, self.as_seen_at(place, by))
            teams += place.end_membership()
        pending().delete(type(account), expected=_OF_ACCOUNT, id=account.pk)
        Headcount.shift(organizations, -1, active=-int(account.is_active))
        team_moves.count(teams)

    def record_departure(self, event: Event, by: Actor) -> None:
        self.withdraw_invitations(by=by, leaves=True)
        changes = licence_changes(before=self.licences)
        row = audit.record(event, self.organization, by=by, member=self, changes=changes)
        if self.is_administrator:
            mail.to_all_administrators(row, "members", also=[] if self.is_own else [self.account])

    def _snapshot(self, by: Actor) -> dict[str, Any]:
        member = _columns(self, {"organization", "account", *LICENCE_FIELDS})
        member |= {"synchronized_at": _plain(self.synchronized_at)}
        return {
            "account": _columns(self.account, _LEFT_BEHIND),
            "member": member | {"returned_licences": [*self.licences] or self.returned_licences},
            "lock": self.lock.snapshot(by) if self.lock else None,
            "teams": [team for team, _, _ in self.teams_of()],
        }


def _columns(row: Any, left: set[str]) -> dict[str, Any]:
    return {field.attname: _plain(getattr(row, field.attname)) for field in row._meta.fields if field.name not in left}


def _plain(value: Any) -> Any:
    """The value for JSON; a time to the microsecond, unlike DjangoJSONEncoder's."""
    return value.isoformat() if isinstance(value, datetime.datetime) else value
