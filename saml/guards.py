"""Rules that SAML adds to the domain."""

from members.actors import Actor
from members.models import Member
from members.openings import LEAVES_EMERGENCY
from saml.models import SamlSettings
from saml.models.settings_refusals import LastEmergencyAdministrator


@LEAVES_EMERGENCY.register
def keep_an_emergency_administrator(member: Member, by: Actor) -> None:
    if member.is_last_emergency_administrator() and SamlSettings.is_enabled_for(member.organization):
        raise LastEmergencyAdministrator(member=member.account.name)
