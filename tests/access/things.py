"""What stands in an organization for somebody to open, change or take away: the same in Aozora and next door.

The table names them: {mia}, {team}, {token}. Whatever is an id has a twin in the other organization.
"""

import datetime
from typing import Any

from django.utils import timezone

from api.models import App, AppKey, AppRecord, Delivery, Endpoint, Lifetime, PersonalToken
from members import mail
from members.console.one_time_links import name_of
from members.models import (
    Account,
    DeletedAccount,
    Domain,
    Invitation,
    Member,
    Organization,
    Outgoing,
    Product,
    Role,
    Team,
    TeamRule,
)
from members.models.team_rules.brought import Gives
from members.sealing import hash_of
from saml.models import SamlSettings, SignInRequest
from tests.access.visitors import Visitor
from tests.cast import OPERATOR, managed, nulab, nulab_account, page_actor, provisioned, scim_token
from tests.cast.saml_messages import key_pair
from tests.scim import Idp

LONG_AGO = datetime.datetime(2020, 4, 1, tzinfo=datetime.UTC)
# Not ids: what somebody types, or what is the same next door.
WORDS = {"organization", "space_key", "slug", "certificate", "metadata", "owner_address"}
METADATA = (
    '<EntityDescriptor xmlns="urn:oasis:names:tc:SAML:2.0:metadata" entityID="https://idp.new.example/metadata">'
    '<IDPSSODescriptor protocolSupportEnumeration="urn:oasis:names:tc:SAML:2.0:protocol"><KeyDescriptor use="signing">'
    '<KeyInfo xmlns="http://www.w3.org/2000/09/xmldsig#"><X509Data><X509Certificate>{}</X509Certificate></X509Data>'
    '</KeyInfo></KeyDescriptor><SingleSignOnService Binding="urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"'
    ' Location="https://idp.new.example/sso"/></IDPSSODescriptor></EntityDescriptor>'
)

Things = dict[str, Any]


def people(organization: Organization) -> dict[str, Member]:
    """One for each thing that can be done to a member; the licences of the tests' organizations suffice."""
    found = {
        "mia": managed(organization, "mia"),
        "kenji": provisioned(organization, "kenji"),
        "stopped": managed(organization, "nao"),
        "outdated": managed(organization, "yuki"),
        "owner": nulab(organization, "emi"),
        "deputy": nulab(organization, "dan", role=Role.ADMIN),
    }
    found["stopped"].deactivate(by=OPERATOR)
    # So that nobody else is the last one.
    found["deputy"].change_privileges(is_plan_admin=True, by=OPERATOR)
    Account.objects.filter(pk=found["outdated"].account_id).update(created_at=LONG_AGO)
    found["mia"].assign_licence(Product.TYPETALK, by=OPERATOR)
    return found


def things(organization: Organization, administrator: Member) -> Things:
    """Of one organization, by the names that the table has for them; ids as text."""
    token, secret = scim_token(organization, administrator)
    members = people(organization)
    ids = {name: member.scim_id for name, member in members.items()}
    rows = {f"{name}_pk": str(member.pk) for name, member in members.items()}
    accounts = {f"{name}_account": str(member.account_id) for name, member in members.items()}
    platform = _team(organization, "Platform", members["kenji"])
    uid, key = mail.set_password_link(members["owner"].account).split("/")[-2:]
    return {
        "organization": organization,
        "space_key": organization.space_key,
        "slug": organization.slug,
        "secret": secret,
        "token": str(token.pk),
        **_api(administrator),
        "team": platform.scim_id,
        "team_pk": str(platform.pk),
        **_ruled(organization),
        "uid": uid,
        "key": key,
        "owner_name": name_of(f"{uid}/{key}"),
        "certificate": key_pair(f"third of {organization.slug}").certificate,
        "owner_address": members["owner"].account.email,
        "organization_pk": str(organization.pk),
        "cacoo_pk": str(organization.subscriptions.get(product=Product.CACOO).pk),
        **ids, **rows, **accounts,
        **_domains(organization),
        **_saml(organization, administrator),
        **_invitations(organization, administrator),
        **_left_behind(organization, secret),
        **_told(organization),
    }  # fmt: skip


def _api(administrator: Member) -> Things:
    """A personal access token, and a key of an app, which belongs to no organization."""
    personal, _ = PersonalToken.objects.issue(
        administrator, name="Report", lifetime=Lifetime.YEAR, by=page_actor(administrator)
    )
    key, _ = AppKey.objects.make(app=App.BACKLOG, name="Production", scopes=["access"], by=OPERATOR)
    return {"personal": str(personal.pk), "key_pk": str(key.pk)}


def _team(organization: Organization, name: str, member: Member) -> Team:
    team = Team.objects.create_team(organization, name, by=OPERATOR)
    team.add(member, by=OPERATOR)
    return team


def _ruled(organization: Organization) -> Things:
    """A team of nobody, with two rules."""
    team = Team.objects.create_team(organization, "Ruled", by=OPERATOR)
    for gives in (Gives.USER, Gives.CACOO):
        rule = TeamRule.objects.create_rule(team, gives, by=OPERATOR)
    return {"ruled": team.scim_id, "rule_pk": str(rule.pk)}


