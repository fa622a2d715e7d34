"""Every way in which the domain says no.

A refusal is a code, the figures that belong to it and one sentence that says what
was wrong and what to do next. The same sentence stands in the SCIM `detail`
(English), on the page and in the sync activity (the reader's language), so it is
kept as code and figures and put into words when somebody reads it.
"""

from typing import Any, ClassVar

from django.utils.formats import localize
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# What a page calls the field that a refusal is about.
LABELS = {
    "userName": _("Email"),
    "name": _("Name"),
    "display_name": _("Name"),
    "formatted_name": _("Formatted name"),
    "given_name": _("Given name"),
    "family_name": _("Family name"),
    "email": _("Email"),
}


class Refusal(Exception):
    """Forbidden by a rule of the product; nothing has been written."""

    code: ClassVar[str] = "refused"
    sentence: ClassVar[str | Promise] = _("This is not possible.")
    # The same for somebody who types the value or has it in a spreadsheet, where the sentence is an IdP's.
    by_hand: ClassVar[str | Promise] = ""
    # The name of the page where it can be mended; takes the space key.
    mended_at: ClassVar[str] = ""

    by_code: ClassVar[dict[str, type["Refusal"]]] = {}

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        Refusal.by_code[cls.code] = cls

    def __init__(self, **figures: Any) -> None:
        self.figures = {name: _plain(value) for name, value in figures.items()}
        super().__init__(self.code)

    def __str__(self) -> str:
        return self._put(self.sentence)

    @property
    def to_typist(self) -> str:
        """What stands beside a field or a cell."""
        field = self.figures.get("field")
        return self._put(self.by_hand or self.sentence, **{"field": LABELS[field]} if field in LABELS else {})

    def _put(self, sentence: str | Promise, **labels: str | Promise) -> str:
        return str(sentence) % ({name: _spoken(value) for name, value in self.figures.items()} | labels)

    @classmethod
    def recall(cls, code: str, figures: dict[str, Any]) -> "Refusal | None":
        """The refusal as it was raised, from what the sync activity kept of it."""
        kind = cls.by_code.get(code)
        return kind(**figures) if kind else None


def _plain(value: Any) -> Any:
    return value if isinstance(value, int | str | list) else str(value)


def _spoken(value: Any) -> Any:
    return ", ".join(str(part) for part in value) if isinstance(value, list) else localize(value)


class Taken(Refusal):
    """Somebody else has it: 409 on the SCIM wire."""


class InvalidValue(Refusal):
    """The value cannot be what it is meant for: 400 on the SCIM wire."""


class AddressTaken(Taken):
    # Outside the organization nobody may learn whose it is.
    code = "address_taken"
    sentence = _("There's already an account with that email.")


class AddressTakenHere(Taken):
    code = "address_taken_here"
    sentence = _(
        "There's already an account with that email. It belongs to %(member)s of this organization: "
        "match that account, or give this person another address."
    )
    by_hand = _(
        "There's already an account with that email. It belongs to %(member)s of this organization: give this person "
        "another address, or remove the person from the list."
    )
    mended_at = "members"


class UniqueIdTaken(Taken):
    code = "unique_id_taken"
    sentence = _("The Unique ID “%(unique_id)s” is taken by %(member)s. Choose another one.")
    mended_at = "members"


class ExternalIdTaken(Taken):
    # No longer raised, since an externalId may be several people's; the sync activity has it for 13 months.
    code = "external_id_taken"
    sentence = _(
        "The externalId “%(external_id)s” already belongs to %(member)s. "
        "Match that account, or send another externalId."
    )
    by_hand = _("The externalId “%(external_id)s” already belongs to %(member)s. Each person needs a different one.")
    mended_at = "members"


class AlreadyMember(Taken):
    code = "already_member"
    sentence = _("%(member)s is already a member of this organization.")


class InvitedAlready(Taken):
    code = "invited_already"
    sentence = _("%(email)s is already invited. Send the invitation again, or withdraw it first.")
    mended_at = "invitations"


class TeamNameTaken(Taken):
    code = "team_name_taken"
    sentence = _("There is already a team called “%(name)s”.")


