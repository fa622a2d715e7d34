"""What has to be so before a page can do what it is for, beside what every organization here has."""

from collections.abc import Callable

from django.utils import timezone

from api.models import Endpoint
from members.models import Account, Invitation, Member, Outgoing, Role, SecondFactor, Unmet
from members.models.second_factor import new_secret
from members.models.team_rules.unmet import What
from members.sealing import hash_of, seal
from provisioning.models import ProvisioningSettings, ScimToken
from saml.models import SamlSettings
from tests.access.things import Things
from tests.cast import OPERATOR, page_actor

SITUATIONS: dict[str, Callable[[Things], None]] = {}


def situation(prepare: Callable[[Things], None]) -> Callable[[Things], None]:
    SITUATIONS[prepare.__name__] = prepare
    return prepare


@situation
def provisioning_off(its: Things) -> None:
    ProvisioningSettings.of(its["organization"]).disable(by=OPERATOR)


@situation
def nothing_issued(its: Things) -> None:
    provisioning_off(its)
    ScimToken.objects.filter(organization=its["organization"]).update(revoked_at=timezone.now())


@situation
def saml_off(its: Things) -> None:
    provisioning_off(its)
    SamlSettings.of(its["organization"]).disable(by=OPERATOR)


@situation
def saml_draft(its: Things) -> None:
    idp = "https://idp.another.example"
    SamlSettings.of(its["organization"]).propose(entity_id=f"{idp}/metadata", sso_url=f"{idp}/sso", by=OPERATOR)


@situation
def mail_given_up(its: Things) -> None:
    Outgoing.objects.filter(pk=its["mail"]).update(state=Outgoing.State.FAILED, ended_at=timezone.now())


@situation
def endpoint_paused(its: Things) -> None:
    Endpoint.objects.get(pk=its["endpoint"]).pause(by=OPERATOR)


@situation
def invited(its: Things) -> None:
    """Somebody who has an account already: once an administrator, by now with no place here."""
    administrator = _administrator(its)
    invitation = Invitation.objects.invite(
        administrator, its["former_address"], role=Role.USER, by=page_actor(administrator)
    )
    Invitation.objects.filter(pk=invitation.pk).update(token_hash=hash_of(its["formers_link"]))


@situation
def invited_by_inviter(its: Things) -> None:
    """The inviter's own, which is not an administrator's."""
    inviter: Member = its["organization"].members.get(can_invite=True)
    Invitation.objects.filter(pk=its["invitation"]).update(invited_by=inviter)


@situation
def waiting(its: Things) -> None:
    """Somebody waits for what a rule brings."""
    member = its["organization"].members.get(scim_id=its["mia"])
    Unmet.objects.create(organization=its["organization"], member=member, what=What.ROLE)


@situation
def locked(its: Things) -> None:
    """Kenji, by hand, against the identity provider."""
    its["organization"].members.get(scim_id=its["kenji"]).deactivate(by=page_actor(_administrator(its)))


@situation
def second_factors(its: Things) -> None:
    """Everybody who may has one; setting it up would end the sessions."""
    owners = Account.objects.filter(type=Account.Type.NULAB, second_factor=None)
    SecondFactor.objects.bulk_create(
        SecondFactor(account=owner, secret=seal(new_secret()), last_step=0) for owner in owners
    )


def _administrator(its: Things) -> Member:
    found: Member = its["organization"].members.administrators().order_by("pk")[0]
    return found