def _domains(organization: Organization) -> Things:
    spare = Domain.objects.add(organization, f"spare.{organization.slug}.example", by=OPERATOR)
    pending = Domain.objects.add(organization, f"pending.{organization.slug}.example", by=OPERATOR)
    spare.vouch(by=OPERATOR)
    return {"spare": spare.name, "pending": pending.name, "pending_pk": str(pending.pk)}


def _saml(organization: Organization, administrator: Member) -> Things:
    saml = SamlSettings.of(organization)
    second = saml.add_certificate(key_pair(organization.slug).certificate, by=OPERATOR)
    test = SignInRequest.objects.create(
        id=SignInRequest.new_id(), organization=organization, purpose=SignInRequest.Purpose.TEST,
        tester=administrator.account, answered_at=timezone.now(), outcome={"passed": True, "name_id": "x@y.example"},
    )  # fmt: skip
    return {"second_certificate": str(second.pk), "test": test.pk, "metadata": METADATA.format(_bare(second.pem))}


def _bare(pem: str) -> str:
    return "".join(line for line in pem.splitlines() if not line.startswith("-"))


def _invitations(organization: Organization, administrator: Member) -> Things:
    """One to somebody new, whose link is known."""
    invitation = Invitation.objects.invite(
        administrator, f"newcomer@{organization.slug}.test", role=Role.USER, by=page_actor(administrator)
    )
    an_hour_ago = timezone.now() - datetime.timedelta(hours=1)
    link = f"link-for-a-newcomer-of-{organization.slug}"
    Invitation.objects.filter(pk=invitation.pk).update(token_hash=hash_of(link), mailed_at=an_hour_ago)
    return {"invitation": str(invitation.pk), "newcomers_link": link, "newcomers_name": name_of(link)}


def _left_behind(organization: Organization, secret: str) -> Things:
    """An account that was deleted, a call of the IdP, a line of the audit log."""
    managed(organization, "saki").remove(by=OPERATOR)
    Idp(organization, secret=secret).get("/Users")
    return {
        "deleted": str(DeletedAccount.objects.get(organization=organization).pk),
        "mail": str(Outgoing.objects.filter(organization=organization).exclude(recipient="").latest("pk").pk),
        "call": str(organization.sync_activity.latest("pk").pk),
        "event": str(organization.audit.latest("pk").pk),
    }


def _told(organization: Organization) -> Things:
    endpoint, _ = Endpoint.objects.make(
        app=App.BACKLOG,
        url="https://backlog.example/hook",
        contact="dev@backlog.example",
        with_changes=False,
        by=OPERATOR,
    )
    delivery = Delivery.objects.create(
        endpoint=endpoint, organization=organization, number=1, type="organization.created", subject_id="x",
        happened_at=timezone.now(), took_ms=12, status=200,
    )  # fmt: skip
    record = AppRecord.objects.latest("pk")
    return {"endpoint": str(endpoint.pk), "delivery": str(delivery.pk), "record": str(record.pk)}


# -- only in the organization that the table is about


def people_at_the_door(organization: Organization, neighbour: Organization, hana: Account) -> dict[Visitor, Account]:
    """Everybody but the anonymous one, as they stand when they come to the door."""
    hers = {
        Visitor.GUEST: managed(organization, "gus", role=Role.GUEST),
        Visitor.MEMBER: managed(organization, "moe"),
        Visitor.PLAN_ADMIN: nulab(organization, "pia"),
        Visitor.AUDIT_LOG_ADMIN: nulab(organization, "uma"),
        Visitor.INVITER: nulab(organization, "ivo"),
        Visitor.ADMINISTRATOR: organization.members.administrators().order_by("pk")[0],
        Visitor.MANAGED_ADMINISTRATOR: managed(organization, "ada", role=Role.ADMIN),
        Visitor.LEAVER: managed(organization, "leo", role=Role.ADMIN),
        Visitor.FORMER: nulab(organization, "fay", role=Role.ADMIN),
    }
    guests = managed(neighbour, "eli").account
    Member.objects.add(organization, guests, role=Role.USER, by=OPERATOR)
    hers[Visitor.PLAN_ADMIN].change_privileges(is_plan_admin=True, by=OPERATOR)
    hers[Visitor.AUDIT_LOG_ADMIN].change_privileges(is_audit_log_admin=True, by=OPERATOR)
    hers[Visitor.INVITER].change_privileges(can_invite=True, by=OPERATOR)
    support = nulab_account("hugo.support@nulab.example")
    Account.objects.filter(pk=support.pk).update(is_staff=True)
    return {visitor: member.account for visitor, member in hers.items()} | {
        Visitor.ELSEWHERE: guests,
        Visitor.NEIGHBOUR: neighbour.members.administrators().order_by("pk")[0].account,
        Visitor.SUPPORT: hana,
        Visitor.SUPPORT_WITHOUT_CODE: Account.objects.get(pk=support.pk),
    }