class OrganizationIdTaken(Taken):
    code = "organization_id_taken"
    sentence = _("The organization ID “%(slug)s” is in use or was used before. Choose another one.")


class InvalidOrganizationId(InvalidValue):
    code = "invalid_organization_id"
    sentence = _(
        "“%(slug)s” cannot be an organization ID: use 3 to 20 lowercase letters, digits and hyphens, "
        "with a letter or digit at both ends."
    )


class UserNameMissing(InvalidValue):
    code = "user_name_missing"
    sentence = _("userName is required. Map it to the person's e-mail address in the identity provider.")
    by_hand = _("Enter the person's e-mail address.")


class NameMissing(InvalidValue):
    code = "name_missing"
    sentence = _("Enter a name.")


class InvalidText(InvalidValue):
    code = "invalid_text"
    sentence = _("“%(field)s” contains characters that cannot be stored. Remove control characters from it.")
    by_hand = _("This contains characters that cannot be stored. Remove control characters from it.")


class TextTooLong(InvalidValue):
    code = "text_too_long"
    sentence = _("“%(field)s” is longer than %(most)s characters. Shorten it.")
    by_hand = _("This is longer than %(most)s characters. Shorten it.")


class NotAnAddress(InvalidValue):
    code = "not_an_address"
    sentence = _("“%(value)s” is not an e-mail address. Map %(field)s to the person's e-mail address.")
    by_hand = _("“%(value)s” is not an e-mail address. Enter one such as name@example.com.")


class DomainNotVerified(InvalidValue):
    code = "domain_not_verified"
    sentence = _(
        "The e-mail domain “%(domain)s” is not verified for this organization. "
        "Verify it under Organization Settings › Domains, or use an address in a verified domain."
    )
    mended_at = "domains"


class InvalidUniqueId(InvalidValue):
    code = "invalid_unique_id"
    sentence = _("“%(unique_id)s” cannot be a Unique ID: use 2 to 50 of the letters a–z, digits, “.”, “_” and “-”.")


class InvalidRole(InvalidValue):
    code = "invalid_role"
    sentence = _("“%(value)s” is not a role. Send one of ADMIN, USER and GUEST.")
    by_hand = _("“%(value)s” is not a role. Write Administrator, Member or Guest.")


class InvalidLanguage(InvalidValue):
    code = "invalid_language"
    sentence = _("“%(value)s” is not a language of this site. Choose English or Japanese.")
    by_hand = _("“%(value)s” is not a language of this site. Write English or Japanese.")


class InvalidTimeZone(InvalidValue):
    code = "invalid_time_zone"
    sentence = _("“%(value)s” is not an IANA time zone name such as Asia/Tokyo.")


class InRow(Refusal):
    code = "in_row"
    sentence = _("Row %(row)s: %(reason)s")


class NotEnoughLicences(Refusal):
    code = "not_enough_licences"
    sentence = _(
        "This needs %(needed)s %(product)s licences, and %(free)s of %(bought)s are free. "
        "Buy more licences, deactivate members who no longer need theirs, or create fewer accounts."
    )
    mended_at = "licences"


class UnknownTeam(InvalidValue):
    code = "unknown_team"
    sentence = _("There is no team called “%(name)s”. Create it first, or correct the name.")


class Protected(Refusal):
    """Somebody whose standing others depend on: the IdP's refusal is told to the administrators."""


class LastAdministrator(Protected):
    code = "last_administrator"
    sentence = _(
        "%(member)s is the last active administrator of this organization. "
        "Make another active member an administrator first."
    )
    mended_at = "members"


class LastPlanAdmin(Protected):
    code = "last_plan_admin"
    sentence = _("%(member)s is the last active plan admin of this organization. Make another member plan admin first.")
    mended_at = "members"


class IsYourself(Refusal):
    code = "is_yourself"
    sentence = _(
        "%(member)s is your own account. Change or remove yourself on your own member page, not together with others."
    )
    mended_at = "members"


