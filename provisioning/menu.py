"""What provisioning adds to the frame: its page, and the banner about leavers who are still in."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from members.models import Organization
from members.navigation import ACCESS, Banner, Entry, add_entry, banner_source
from provisioning.models import RefusedDeparture

add_entry(Entry(ACCESS, _("User provisioning"), "refresh", "provisioning", 2))


@banner_source
def leavers_still_in(organization: Organization) -> list[Banner]:
    waiting = RefusedDeparture.objects.filter(organization=organization).select_related("member__account")[:5]
    return [
        Banner(
            "danger",
            _("The IdP wants %(member)s out, but was refused: %(reason)s")
            % {"member": departure.member.account.name, "reason": departure.reason},
            reverse("member", args=[organization.space_key, departure.member.scim_id]),
            _("Show member"),
        )
        for departure in waiting
    ]
