"""What SAML adds to the domain's rules."""

from members.actors import Actor
from members.guards import Occasion, guard
from members.models import Member
from saml import refusals
from saml.models import SamlSettings


@guard(Occasion.LEAVES_EMERGENCY)
def keep_an_emergency_administrator(member: Member, by: Actor) -> None:
    if member.is_last_emergency_administrator() and SamlSettings.is_enabled_for(member.organization):
        raise refusals.LastEmergencyAdministrator(member=member.account.name)
