"""The questions about the keeper of an account, with their consequences; asked on more than one page."""

from django.utils.translation import gettext as _

from members.console.confirmation import Confirmation
from members.models import Member


def to_managed(member: Member, back: str) -> Confirmation:
    name = {"member": member.account.name}
    return Confirmation(
        title=_("Change %(member)s to a Managed Account?") % name,
        verb=_("Change to Managed Account"),
        tone="primary",
        consequences=[
            _("%(organization)s manages the account from now on. The person cannot delete it or change its e-mail.")
            % {"organization": member.organization.name},
            _("The password stops working and all sessions end. The person signs in through your IdP."),
            _("Memberships in other organizations stay, and one Pass licence is used."),
            _("The person gets an email about it."),
        ],
        back=back,
        success=_("%(member)s has a Managed Account now.") % name,
    )


def to_nulab(member: Member, back: str) -> Confirmation:
    name = {"member": member.account.name}
    return Confirmation(
        title=_("Change %(member)s to a Nulab Account?") % name,
        verb=_("Change to Nulab Account"),
        consequences=[
            _("The person manages the account from now on and gets an email with a link to set a password."),
            _("All sessions end. The Pass licence is given back."),
            _("The externalId is cleared, and everything the IdP sends for this person is refused."),
        ],
        back=back,
        success=_("%(member)s has a Nulab Account now.") % name,
    )


def update(member: Member, back: str) -> Confirmation:
    name = {"member": member.account.name}
    return Confirmation(
        title=_("Update the account of %(member)s?") % name,
        verb=_("Update account"),
        tone="primary",
        consequences=[
            _(
                "The account gets the data that user provisioning needs and that accounts from before 16 January 2023 "
                "lack."
            ),
            _("Name, addresses, role and licences do not change."),
        ],
        back=back,
        success=_("The account of %(member)s is up to date.") % name,
    )
