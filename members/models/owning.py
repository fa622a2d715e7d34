"""The verbs of a Nulab Account's owner: another name, another address, deletion."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.utils import timezone

from members import mail, values
from members.actors import Actor
from members.mail.letters import Reason
from members.models import audit, team_moves
from members.models.account import NAME_COLUMNS, Account
from members.models.account_refusals import KeptByOrganization
from members.models.audit import Event
from members.models.changing import changing
from members.models.member.member import Member
from members.models.organization import Headcount, Organization
from members.refusals import Protected

Sides = dict[str, list[Any]]


def change_name(account: Account, name: str, *, by: Actor) -> None:
    """Give the account another name. Raises NameMissing, KeptByOrganization."""
    name = values.name(name)
    with _owned(account) as (kept, places):
        before, kept.display_name = kept.name, name
        kept.name_yourself()
        if kept.name != before:
            kept.save(update_fields=["display_name", "display_name_key", *NAME_COLUMNS])
            _tell(places, {"name": [before, kept.name]}, by)
    account.refresh_from_db()


def change_address(account: Account, email: str, *, by: Actor) -> None:
    """Change the sign-in address; the former one gets a mail. Raises AddressTaken, KeptByOrganization."""
    email = values.nulab_address(email)
    with _owned(account) as (kept, places):
        before, name, user_name = kept.email, kept.name, kept.user_name
        if email != before:
            kept.user_name = kept.email = email
            kept.name_yourself()
            kept.claim_addresses(kept.scopes())
            kept.save(update_fields=["user_name", "email", *NAME_COLUMNS])
            # An account without a name of its own is called by the address.
            renamed = {} if kept.name == name else {"name": [name, kept.name]}
            _tell(places, {"email": [before, email], **renamed}, by, {"user_name": [user_name, email]})
            link = settings.SUPPORT_URL
            mail.to_address(before, kept, "address_changed", reason=Reason.OWNER, account=kept, link=link)
    account.refresh_from_db()


def obstacles(account: Account, *, by: Actor) -> list[tuple[Member, Protected]]:
    """The places in which others depend on the account, each with the refusal."""
    found = [(place, place.protection(by)) for place in account.places()]
    return [(place, reason) for place, reason in found if reason]


def delete(account: Account, *, by: Actor) -> None:
    """Delete the account and all its memberships; the address becomes free. Raises a Protected, KeptByOrganization."""
    with _owned(account) as (kept, places):
        for place in places:
            place.require_dispensable(by)
            place.require_plan_admin_elsewhere()
        teams: list[int] = []
        for place in places:
            place.record_departure(Event.ACCOUNT_DELETED, by)
            teams += place.end_membership()
        kept.delete()
        Headcount.shift([place.organization_id for place in places], -1, active=-1)
        team_moves.count(teams)


@contextmanager
def _owned(account: Account) -> Iterator[tuple[Account, list[Member]]]:
    """One transaction with the organizations, then the account locked: it and its places, read afresh."""
    with changing(*Organization.objects.filter(members__account=account)):
        kept = Account.objects.select_for_update(no_key=True).filter(pk=account.pk).first()
        if kept is None or kept.is_managed or not kept.is_active:
            raise KeptByOrganization
        yield kept, kept.places()


def _tell(places: list[Member], changes: Sides, by: Actor, derived: Sides | None = None) -> None:
    """Record the change in every organization, whose lists show it."""
    for place in places:
        place.copy_from_account()
        place.modified_at = timezone.now()
        place.save(update_fields=["user_name_key", "email_key", "name_order", "modified_at"])
        audit.record(
            Event.ACCOUNT_CHANGED, place.organization, by=by, member=place, changes=dict(changes), derived=derived
        )
