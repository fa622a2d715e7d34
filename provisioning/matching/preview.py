"""The results of a synchronization of a list of people, before anything is sent. Nothing is written.

The rules are those of the SCIM door: the same checks of values, the same eligibility, the same refusals. A few
statements for the whole list take the place of those that the door runs for each person.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import models
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from members.actors import Actor
from members.console.counting import MAX_COUNTED
from members.keys import key_of
from members.models import Account, Member, Organization, Product, Subscription
from members.models.address import owners
from members.models.address_refusals import AddressTakenHere
from members.models.member.profile import Profile, profile_fields
from members.refusals import Refusal
from provisioning.matching.directory_list import Person
from provisioning.matching.preview_rights import Rights, RightsOfAll
from provisioning.monitoring.causes import Cause, by_frequency
from provisioning.monitoring.remedies import Remedy, remedy_for
from provisioning.templatetags.sync_activity import in_words

MISSING_SHOWN = 20


class Outcome(models.TextChoices):
    REFUSED = "refused", gettext_lazy("Refused")
    # Unknown word for the person's state in the list.
    UNCLEAR = "unclear", gettext_lazy("Unclear")
    CREATED = "created", pgettext_lazy("sync event", "Created")
    MATCHED = "matched", gettext_lazy("Matched")
    DEACTIVATED = "deactivated", gettext_lazy("Deactivated")
    NOT_SENT = "not-sent", gettext_lazy("Not sent")


HAPPENS = {
    Outcome.CREATED: gettext_lazy("A Provision Managed account is created."),
    Outcome.NOT_SENT: gettext_lazy("Inactive in the IdP and without an account here: the IdP sends nothing."),
}


@dataclass(frozen=True)
class Verdict:
    person: Person
    outcome: Outcome
    member: Member | None = None
    refusal: Refusal | None = None
    # Changes, as in the sync activity: {"field": [before, after]}
    changes: dict[str, list[Any]] = field(default_factory=dict)
    rights: Rights | None = None

    @property
    def sentence(self) -> str:
        """The result in words."""
        if self.refusal:
            return self.refusal.to_typist
        happens = [str(HAPPENS[self.outcome])] if self.outcome in HAPPENS else []
        changes = in_words(self.changes | (self.rights.changes if self.rights else {}))
        # A new person had nothing before.
        changes = changes if self.member else [one._replace(before="") for one in changes]
        notes = (note.to_typist for note in (self.rights.notes if self.rights else ()))
        return " · ".join([*happens, *map(str, changes), *notes]) or _("Nothing changes.")

    @property
    def remedy(self) -> Remedy | None:
        return remedy_for(self.refusal.code) if self.refusal else None


class Preview:
    """Looks everything up at once, then judges person by person in the order of the list."""

    def __init__(self, organization: Organization, people: list[Person], *, by: Actor) -> None:
        self.organization, self.people, self.by = organization, people, by
        self.domains = organization.verified_domains()
        self.members = self._members()
        self.owners = owners(organization, self._addresses())
        self.pass_ = Subscription.running(organization, Product.PASS)
        self.bought, self.free = (self.pass_.bought, self.pass_.free) if self.pass_ else (0, 0)
        self.free_before = self.free
        self.rights = RightsOfAll(organization, people, self.members.values(), by)
        # Addresses of those who stand further up in the list.
        self.given: dict[str, str] = {}
        self.verdicts = [self._verdict(person) for person in people]

    # -- results

    @property
    def counts(self) -> dict[str, int]:
        found = Counter(verdict.outcome for verdict in self.verdicts)
        return {outcome.value.replace("-", "_"): found[outcome] for outcome in Outcome}

    @property
    def ordered(self) -> list[Verdict]:
        """All results, those first that need somebody's action."""
        places = list(Outcome)
        return sorted(self.verdicts, key=lambda verdict: places.index(verdict.outcome))

    def those(self, outcome: Outcome) -> list[Verdict]:
        return [verdict for verdict in self.verdicts if verdict.outcome is outcome]

    @property
    def reasons(self) -> list[tuple[Verdict, int]]:
        """The causes of refusals, the most frequent first, each with its number and one of its people."""
        refused = [verdict for verdict in self.those(Outcome.REFUSED) if verdict.refusal]
        first = {Cause.of(verdict.refusal): verdict for verdict in reversed(refused) if verdict.refusal}
        counted = by_frequency(verdict.refusal for verdict in refused if verdict.refusal)
        return [(first[cause], number) for cause, number in counted]

    def missing(self) -> "tuple[int, list[Member]]":
        """Active accounts of this organization that the list does not name. Nobody counts beyond MAX_COUNTED + 1."""
        absent = self._absent()
        return absent[: MAX_COUNTED + 1].count(), list(absent.order_by("user_name_key", "pk")[:MISSING_SHOWN])

    def absent_in_batches(self, size: int) -> Iterator[list[Member]]:
        after = 0
        while batch := list(self._absent().filter(pk__gt=after).order_by("pk")[:size]):
            yield batch
            after = batch[-1].pk

    def _absent(self) -> QuerySet[Member]:
        listed = {verdict.member.pk for verdict in self.verdicts if verdict.member}
        managed = self.organization.members.filter(account__managed_by=self.organization, account__is_active=True)
        return managed.exclude(pk__in=listed).select_related("account")

    @property
    def has_teams(self) -> bool:
        return any(person.teams is not None for person in self.people)

    @property
    def without_room(self) -> list[tuple[Product, int]]:
        """The products of which somebody would get no licence from a rule, with their numbers."""
        return [(one.product, one.without) for one in self.rights.counted if one.without]

    # -- looking up: a statement each, whose lists are no longer than 2 * MAX_PEOPLE

    def _members(self) -> dict[str, Member]:
        """The members by userName, by which identity providers match; externalId may be several people's."""
        keys = {key_of(person.user_name) for person in self.people}
        found = list(self.organization.members.filter(user_name_key__in=keys).select_related("account"))
        for member in found:
            member.organization = self.organization
        return {member.user_name_key: member for member in found}

    def _addresses(self) -> Iterator[str]:
        for person in self.people:
            yield from (key_of(person.user_name), key_of(person.email))

    # -- judging

    def _verdict(self, person: Person) -> Verdict:
        member = self.members.get(key_of(person.user_name))
        if person.unclear:
            return Verdict(person, Outcome.UNCLEAR, member, person.unclear)
        if member is None and not person.is_active:
            return Verdict(person, Outcome.NOT_SENT)
        try:
            fields = self._checked(person, member)
            outcome = self._matched(person, member) if member else Outcome.CREATED
            self.rights.require_role(person, member)
            self._count_licence(person, member)
        except Refusal as refusal:
            return Verdict(person, Outcome.REFUSED, member, refusal)
        self.given |= dict.fromkeys(filter(None, map(key_of, (fields["user_name"], fields["email"]))), person.name)
        changes = _changes(person, member, fields) if member else {}
        return Verdict(person, outcome, member, changes=changes, rights=self.rights.of(person, member))

    def _checked(self, person: Person, member: Member | None) -> dict[str, Any]:
        """The account's columns, checked as by the verbs. Raises their refusals."""
        if member and (reason := member.ineligibility(self.domains)):
            raise reason
        profile = Profile(user_name=person.user_name, email=person.email or None)
        for name in ("display_name", "given_name", "family_name"):
            if text := getattr(person, name):
                profile[name] = text
        fields = profile_fields(profile, self.organization, "", self.domains)
        account_id = member.account_id if member else 0
        for key in filter(None, map(key_of, (fields["user_name"], fields["email"]))):
            self._require_free(key, account_id)
        return fields

    def _require_free(self, key: str, account_id: int) -> None:
        if key in self.given:
            raise AddressTakenHere(member=self.given[key])
        owner = self.owners.get(key)
        if owner and owner.account_id != account_id:
            raise owner.refusal

    def _matched(self, person: Person, member: Member) -> Outcome:
        if person.is_active or not member.is_active:
            return Outcome.MATCHED
        # Protection is asked for administrators only: it costs some statements each.
        protection = member.protection(self.by) if member.is_administrator or member.is_plan_admin else None
        if protection:
            raise protection
        return Outcome.DEACTIVATED

    def _count_licence(self, person: Person, member: Member | None) -> None:
        """Count licences as the door takes and gives them, one after the other. Raises NoFreeLicence."""
        was_active = member is not None and member.is_active
        if self.organization.is_sandbox or person.is_active == was_active:
            return
        if person.is_active and not self.free:
            raise Subscription.none_free(Product.PASS, self.pass_)
        self.free += -1 if person.is_active else 1


def _changes(person: Person, member: Member, fields: dict[str, Any]) -> dict[str, list[Any]]:
    account = member.account
    changes = {
        "type": [account.type, Account.Type.PROVISIONED.value],
        "email": [account.email, fields["email"]],
        "name": [account.name, person.name if person.name != person.user_name else account.name],
        "active": [account.is_active, person.is_active],
    }
    return {name: [before, after] for name, (before, after) in changes.items() if before != after}
