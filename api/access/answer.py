"""The answer to “may this person use this app of this organization now?”, found in one statement with the key.

Nothing is remembered: the answer is true from the next request after a change on.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, F, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Now

from api.access import refusals
from api.models import App, AppSession
from api.wire.authentication import SPACE_KEY, Beside, in_address
from members.keys import key_of
from members.models import Account, Address, Member, Organization, Product, Role, Session, Subscription
from members.models.address import SITE
from members.models.licence_refusals import NoSubscription
from members.models.member.emergency_lock import EmergencyLock
from members.prepared import Listed, text
from members.refusals import Refusal
from members.sealing import hash_of

WHO = "who"
# Apps for which a member needs a licence. Everybody who is an active member may use Backlog.
LICENSED = {App.CACOO: Product.CACOO, App.TYPETALK: Product.TYPETALK, App.PASS: Product.PASS}


@dataclass(frozen=True, slots=True)
class Person:
    """Facts about a member that decide, in the order of the columns."""

    id: str
    is_active: bool
    is_nulab: bool
    role: str
    is_locked: bool
    # Products that the member holds a licence of, and those that the organization is subscribed to.
    held: tuple[bool, ...]
    running: tuple[bool, ...]


def reason_against(organization: Organization, app: App, person: Person) -> Refusal | None:
    """The refusal, or None if the person may use the app."""
    if not person.is_active:
        return refusals.IsLocked() if person.is_locked else refusals.IsInactive()
    if organization.is_sandbox:
        # It lets nobody else sign in, and waives the licences.
        return None if person.is_nulab and person.role == Role.ADMIN else refusals.InSandbox()
    product = LICENSED.get(app)
    if product is None:
        return None
    place = list(Product).index(product)
    if not person.running[place]:
        return NoSubscription(product=product.label)
    return None if person.held[place] else refusals.HasNoLicence(product=product.label)


def person_in(rows: list[list[Any]]) -> Person | None:
    """The member that the statement has brought."""
    if not rows:
        return None
    scim_id, is_active, type_, role, is_locked, *products = rows[0]
    held, running = products[: len(Product)], products[len(Product) :]
    return Person(
        scim_id, bool(is_active), type_ == Account.Type.NULAB, role, bool(is_locked), tuple(held), tuple(running)
    )


# -- the statements: one for each way to say who is meant


def _facts(who: Q) -> Listed:
    members = Member.objects.filter(who, organization__space_key=text(SPACE_KEY))
    held = [F(product.holder_field) for product in Product]
    running = [Exists(_running(product)) for product in Product]
    locked = Exists(EmergencyLock.objects.filter(member=OuterRef("pk")))
    columns = [F("scim_id"), F("account__is_active"), F("account__type"), F("role"), locked, *held, *running]
    # One person, should an address ever fit two.
    return Listed(members.values(**{f"c{place}": column for place, column in enumerate(columns)}).order_by()[:1])


def _running(product: Product) -> "QuerySet[Subscription]":
    return Subscription.objects.filter(organization=OuterRef("organization"), product=product, ended_at=None)


def _addresses() -> "QuerySet[Address]":
    """The account with this address, on the site or in the sandbox in the question.

    By a table of its own: a condition on two columns of members whose organization is not known yet reads all of them.
    """
    own = Subquery(in_address().values("pk"))
    return Address.objects.filter(scope__in=[SITE, own], key=text(WHO)).order_by()


def _sessions() -> "QuerySet[AppSession]":
    """An app's session, as long as the session here lives."""
    here = Session.objects.filter(
        session_key=OuterRef("session_key"), account_id=OuterRef("account_id"), expire_date__gt=Now()
    )
    return AppSession.objects.filter(Exists(here), hash=text(WHO)).order_by()


def _of_session() -> list[Listed]:
    """The app that the session belongs to, and the facts about its person."""
    return [Listed(_sessions().values(a=F("app"))), _facts(Q(account_id__in=_sessions().values("account_id")))]


@dataclass(frozen=True, slots=True)
class Way:
    """A way to say who is meant: the statement, and how the value stands in it."""

    beside: Beside
    value: Callable[[str], str] = str


def _way(condition: Q, value: Callable[[str], str] = str) -> Way:
    return Way(Beside(lambda: [_facts(condition)], WHO), value)


WAYS = {
    "member_id": _way(Q(scim_id=text(WHO))),
    "address": _way(Q(account_id__in=_addresses().values("account_id")), key_of),
    "unique_id": _way(Q(unique_id_key=text(WHO)), key_of),
    "session": Way(Beside(_of_session, WHO), hash_of),
}
