"""Aozora Design: fifty people, two weeks of synchronization, and an administrator who takes over today."""

from demo.activity import two_weeks
from demo.organizations import BY, FREE_PASSES, make_ready, person
from demo.past import move_back
from demo.people import COLLEAGUES, HELD_LICENCES, PRIVILEGES, TEAMS, Colleague, former
from members import actors
from members.actors import Actor
from members.models import Member, Organization, Product, Role, Subscription, Team
from provisioning.models import Lifetime, ProvisioningSettings, ScimToken

CACOO, TYPETALK = 25, 15
People = list[tuple[Colleague, Member]]


def create(certificate: str) -> None:
    """A company in the midst of its work, whose SCIM token has just expired and whose provisioning is off."""
    organization = Organization.objects.register(name="Aozora Design", slug="aozora", by=BY)
    aiko = person("aiko.tanaka@aozora.example", "Aiko Tanaka")
    administrator = Member.objects.add(organization, aiko, role=Role.ADMIN, by=BY)
    managed = [colleague for colleague in COLLEAGUES if colleague.type != "nulab" and colleague.is_active]
    make_ready(organization, "aozora.example", len(managed) + FREE_PASSES, certificate)
    Subscription.objects.buy(organization, Product.CACOO, CACOO, by=BY)
    Subscription.objects.buy(organization, Product.TYPETALK, TYPETALK, by=BY)

    provisioning = ProvisioningSettings.of(organization)
    provisioning.enable(issuer=administrator, name="Entra production", lifetime=Lifetime.QUARTER, by=BY)
    token = ScimToken.objects.live().get(organization=organization)
    idp = actors.identity_provider(token_id=token.pk, ip_address="198.51.100.20", user_agent="Demo identity provider")
    people = [(colleague, _join(organization, colleague, idp)) for colleague in COLLEAGUES]
    _form_teams(organization, administrator, people)
    _synchronize(people, idp)
    _leave(people, idp)
    _assign_licences(people)
    provisioning.disable(by=BY)

    move_back(organization, token, people)
    two_weeks(organization, token)


def _join(organization: Organization, colleague: Colleague, idp: Actor) -> Member:
    if colleague.type == "nulab":
        account = person(colleague.address, colleague.name, colleague.language)
        return Member.objects.add(organization, account, role=colleague.role, by=BY)
    is_provisioned = colleague.type == "provisioned"
    given, family = colleague.names
    before = former(colleague)
    member = Member.objects.create_managed(
        organization,
        {
            "user_name": colleague.address,
            "email": colleague.address,
            "display_name": before.name,
            "given_name": given,
            "family_name": family,
            "language": before.language,
            "time_zone": "Asia/Tokyo",
        },
        role=before.role,
        unique_id=colleague.unique_id,
        external_id=colleague.object_id if is_provisioned else None,
        by=idp if is_provisioned else BY,
    )
    if colleague.local in PRIVILEGES:
        member.change_privileges(**PRIVILEGES[colleague.local], by=BY)
    return member


def _form_teams(organization: Organization, administrator: Member, people: People) -> None:
    teams = {name: Team.objects.create_team(organization, name, by=BY) for name in TEAMS}
    teams["Design"].add(administrator, by=BY)
    for colleague, member in people:
        for name in colleague.teams:
            teams[name].add(member, by=BY)


def _synchronize(people: People, idp: Actor) -> None:
    """Synchronize the latest changes in the directory."""
    for colleague, member in people:
        before = former(colleague)
        if before.role != colleague.role:
            member.change_role(colleague.role, by=idp)
        if before.name != colleague.name:
            member.change_profile({"display_name": colleague.name}, by=idp)
        if before.language != colleague.language:
            member.change_profile({"language": colleague.language}, by=idp)


def _leave(people: People, idp: Actor) -> None:
    for colleague, member in people:
        if colleague.local in HELD_LICENCES:
            member.assign_licence(Product.CACOO, by=BY)
            member.assign_licence(Product.TYPETALK, by=BY)
        if not colleague.is_active:
            member.deactivate(by=idp if colleague.type == "provisioned" else BY)


def _assign_licences(people: People) -> None:
    """Cacoo nearly full, Typetalk full."""
    present = [member for colleague, member in people if colleague.is_active]
    for member in present[: CACOO - 1]:
        member.assign_licence(Product.CACOO, by=BY)
    for member in present[: 2 * TYPETALK : 2]:
        member.assign_licence(Product.TYPETALK, by=BY)
