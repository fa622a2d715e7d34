"""What an administrator does about a refusal in the identity provider, and on which of its screens.

A refusal's own sentence says what was wrong and what can be mended here. This says the rest. A remedy
belongs to a kind of refusal and to the kinds made of it, unless they have one of their own.
"""

from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from members import refusals
from members.refusals import Refusal
from provisioning import refusals as own
from provisioning.scim import refusals as scim

Text = str | Promise


class Place(NamedTuple):
    idp: str
    screen: Text
    # Okta and OneLogin are set up in English, whatever their administrators speak.
    is_english: bool


class Screen(NamedTuple):
    """Where a job is done."""

    entra: Text
    okta: str
    onelogin: str

    @property
    def places(self) -> list[Place]:
        return [
            Place("Microsoft Entra ID", self.entra, is_english=False),
            Place("Okta", self.okta, is_english=True),
            Place("OneLogin", self.onelogin, is_english=True),
        ]


MAPPING = Screen(
    _("Enterprise applications › (your application) › Provisioning › Attribute mapping"),
    "Provisioning › To App › Attribute Mappings",
    "Applications › Parameters",
)
ROLES = Screen(
    _("App registrations › (your application) › App roles"),
    "Directory › Profile Editor › Attributes",
    "Applications › Parameters",
)
ASSIGNMENT = Screen(
    _("Enterprise applications › (your application) › Users and groups"),
    "Applications › Assignments",
    "Users › Applications",
)
PERSON = Screen(_("Users › (the person) › Properties"), "Directory › People › Profile", "Users › User Info")
RETRY = Screen(
    _("Enterprise applications › (your application) › Provisioning › Provision on demand"),
    "Dashboard › Tasks › Retry Selected",
    "Users › Provisioning",
)
CONNECTION = Screen(
    _("Enterprise applications › (your application) › Provisioning › Admin credentials"),
    "Provisioning › Integration › Edit",
    "Applications › Configuration",
)
SWITCH = Screen(
    _("Enterprise applications › (your application) › Provisioning › Provisioning status"),
    "Provisioning › To App › Edit",
    "Applications › Provisioning › Enable provisioning",
)
GROUPS = Screen(
    _("Enterprise applications › (your application) › Provisioning › Mappings for groups"),
    "Applications › Push Groups",
    "Applications › Rules",
)
LOGS = Screen(
    _("Enterprise applications › (your application) › Provisioning › Provisioning logs"),
    "Reports › System Log",
    "Activity › Events",
)


class Remedy(NamedTuple):
    screen: Screen
    action: Text

    @property
    def places(self) -> list[Place]:
        return self.screen.places


