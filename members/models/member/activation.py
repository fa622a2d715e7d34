"""Deactivation, which takes effect at once, and reactivation."""

from collections.abc import Sequence
from typing import Any

from members import actors, mail
from members.actors import Actor
from members.models import audit
from members.models.audit import Event
from members.models.licence import Product, Subscription, licence_changes
from members.models.member.emergency_lock import EmergencyLock
from members.models.member.lock import LockVerbs
from members.models.member.roles import Role
from members.models.member.row import LICENCE_FIELDS, MemberRow
from members.models.member.settling import SettlingVerbs
from members.models.organization import Headcount
from members.models.session import Session
from members.models.work import pending
from members.refusals import Refusal


class ActivationVerbs(SettlingVerbs, LockVerbs):
    class Meta:
        abstract = True

    def deactivate(self, *, by: Actor) -> None:
        """Deactivate: sessions, licences and sign-in end in this transaction, in every organization.

        By the IdP, or by anybody else as emergency stop, which locks: the IdP alone cannot undo it.
        Raises a Protected, a NotEligible.
        """
        with self.locked():
            self.require_editable(by)
            if not self.account.is_active:
                self._stay_out(by)
                return
            self.require_dispensable(by)
            self.require_plan_admin_elsewhere()
            is_stop = not by.is_identity_provider
            self._switch(False)
            if is_stop:
                EmergencyLock.place(self, by, was_active=True)
            pending().delete(Session, account_id=self.account_id)
            places = self.everywhere()
            for place in places:
                products = place.give_back_licences()
                place.remember_licences(products)
                _write_licences(place)
                place.settle_licences(by=actors.team_rule(by))
                changes: dict[str, list[Any]] = {"active": [True, False], **licence_changes(before=products)}
                if is_stop and place is self:
                    changes["locked"] = [False, True]
                row = audit.record(
                    Event.ACCOUNT_DEACTIVATED, place.organization, by=self.as_seen_at(place, by), member=place,
                    changes=changes,
                )  # fmt: skip
                place.withdraw_invitations(by=self.as_seen_at(place, by), leaves=True)
                if place.role == Role.ADMIN:
                    mail.to_all_administrators(row, "members")
            _shift_headcounts(places, -1)

    def reactivate(self, *, by: Actor) -> None:
        """Reactivate with the same id, role, teams and history; licences as far as they are free.

        Raises NoFreeLicence for the one Pass licence that an active account must have, and to the IdP
        KeptOut while a lock stands that it has not confirmed.
        """
        with self.locked():
            self.require_editable(by)
            if self.account.is_active:
                return
            self._require_admission(by)
            lock = self.lock
            self._switch(True)
            places = self.everywhere()
            for place in places:
                former = [Product(value) for value in place.returned_licences if value != Product.PASS]
                place.remember_licences([])
                place.take_pass()
                restored = [product for product in former if _take_if_free(place, product)]
                missed = [product for product in former if product not in restored]
                _write_licences(place)
                changes: dict[str, list[Any]] = {"active": [False, True], **licence_changes(after=place.licences)}
                if missed:
                    changes["licences_without_room"] = [[product.label for product in missed], []]
                if lock and place is self:
                    changes["locked"] = [True, False]
                row = audit.record(
                    Event.ACCOUNT_REACTIVATED, place.organization, by=self.as_seen_at(place, by), member=place,
                    changes=changes,
                )  # fmt: skip
                place.settle_licences(by=actors.team_rule(by))
                if place.role == Role.ADMIN:
                    mail.to_all_administrators(row, "members")
            if lock:
                lock.delete()
            _shift_headcounts(places, 1)

    def _switch(self, is_active: bool) -> None:
        """Write the account's state. The members' modified_at is written with their licences."""
        self.account.is_active = is_active
        pending().update(self.account, ["is_active"])


def _shift_headcounts(places: Sequence[MemberRow], active: int) -> None:
    Headcount.shift([place.organization_id for place in places], 0, active=active)


def _write_licences(place: MemberRow) -> None:
    place.write(**{field: getattr(place, field) for field in [*LICENCE_FIELDS, "returned_licences"]})


def _take_if_free(place: MemberRow, product: Product) -> bool:
    try:
        Subscription.take(place.organization, product)
    except Refusal:
        return False
    setattr(place, product.holder_field, True)
    return True
