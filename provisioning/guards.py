"""Rules that user provisioning adds to the domain."""

from typing import Any

from django.db.models import OuterRef, QuerySet

from members.actors import Actor
from members.models import Account, Domain, Event, Member, Organization
from members.models.change import Change
from members.openings import ABOUT_MEMBER, AFTER_CHANGE, LEAVES_ADMINISTRATION, REACTIVATES, REMOVES_DOMAIN
from provisioning import guards_refusals as refusals
from provisioning.guards_refusals import ReactivationByIdp
from provisioning.models import ProvisioningSettings, RefusedDeparture, ScimToken
from saml.openings import TURNS_SAML_OFF


@LEAVES_ADMINISTRATION.register
def keep_the_token_issuer(member: Member, by: Actor) -> None:
    token = ScimToken.objects.live().filter(organization=member.organization, issuer=member).first()
    if token:
        raise refusals.IsTokenIssuer(member=member.account.name, token=str(token))


@ABOUT_MEMBER.register
def know_of_the_warning(member: OuterRef) -> "tuple[str, QuerySet[Any]]":
    return RefusedDeparture.__name__, RefusedDeparture.objects.filter(member=member)


@REACTIVATES.register
def leave_reactivation_to_the_idp(member: Member, by: Actor) -> None:
    """Refuse reactivation here while the IdP keeps the account, unless only an administrator's lock stands."""
    is_kept = member.account.type == Account.Type.PROVISIONED
    if member.lock and member.lock.stands_alone:
        return
    if is_kept and ProvisioningSettings.is_enabled_for(member.organization):
        raise ReactivationByIdp(member=member.account.name)


@AFTER_CHANGE.register
def end_the_warning(change: Change) -> None:
    """Drop the warning about a leaver who is deactivated now."""
    if change.event == Event.ACCOUNT_DEACTIVATED and change.member:
        RefusedDeparture.forget_everywhere(change.member)


@REMOVES_DOMAIN.register
def keep_the_last_domain(domain: Domain, by: Actor) -> None:
    others = domain.organization.domains.filter(verified_at__isnull=False).exclude(pk=domain.pk)
    if ProvisioningSettings.is_enabled_for(domain.organization) and not others.exists():
        raise refusals.LastDomain(domain=domain.name)


@TURNS_SAML_OFF.register
def keep_saml_while_provisioning(organization: Organization, by: Actor) -> None:
    if ProvisioningSettings.is_enabled_for(organization):
        raise refusals.SamlIsNeeded
