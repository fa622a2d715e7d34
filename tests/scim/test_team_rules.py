"""A role that the IdP sends, and those that team rules give."""

from importlib import import_module

from django.apps import apps

from members.models import Member, Role, Team, TeamRule
from members.models.team_rules.brought import Gives
from members.people.changed_here import changed_here
from provisioning.models import ProvisioningSettings
from tests.cast import OPERATOR, managed
from tests.scim import Idp, replace, user


def ruled(idp: Idp, gives: Gives = Gives.ADMIN) -> Team:
    team = Team.objects.create_team(idp.organization, "Platform", by=OPERATOR)
    TeamRule.objects.create_rule(team, gives, by=OPERATOR)
    return team


def role_of(idp: Idp, scim_id: str) -> str:
    return str(idp.get(f"/Users/{scim_id}")["roles"][0]["value"])


def test_a_role_that_is_sent_beats_the_rules_and_one_that_is_removed_does_not(idp: Idp) -> None:
    team = ruled(idp)
    sent = idp.create("sent", roles=[{"value": "USER"}])["id"]
    unsent = idp.create("unsent")["id"]
    assert role_of(idp, unsent) == "GUEST"
    for scim_id in (sent, unsent):
        team.add(Member.objects.get(scim_id=scim_id), by=OPERATOR)
    assert (role_of(idp, sent), role_of(idp, unsent)) == ("USER", "ADMIN")

    removed = idp.patch(sent, {"op": "remove", "path": "roles"})
    assert removed["roles"][0]["value"] == "ADMIN"
    assert idp.patch(unsent, replace("roles", [{"value": "GUEST"}]))["roles"][0]["value"] == "GUEST"
    assert idp.patch(unsent, replace("roles", []))["roles"][0]["value"] == "ADMIN"
    team.remove(Member.objects.get(scim_id=sent), by=OPERATOR)
    assert role_of(idp, sent) == "GUEST"


def test_a_put_that_sends_back_what_a_rule_gives_makes_it_no_role_of_ones_own(idp: Idp) -> None:
    team = ruled(idp)
    created = idp.create("nao")
    scim_id, name = created["id"], created["userName"]
    team.add(Member.objects.get(scim_id=scim_id), by=OPERATOR)
    read = idp.get(f"/Users/{scim_id}")
    assert idp.put(scim_id, user(name, roles=read["roles"], displayName="Nao")).status == 200
    team.remove(Member.objects.get(scim_id=scim_id), by=OPERATOR)
    assert role_of(idp, scim_id) == "GUEST"


def test_a_patch_that_names_the_role_of_the_rule_makes_it_one_that_is_sent(idp: Idp) -> None:
    team = ruled(idp)
    scim_id = idp.create("nao")["id"]
    team.add(Member.objects.get(scim_id=scim_id), by=OPERATOR)
    before = idp.get(f"/Users/{scim_id}")["meta"]
    assert idp.patch(scim_id, replace("roles", [{"value": "ADMIN"}]))["meta"] == before
    team.remove(Member.objects.get(scim_id=scim_id), by=OPERATOR)
    assert role_of(idp, scim_id) == "ADMIN"


def test_a_role_by_hand_is_at_least_that_of_the_rule(idp: Idp) -> None:
    team = ruled(idp, Gives.USER)
    member = Member.objects.get(scim_id=idp.create("nao", roles=[{"value": "USER"}])["id"])
    team.add(member, by=OPERATOR)
    Member.objects.get(pk=member.pk).change_role(Role.ADMIN, by=OPERATOR)
    assert role_of(idp, member.scim_id) == "ADMIN"
    team.remove(member, by=OPERATOR)
    assert role_of(idp, member.scim_id) == "ADMIN"


def test_a_role_by_rule_is_not_called_changed_here(idp: Idp) -> None:
    team = ruled(idp)
    member = Member.objects.get(scim_id=idp.create("nao")["id"])
    team.add(member, by=OPERATOR)
    assert "role" not in changed_here(Member.objects.get(pk=member.pk))
    team.remove(member, by=OPERATOR)
    Member.objects.get(pk=member.pk).change_role(Role.USER, by=OPERATOR)
    assert "role" in changed_here(Member.objects.get(pk=member.pk))


def test_roles_of_before_count_as_sent_where_the_idp_sends_roles_at_all(idp: Idp) -> None:
    migration = import_module("provisioning.migrations.0015_roles_that_were_sent")
    kept = Member.objects.get(scim_id=idp.create("nao")["id"])
    own = managed(idp.organization, "own")
    settings = ProvisioningSettings.objects.filter(organization=idp.organization)
    for sent, is_sent in (("name", False), ("name role", True)):
        settings.update(sent_fields=sent)
        migration.note(apps, None)
        assert Member.objects.get(pk=kept.pk).role_is_sent is is_sent
        assert not Member.objects.get(pk=own.pk).role_is_sent
