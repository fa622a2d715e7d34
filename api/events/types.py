"""The types of events: those changes of the audit log that a reader of the API can notice.

A type has the name that the change has in the audit log. docs/events.md shows an example of each; a test makes them.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from members.actors import Kind
from members.models import Product
from members.models.change import Change


class Subject(StrEnum):
    """A kind of thing that can be asked for."""

    ORGANIZATION = "organization"
    DOMAIN = "domain"
    SUBSCRIPTION = "subscription"
    MEMBER = "member"
    TEAM = "team"


@dataclass(frozen=True)
class EventType:
    subject: Subject
    # For the documentation, in English like all of it.
    meaning: str


TYPES: dict[str, EventType] = {
    "organization.created": EventType(Subject.ORGANIZATION, "The organization is new."),
    "organization.renamed": EventType(Subject.ORGANIZATION, "Its name or organization ID is another."),
    "saml.enabled": EventType(Subject.ORGANIZATION, "People sign in through the identity provider from now on."),
    "saml.disabled": EventType(Subject.ORGANIZATION, "Nobody signs in through the identity provider any more."),
    "provisioning.enabled": EventType(Subject.ORGANIZATION, "User provisioning was turned on."),
    "provisioning.disabled": EventType(Subject.ORGANIZATION, "User provisioning was turned off."),
    "domain.added": EventType(Subject.DOMAIN, "A mail domain was added, not yet verified."),
    "domain.verified": EventType(Subject.DOMAIN, "A mail domain was verified."),
    "domain.removed": EventType(Subject.DOMAIN, "A mail domain is no longer the organization’s."),
    "subscription.changed": EventType(Subject.SUBSCRIPTION, "A subscription began, or its number of licences changed."),
    "subscription.ended": EventType(Subject.SUBSCRIPTION, "A subscription ended."),
    "account.created": EventType(Subject.MEMBER, "A Managed Account, and its place here, are new."),
    "account.changed": EventType(Subject.MEMBER, "A field of the account or of the member changed."),
    "account.deactivated": EventType(Subject.MEMBER, "The person is out: no sign-in, no session, no licence."),
    "account.reactivated": EventType(Subject.MEMBER, "The person may come in again."),
    "account.locked": EventType(Subject.MEMBER, "An administrator’s emergency stop keeps the account inactive."),
    "account.lock_lifted": EventType(Subject.MEMBER, "The emergency stop ended; active or not is the IdP’s again."),
    "account.deleted": EventType(Subject.MEMBER, "The account is gone."),
    "account.restored": EventType(Subject.MEMBER, "A deleted account is back, under the same id."),
    "account.matched": EventType(Subject.MEMBER, "The identity provider keeps the account from now on."),
    "account.updated": EventType(Subject.MEMBER, "The account can be kept by the identity provider now."),
    "account.type_changed": EventType(Subject.MEMBER, "The account is kept by somebody else, or by its owner."),
    "member.added": EventType(Subject.MEMBER, "Somebody with an account joined."),
    "member.removed": EventType(Subject.MEMBER, "The member left; the account may go on elsewhere."),
    "member.role_changed": EventType(Subject.MEMBER, "The role is another."),
    "member.privileges_changed": EventType(Subject.MEMBER, "Extra privileges were given or taken."),
    "licence.assigned": EventType(Subject.MEMBER, "The member may use one more product."),
    "licence.withdrawn": EventType(Subject.MEMBER, "The member may use one product less."),
    "team.created": EventType(Subject.TEAM, "The team is new."),
    "team.renamed": EventType(Subject.TEAM, "The team’s name is another."),
    "team.changed": EventType(Subject.TEAM, "The id that the identity provider knows the team by is another."),
    "team.kept_by_idp": EventType(Subject.TEAM, "The identity provider keeps the team from now on."),
    "team.deleted": EventType(Subject.TEAM, "The team is gone, and everybody’s place in it."),
    "team.member_added": EventType(Subject.MEMBER, "The member is in one more team, whose id stands in `team`."),
    "team.member_removed": EventType(Subject.MEMBER, "The member is in one team less, whose id stands in `team`."),
}

_INITIATORS = {
    Kind.PROVISIONING: "system",
    Kind.TEAM_RULE: "policy",
    Kind.SAML: "user",
    Kind.VISITOR: "user",
}
_CODES = {product.label: product.value for product in Product}


def subject_id(change: Change) -> str:
    match TYPES[change.event].subject:
        case Subject.MEMBER:
            assert change.member
            return change.member.scim_id
        case Subject.TEAM:
            assert change.team
            return change.team.scim_id
        case Subject.ORGANIZATION:
            return change.organization.space_key
        case Subject.SUBSCRIPTION:
            return _CODES[change.subject]
        case Subject.DOMAIN:
            return change.subject


def initiator(change: Change) -> str:
    """Kind of who began the change, in the words of CAEP."""
    if change.by.kind is Kind.ACCOUNT and change.member and change.member.account_id == change.by.account_id:
        return "user"
    return _INITIATORS.get(change.by.kind, "admin")


def sides(change: Change) -> dict[str, list[Any]]:
    """Before and after, what follows from the change included; products by their codes."""
    fields: dict[str, list[Any]] = change.fields | change.derived
    if "licences" in fields:
        fields["licences"] = [[_CODES[label] for label in side] for side in fields["licences"]]
    return fields