class NotAsShown(Refusal):
    code = "not_as_shown"
    sentence = _(
        "%(member)s has been changed since the page was opened, so the result would not be what the page showed. "
        "Nothing was done for this person: open the page again."
    )


class NotEligible(Refusal):
    """The IdP may not write this account."""


class IsNulabAccount(NotEligible):
    code = "is_nulab_account"
    sentence = _(
        "%(member)s has a Nulab Account, which its owner manages, so the organization and its identity provider cannot "
        "change it. Change the account type to Managed Account under Review existing accounts first."
    )
    mended_at = "provisioning-review"


class ManagedElsewhere(NotEligible):
    code = "managed_elsewhere"
    sentence = _("%(member)s's account is managed by another organization, so only that organization can change it.")


class NeedsUpdate(NotEligible):
    code = "needs_update"
    sentence = _(
        "%(member)s's account was created before 16 January 2023. Choose Update next to it under Review existing "
        "accounts, then synchronize again."
    )
    mended_at = "provisioning-review"


class AddressOutsideDomains(NotEligible):
    code = "address_outside_domains"
    sentence = _(
        "%(member)s's address is in the domain “%(domain)s”, which is not verified for this organization. "
        "Verify that domain under Organization Settings › Domains."
    )
    mended_at = "domains"


class NoFreeLicence(Refusal):
    code = "no_free_licence"
    sentence = _(
        "All %(bought)s %(product)s licences are in use, and this needs one more. "
        "Buy more licences, or deactivate members who no longer need theirs."
    )
    mended_at = "licences"


class NoSubscription(Refusal):
    code = "no_subscription"
    sentence = _("This organization has no %(product)s subscription. Start one first, or contact support.")
    mended_at = "licences"


class InactiveHoldsNoLicence(Refusal):
    code = "inactive_holds_no_licence"
    sentence = _("%(member)s is inactive and cannot hold a licence.")


class PassBelongsToManaged(Refusal):
    code = "pass_belongs_to_managed"
    sentence = _("Pass licences are assigned to Managed Accounts automatically and cannot be assigned manually.")


class AtMostMember(Refusal):
    code = "at_most_member"
    sentence = _(
        "%(member)s's account is managed by another organization, so the role here can only be Member or Guest, not "
        "Administrator."
    )


class NoPlanAdmin(Refusal):
    code = "no_plan_admin"
    sentence = _(
        "%(member)s's account is managed by another organization, which can deactivate it at any time, so it cannot be "
        "plan admin here."
    )


class ReactivationByIdp(Refusal):
    code = "reactivation_by_idp"
    sentence = _(
        "%(member)s is kept by the identity provider. Activate the person there; or disable user provisioning if the "
        "identity provider cannot be reached."
    )
    mended_at = "provisioning"


class KeptOut(Refusal):
    code = "kept_out"
    sentence = _(
        "%(member)s is kept out: locked by %(administrator)s. The lock ends when an administrator lifts it on the "
        "member page, or when the identity provider deactivates the person and then activates them again."
    )
    mended_at = "members"


class AlreadyLocked(Refusal):
    code = "already_locked"
    sentence = _("%(member)s is already locked by %(administrator)s.")


class NotLocked(Refusal):
    code = "not_locked"
    sentence = _("%(member)s is not locked.")


class AlreadyManaged(Refusal):
    code = "already_managed"
    sentence = _("%(member)s already has a Managed Account.")


class HasNoPassword(Refusal):
    code = "has_no_password"
    sentence = _(
        "This account has no password: its organization signs you in through its identity provider, "
        "or it has been deactivated."
    )


class WrongCode(Refusal):
    code = "wrong_code"
    sentence = _(
        "This code is wrong or was already used. Enter the code that your app shows now. If this happens again, check "
        "the clock of your device."
    )


class CodesLocked(Refusal):
    code = "codes_locked"
    sentence = _("Too many wrong codes: wait 15 minutes, then sign in again.")


class TooManyResets(Refusal):
    code = "too_many_resets"
    sentence = _("Too many emails were requested: use the link in the last one, or try again in an hour.")