REMEDIES: dict[type[Refusal], Remedy] = {
    # -- the people
    refusals.AddressTaken: Remedy(
        PERSON,
        _(
            "Somebody outside this organization signs in with this address, perhaps the same person with a Nulab "
            "Account: invite that account and change its type, or give the person another address."
        ),
    ),
    refusals.AddressTakenHere: Remedy(
        PERSON,
        _(
            "If it is the same person, let the IdP match by userName; "
            "if not, give one of the two another address in the directory."
        ),
    ),
    refusals.UniqueIdTaken: Remedy(
        MAPPING,
        _(
            "Map uniqueId to an attribute that differs from person to person, "
            "or take the mapping out: then a free Unique ID is chosen."
        ),
    ),
    refusals.ExternalIdTaken: Remedy(
        MAPPING,
        _(
            "Map externalId to an attribute that never changes and that nobody shares, such as the object ID. "
            "Is the person there twice? Take one out of the assignment."
        ),
    ),
    refusals.IsNulabAccount: Remedy(
        RETRY,
        _("Change the account type here first, then push the person again; or take the person out of the assignment."),
    ),
    refusals.ManagedElsewhere: Remedy(
        ASSIGNMENT, _("Take the person out of the assignment: another organization keeps this account.")
    ),
    refusals.NeedsUpdate: Remedy(RETRY, _("Update the account here first, then push the person again.")),
    refusals.AddressOutsideDomains: Remedy(
        PERSON, _("Verify the domain here, or give the person an address in a verified domain in the directory.")
    ),
    refusals.Protected: Remedy(
        RETRY,
        _("Hand the task over to somebody else here first, then push the person again: until then a leaver stays in."),
    ),
    scim.NoSuchUser: Remedy(
        RETRY,
        _("The account was deleted here. Push the person again: the IdP then looks for the person and creates anew."),
    ),
    scim.PreconditionFailed: Remedy(
        RETRY, _("Two changes met. Nothing is to be mended: the IdP reads the person again and repeats it.")
    ),
    # -- what is mapped
    refusals.DomainNotVerified: Remedy(
        MAPPING,
        _(
            "Verify the domain here if it is yours. Otherwise map userName and the work e-mail to addresses in a "
            "verified domain, or take people without one out of the assignment."
        ),
    ),
    refusals.NotAnAddress: Remedy(
        MAPPING, _("Map userName and the work e-mail to an attribute that holds everybody's e-mail address.")
    ),
    refusals.UserNameMissing: Remedy(
        MAPPING, _("Map userName to an attribute that is filled in for everybody, such as the sign-in address.")
    ),
    refusals.InvalidUniqueId: Remedy(
        MAPPING,
        _("Map uniqueId to an attribute of letters, digits, “.”, “_” and “-” only, or take the mapping out."),
    ),
    refusals.InvalidRole: Remedy(
        ROLES,
        _("Name the roles ADMIN, USER and GUEST there, and assign one of them to the person."),
    ),
    refusals.InvalidValue: Remedy(
        PERSON, _("Correct this value in the directory, or take its mapping out, then push the person again.")
    ),
    scim.InvalidFilter: Remedy(
        MAPPING, _("Choose userName or externalId as the matching attribute: people can be searched by these.")
    ),
    scim.InvalidPath: Remedy(MAPPING, _("Correct the target attribute of this mapping, or delete the mapping.")),
    scim.NoTarget: Remedy(
        MAPPING, _("The target attribute names an entry that nobody has. Correct it, or delete the mapping.")
    ),
    scim.ReadOnly: Remedy(MAPPING, _("Delete the mapping of this attribute: it is kept here.")),
    scim.CannotBeRemoved: Remedy(
        MAPPING, _("Map it to an attribute that is filled in for everybody: it was sent as empty.")
    ),
    scim.WrongType: Remedy(
        MAPPING, _("Correct the source or the expression of this mapping, so that it yields such a value.")
    ),
    # -- licences and switches
    refusals.NoFreeLicence: Remedy(
        ASSIGNMENT,
        _("Free or buy licences here, or assign fewer people. The IdP tries again by itself in its next cycles."),
    ),
    refusals.NoSubscription: Remedy(SWITCH, _("Start Nulab Pass again. Until then pause provisioning there.")),
    own.PassHasEnded: Remedy(
        SWITCH, _("Renew Nulab Pass. Until then pause provisioning there, or the IdP puts it into quarantine.")
    ),
    own.NotEnabled: Remedy(
        SWITCH,
        _("Enable user provisioning here, or stop it there too. If the IdP has paused it, start it again afterwards."),
    ),
    # -- the connection
    scim.BadToken: Remedy(
        CONNECTION,
        _("Issue a new token here, paste it there as secret token, and press Test connection."),
    ),
    scim.NoSuchAddress: Remedy(
        CONNECTION, _("Copy the SCIM URL from the Connection card again: this address does not exist.")
    ),
    scim.GroupsNotOffered: Remedy(GROUPS, _("Switch the provisioning of groups off there.")),
    scim.ServerFailure: Remedy(
        LOGS, _("The IdP tries again by itself. If it goes on, send the request ID to support.")
    ),
    # Whatever else breaks the protocol: no identity provider sends it by itself.
    scim.ProtocolRefusal: Remedy(
        LOGS,
        _(
            "Identity providers do not send this by themselves. Is something else using the token? "
            "If it was the IdP, its support needs the log entry of this minute."
        ),
    ),
}  # fmt: skip


def remedy_for(code: str) -> Remedy | None:
    """By a refusal's code; None for what no identity provider can meet with."""
    kinds = Refusal.by_code[code].__mro__ if code in Refusal.by_code else ()
    return next((REMEDIES[kind] for kind in kinds if kind in REMEDIES), None)
