"""Changes of an account's keeper: the question with its consequences, and the verb. More than one page asks them.

`back` is the address of the page that asks.
"""

from django.http import HttpResponse
from django.utils.translation import gettext as _

from members.console.confirmation import Confirmation
from members.console.pages import OrganizationRequest
from members.models import Member
from members.people.asking import confirm_change


def to_managed(request: OrganizationRequest, member: Member, back: str) -> HttpResponse:
    name = {"member": member.account.name}
    question = Confirmation(
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
    return confirm_change(request, member, question, lambda member: member.convert_to_managed(by=request.actor))


def to_nulab(request: OrganizationRequest, member: Member, back: str) -> HttpResponse:
    name = {"member": member.account.name}
    question = Confirmation(
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
    return confirm_change(request, member, question, lambda member: member.convert_to_nulab(by=request.actor))


def update(request: OrganizationRequest, member: Member, back: str) -> HttpResponse:
    name = {"member": member.account.name}
    question = Confirmation(
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
    return confirm_change(request, member, question, lambda member: member.bring_up_to_date(by=request.actor))