class SecondFactorIsThere(Refusal):
    code = "second_factor_is_there"
    sentence = _("An authenticator app is already set up. Remove it first to set up another one.")


class NoSecondFactor(Refusal):
    code = "no_second_factor"
    sentence = _("%(account)s has no second factor: only the password is needed to sign in.")


class KeptByOrganization(Refusal):
    code = "kept_by_organization"
    sentence = _(
        "An organization manages this account: only its administrators or its identity provider can change its name "
        "and address, delete it, or remove it from the organization."
    )


class NeedsNoUpdate(Refusal):
    code = "needs_no_update"
    sentence = _("%(member)s's account is already up to date.")


class ActiveOnly(Refusal):
    code = "active_only"
    sentence = _("%(member)s is inactive. Only an active account can become a Nulab Account.")


class NoNulabInSandbox(Refusal):
    code = "no_nulab_in_sandbox"
    sentence = _("The invented people of a sandbox cannot become Nulab Accounts.")


class DomainInUse(Refusal):
    code = "domain_in_use"
    sentence = _(
        "%(accounts)s Managed Accounts use addresses in “%(domain)s”. "
        "Change their addresses or delete the accounts before removing the domain."
    )
    mended_at = "members"


class DomainHasNoCode(Refusal):
    code = "domain_has_no_code"
    sentence = _(
        "The DNS of “%(domain)s” does not show the TXT record “%(record)s” yet. "
        "Add it, wait until it is published (up to an hour), and verify again."
    )


class TooManyLookups(Refusal):
    code = "too_many_lookups"
    sentence = _("DNS was asked %(most)s times within a minute. Wait a minute, then verify again.")


class DnsBusy(Refusal):
    code = "dns_busy"
    sentence = _("Another domain is being checked right now. Verify again in a few seconds.")


class InvalidDomain(InvalidValue):
    code = "invalid_domain"
    sentence = _("“%(domain)s” is not a mail domain such as example.com.")


class DomainAdded(Taken):
    code = "domain_added"
    sentence = _("The domain “%(domain)s” is already on the list.")


class ReservedForSandbox(Refusal):
    code = "reserved_for_sandbox"
    sentence = _("In a sandbox, only the Nulab Account administrators are real people. No one else can be added.")


class NoInvitationsInSandbox(Refusal):
    code = "no_invitations_in_sandbox"
    sentence = _("A sandbox sends no mail and only its administrators are real people, so no one can be invited to it.")


class MayNotInvite(Refusal):
    code = "may_not_invite"
    sentence = _(
        "Your role does not allow you to invite people. Administrators can invite with every role; members with the "
        "privilege “Invite users” can invite members and guests."
    )


class TooManyInvitations(Refusal):
    code = "too_many_invitations"
    sentence = _("%(most)s invitations are open, which is the limit. Withdraw those that are no longer needed.")
    mended_at = "invitations"


class TooManyMails(Refusal):
    code = "too_many_mails"
    sentence = _("%(most)s invitations were sent within the last hour, which is the limit. Try again later.")


class TooSoon(Refusal):
    code = "too_soon"
    sentence = _("The last email to %(email)s was sent less than a minute ago. Wait a minute, then send it again.")


class InvitationIsOver(Refusal):
    code = "invitation_is_over"
    sentence = _(
        "This invitation has been accepted or withdrawn, or the person who sent it can no longer invite. Ask an "
        "administrator of the organization for a new one."
    )


class InviterLeft(Refusal):
    code = "inviter_left"
    sentence = _("%(inviter)s can no longer invite people with this role. Withdraw the invitation and send a new one.")


class RestoreNeeds(Refusal):
    code = "restore_needs"
    sentence = _("%(taken)s is now used by another account. Give the restored account a different one.")


class RestoreTooLate(Refusal):
    code = "restore_too_late"
    sentence = _("%(member)s was deleted more than 30 days ago, or has already been restored.")


class AdministratorElsewhere(Refusal):
    code = "administrator_elsewhere"
    sentence = _(
        "%(member)s is an administrator or plan admin of another organization, so the account cannot become a Managed "
        "Account. Ask %(member)s to give up that role first."
    )
