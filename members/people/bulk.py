"""One change for several members: a transaction for each, so that one refusal does not undo the others."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from members.actors import Actor
from members.mail import one_mail
from members.models import Member, Organization
from members.people.dry_run import changes_by
from members.people.refusals import AlreadyLocked, IsYourself
from members.refusals import Refusal

# Members of one change: more than a page of the list holds, few enough to wait for.
MAX_MEMBERS = 100


@dataclass
class Outcome:
    """The members who were changed, those who were so already, and those who were refused, with the reason."""

    done: list[Member] = field(default_factory=list)
    unchanged: list[Member] = field(default_factory=list)
    refused: list[tuple[Member, Refusal]] = field(default_factory=list)


def picked(organization: Organization, scim_ids: list[str]) -> list[Member]:
    """The organization's members with these ids, by name."""
    ids = [scim_id for scim_id in scim_ids[:MAX_MEMBERS] if _is_uuid(scim_id)]
    found = organization.members.filter(scim_id__in=ids).select_related("account", "emergency_lock")
    members: list[Member] = list(found.order_by("name_order", "pk"))
    for member in members:
        member.organization = organization
    return members


@one_mail.of_one_act()
def each(members: Iterable[Member], act: Callable[[Member], Any]) -> Outcome:
    """Do the act to each member in its own transaction; each reader gets one mail for all."""
    outcome = Outcome()
    for member in members:
        try:
            changes = changes_by(act, member)
        except Refusal as refusal:
            outcome.refused.append((member, refusal))
        except Member.DoesNotExist:
            # Somebody else has removed them meanwhile.
            continue
        else:
            (outcome.done if changes else outcome.unchanged).append(member)
    return outcome


def require_another(member: Member, oneself: Member) -> None:
    """Require that the member is not the actor. Raises IsYourself."""
    if member.pk == oneself.pk:
        raise IsYourself(member=member.account.name)


def stop(member: Member, *, by: Actor) -> None:
    """The emergency stop, where none stands yet. Raises the refusals of the verb, AlreadyLocked."""
    with member.locked():
        if member.lock:
            raise AlreadyLocked(member=member.account.name, administrator=member.lock.by_name)
        member.deactivate(by=by)


def _is_uuid(text: str) -> bool:
    try:
        return str(UUID(text)) == text
    except ValueError:
        return False
