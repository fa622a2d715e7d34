"""Remedies of refusals in the identity provider, each with its screen there.

A refusal's own sentence says what was wrong and what can be mended here. This says the rest. A remedy
belongs to a kind of refusal and to the kinds made of it, unless they have one of their own.
"""

from typing import NamedTuple

from django.utils.translation import gettext_lazy as _

from members.models.address_refusals import AddressTaken, AddressTakenHere
from members.models.licence_refusals import NoFreeLicence, NoSubscription
from members.models.member.refusals import (
    AddressOutsideDomains,
    ExternalIdTaken,
    IsNulabAccount,
    ManagedElsewhere,
    NeedsUpdate,
    UniqueIdTaken,
)
from members.models.team_refusals import TeamNameTaken
from members.refusals import InvalidValue, Protected, Refusal
from members.texts import Text
from members.values_refusals import (
    DomainNotInAscii,
    DomainNotVerified,
    InvalidRole,
    InvalidUniqueId,
    NotAnAddress,
    UserNameMissing,
)
from provisioning.models.settings_refusals import NotEnabled, PassHasEnded
from provisioning.scim.groups.refusals import (
    GroupInGroup,
    GroupNameMissing,
    GroupsNotOffered,
    NoSuchGroup,
    NoSuchMembers,
)
from provisioning.scim.users.refusals import NoSuchUser
from provisioning.scim.wire import refusals as scim


class Place(NamedTuple):
    idp: str
    screen: Text
    # Okta and OneLogin are set up in English, whatever their administrators speak.
    is_english: bool


class Screen(NamedTuple):
    """A screen in each identity provider."""

    entra: Text
    okta: str
    onelogin: str
    cloudgate: Text

    @property
    def places(self) -> list[Place]:
        return [
            Place("Microsoft Entra ID", self.entra, is_english=False),
            Place("Okta", self.okta, is_english=True),
            Place("OneLogin", self.onelogin, is_english=True),
            Place("CloudGate UNO", self.cloudgate, is_english=False),
        ]


_SERVICE = _("Settings › Service providers › (the service) › Provisioning settings")
_USER = _("Account management › Users › (the person)")

MAPPING = Screen(
    _("Enterprise applications › (your application) › Provisioning › Attribute mapping"),
    "Provisioning › To App › Attribute Mappings",
    "Applications › Parameters",
    _SERVICE,
)
ROLES = Screen(
    _("App registrations › (your application) › App roles"),
    "Directory › Profile Editor › Attributes",
    "Applications › Parameters",
    _USER,
)
ASSIGNMENT = Screen(
    _("Enterprise applications › (your application) › Users and groups"),
    "Applications › Assignments",
    "Users › Applications",
    _("Account management › Users › (the person) › Services"),
)
PERSON = Screen(_("Users › (the person) › Properties"), "Directory › People › Profile", "Users › User Info", _USER)
RETRY = Screen(
    _("Enterprise applications › (your application) › Provisioning › Provision on demand"),
    "Dashboard › Tasks › Retry Selected",
    "Users › Provisioning",
    _USER,
)
CONNECTION = Screen(
    _("Enterprise applications › (your application) › Provisioning › Admin credentials"),
    "Provisioning › Integration › Edit",
    "Applications › Configuration",
    _SERVICE,
)
SWITCH = Screen(
    _("Enterprise applications › (your application) › Provisioning › Provisioning status"),
    "Provisioning › To App › Edit",
    "Applications › Provisioning › Enable provisioning",
    _SERVICE,
)
GROUPS = Screen(
    _("Enterprise applications › (your application) › Provisioning › Mappings for groups"),
    "Applications › Push Groups",
    "Applications › Rules",
    _SERVICE,
)
LOGS = Screen(
    _("Enterprise applications › (your application) › Provisioning › Provisioning logs"),
    "Reports › System Log",
    "Activity › Events",
    _SERVICE,
)


class Remedy(NamedTuple):
    screen: Screen
    action: Text

    @property
    def places(self) -> list[Place]:
        return self.screen.places


