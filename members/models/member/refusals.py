"""Refusals of changes to a member."""

from django.utils.translation import gettext_lazy as _

from members.refusals import NotEligible, Protected, Refusal, Taken

# -- values that are taken (member.py, profile.py)


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


# -- members on whom others depend (protection.py, role.py)


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


# -- what team rules give (role.py, licences.py)


class AtLeastByRule(Refusal):
    code = "at_least_by_rule"
    sentence = _(
        "The team “%(team)s” gives %(member)s a higher role (rule %(rule)s). "
        "Take %(member)s out of the team, or change the rule."
    )
    mended_at = "team-rules"


class LicenceByRule(Refusal):
    code = "licence_by_rule"
    sentence = _(
        "The team “%(team)s” gives %(member)s this %(product)s licence (rule %(rule)s). "
        "Take %(member)s out of the team, or change the rule."
    )
    mended_at = "team-rules"


# -- accounts that the IdP may not write (eligibility.py)


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


# -- licences (licences.py)


class InactiveHoldsNoLicence(Refusal):
    code = "inactive_holds_no_licence"
    sentence = _("%(member)s is inactive and cannot hold a licence.")


class PassBelongsToManaged(Refusal):
    code = "pass_belongs_to_managed"
    sentence = _("Pass licences are assigned to Managed Accounts automatically and cannot be assigned manually.")


# -- roles (role.py, member.py)


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


# -- the emergency stop (lock.py)


class KeptOut(Refusal):
    code = "kept_out"
    sentence = _(
        "%(member)s is kept out: locked by %(administrator)s. The lock ends when an administrator lifts it on the "
        "member page, or when the identity provider deactivates the person and then activates them again."
    )
    mended_at = "members"


class NotLocked(Refusal):
    code = "not_locked"
    sentence = _("%(member)s is not locked.")


# -- the keeper of the account (keeper.py)


class ReservedForSandbox(Refusal):
    code = "reserved_for_sandbox"
    sentence = _("In a sandbox, only the Nulab Account administrators are real people. No one else can be added.")


class AlreadyManaged(Refusal):
    code = "already_managed"
    sentence = _("%(member)s already has a Managed Account.")


class AdministratorElsewhere(Refusal):
    code = "administrator_elsewhere"
    sentence = _(
        "%(member)s is an administrator or plan admin of another organization, so the account cannot become a Managed "
        "Account. Ask %(member)s to give up that role first."
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