REMEDIES: dict[type[Refusal], Remedy] = {
    # -- the people
    AddressTaken: Remedy(
        PERSON,
        _(
            "An account outside this organization uses this address. If it is the same person's Nulab Account, invite "
            "that account and change its type; otherwise give the person another address."
        ),
    ),
    AddressTakenHere: Remedy(
        PERSON,
        _(
            "If it is the same person, let the IdP match by userName; "
            "if not, give one of the two another address in the directory."
        ),
    ),
    UniqueIdTaken: Remedy(
        MAPPING,
        _(
            "Map uniqueId to an attribute that differs from person to person, or remove the mapping: then a free "
            "Unique ID is chosen."
        ),
    ),
    ExternalIdTaken: Remedy(
        MAPPING,
        _(
            "Map externalId to an attribute that never changes and that is different for each person, such as the "
            "object ID. If the person is there twice, remove one of the two from the assignment."
        ),
    ),
    IsNulabAccount: Remedy(
        RETRY,
        _(
            "Change the account type here first, then synchronize the person again; or remove the person from the "
            "assignment."
        ),
    ),
    ManagedElsewhere: Remedy(
        ASSIGNMENT, _("Remove the person from the assignment: another organization manages this account.")
    ),
    NeedsUpdate: Remedy(RETRY, _("Update the account here first, then synchronize the person again.")),
    AddressOutsideDomains: Remedy(
        PERSON, _("Verify the domain here, or give the person an address in a verified domain in the directory.")
    ),
    Protected: Remedy(
        RETRY,
        _(
            "Hand this responsibility over to another person here first, then synchronize the person again. Until "
            "then, the person keeps their access."
        ),
    ),
    NoSuchUser: Remedy(
        RETRY,
        _("The account was deleted here. Synchronize the person again: the IdP then creates a new account."),
    ),
    scim.PreconditionFailed: Remedy(
        RETRY, _(
            "Two changes were made at the same time. You do not need to do anything: the IdP reads the person again "
            "and repeats the change."
        )
    ),
    # -- what is mapped
    DomainNotVerified: Remedy(
        MAPPING,
        _(
            "Verify the domain here if it is yours. Otherwise map userName and the work e-mail to addresses in a "
            "verified domain, or remove people without such an address from the assignment."
        ),
    ),
    DomainNotInAscii: Remedy(
        MAPPING, _("Map userName and the work e-mail to addresses whose domain is written in ASCII, with “xn--”.")
    ),
    NotAnAddress: Remedy(
        MAPPING, _("Map userName and the work e-mail to an attribute that contains each person's e-mail address.")
    ),
    UserNameMissing: Remedy(
        MAPPING, _("Map userName to an attribute that has a value for every person, such as the sign-in address.")
    ),
    InvalidUniqueId: Remedy(
        MAPPING,
        _("Map uniqueId to an attribute of letters, digits, “.”, “_” and “-” only, or remove the mapping."),
    ),
    InvalidRole: Remedy(
        ROLES,
        _("Name the roles ADMIN, USER and GUEST there, and assign one of them to the person."),
    ),
    InvalidValue: Remedy(
        PERSON, _("Correct this value in the directory, or remove its mapping, then synchronize the person again.")
    ),
    scim.InvalidFilter: Remedy(
        MAPPING, _("Choose userName or externalId as the matching attribute: people can be found by these.")
    ),
    scim.InvalidPath: Remedy(MAPPING, _("Correct the target attribute of this mapping, or delete the mapping.")),
    scim.NoTarget: Remedy(
        MAPPING, _("The target attribute names an entry that does not exist. Correct it, or delete the mapping.")
    ),
    scim.ReadOnly: Remedy(MAPPING, _("Delete the mapping of this attribute: this site sets it.")),
    scim.CannotBeRemoved: Remedy(
        MAPPING, _("Map it to an attribute that has a value for every person: an empty value was sent.")
    ),
    scim.WrongType: Remedy(
        MAPPING, _("Correct the source or the expression of this mapping, so that it returns such a value.")
    ),
    # -- licences and switches
    NoFreeLicence: Remedy(
        ASSIGNMENT,
        _(
            "Free up or buy licences here, or assign fewer people. The IdP tries again automatically in its next "
            "cycles."
        ),
    ),
    NoSubscription: Remedy(SWITCH, _("Start Nulab Pass again. Until then pause provisioning in the IdP.")),
    PassHasEnded: Remedy(
        SWITCH, _("Renew Nulab Pass. Until then pause provisioning in the IdP, or it is quarantined.")
    ),
    NotEnabled: Remedy(
        SWITCH,
        _(
            "Enable user provisioning here, or stop it in the IdP as well. If the IdP has paused it, restart it "
            "afterwards."
        ),
    ),
    # -- the connection
    scim.BadToken: Remedy(
        CONNECTION,
        _("Issue a new token here, paste it into the IdP as secret token, and press Test connection there."),
    ),
    scim.NoSuchAddress: Remedy(
        CONNECTION, _("Copy the SCIM URL from the Connection card again: this address does not exist.")
    ),
    # -- groups
    GroupsNotOffered: Remedy(GROUPS, _("Groups are taken now: turn group provisioning on again.")),
    NoSuchGroup: Remedy(
        GROUPS, _("The team was deleted here. Synchronize the group again: the IdP then creates a new team.")
    ),
    NoSuchMembers: Remedy(
        ASSIGNMENT,
        _(
            "Assign these people to the application, so that they get accounts here, or remove them from the group. "
            "The IdP then sends the group again."
        ),
    ),
    GroupInGroup: Remedy(
        ASSIGNMENT,
        _("Assign the inner group to the application itself: its people then get a team of their own."),
    ),
    GroupNameMissing: Remedy(GROUPS, _("Map displayName to the name of the group.")),
    TeamNameTaken: Remedy(
        GROUPS,
        _(
            "There is a team with this name here. Let the IdP match groups by displayName, so that it takes over that "
            "team; or rename one of the two."
        ),
    ),
    scim.TooManyRequests: Remedy(
        LOGS,
        _(
            "Identity providers send such requests again by themselves, so nothing is lost. If this comes again and "
            "again, check whether another program uses the token, or whether several applications provision this "
            "organization."
        ),
    ),
    scim.ServerFailure: Remedy(
        LOGS, _("The IdP tries again automatically. If the problem continues, send the request ID to support.")
    ),
    # All other breaches of the protocol: no identity provider sends them by itself.
    scim.ProtocolRefusal: Remedy(
        LOGS,
        _(
            "Identity providers do not normally send such requests. Check whether another program uses the token. If "
            "it was the IdP, give its support the log entry of this minute."
        ),
    ),
}  # fmt: skip


def remedy_for(code: str) -> Remedy | None:
    """The remedy for a refusal's code; None for one that no identity provider can meet with."""
    kinds = Refusal.by_code[code].__mro__ if code in Refusal.by_code else ()
    return next((REMEDIES[kind] for kind in kinds if kind in REMEDIES), None)
