"""Review and Preview count with the team rules: roles, licences, and what does not fit."""

import csv
import io
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from members.models import Member, Organization, Product, Role, Subscription, Team, TeamRule
from members.models.team_rules.brought import GIVEN, Gives
from tests.cast import OPERATOR, idp_actor, managed, provisioned, scim_token
from tests.cast.console import text
from tests.cast.rows import unchanged
from tests.provisioning.test_preview import hidden, previewed

RULES = [("Platform", Gives.ADMIN), ("Platform", Gives.CACOO), ("Design", Gives.USER), ("Design", Gives.TYPETALK)]
LISTED = """userPrincipalName,displayName,accountEnabled,role,groups
out@aozora.example,Out,False,,Platform
new@aozora.example,New,True,,"Everybody, platform"
next@aozora.example,Next,True,,Platform
ben@aozora.example,Ben,True,,Design
sent@aozora.example,Sent,True,ゲスト,Platform;Design
late@aozora.example,Late,True,Chief,Platform
plain@aozora.example,Plain,True,,
back@aozora.example,Back,True,,Design
ann@aozora.example,Ann,True,,Everybody"""


def teams_of(line: dict[str, str]) -> set[str]:
    return {name for name in ("Platform", "Design") if name.casefold() in line["groups"].casefold()}


@pytest.fixture
def teams(aozora: Organization) -> dict[str, Team]:
    """Platform is kept by the IdP, Design is not. Two of three Cacoo licences are held, and Ben and Wes wait."""
    made = {
        "Platform": Team.objects.create_team(aozora, "Platform", by=idp_actor(aozora)),
        "Design": Team.objects.create_team(aozora, "Design", by=OPERATOR),
    }
    scim_token(aozora)
    Subscription.objects.buy(aozora, Product.CACOO, 2, by=OPERATOR)
    for team, gives in RULES:
        TeamRule.objects.create_rule(made[team], gives, by=OPERATOR)
    for handle in ("out", "ann", "ben", "wes"):
        made["Platform"].add(provisioned(aozora, handle, role=None), by=idp_actor(aozora))
    made["Design"].add(managed(aozora, "ann2", role=Role.GUEST), by=OPERATOR)
    back = provisioned(aozora, "back", role=None)
    made["Design"].add(back, by=OPERATOR)
    back.deactivate(by=idp_actor(aozora))
    return made


def carry_out(organization: Organization, teams: dict[str, Team], line: dict[str, str]) -> Member:
    """What the IdP does with a person of the list: the account, then its groups."""
    by, name = idp_actor(organization), line["userPrincipalName"]
    member = organization.members.filter(account__user_name=name).first()
    role = Role.GUEST if line["role"] == "ゲスト" else None
    if member is None:
        member = provisioned(organization, name.partition("@")[0], role=role)
    elif line["accountEnabled"] == "False":
        member.deactivate(by=by)
    else:
        member.reactivate(by=by)
    for team in teams.values():
        if team.name in teams_of(line):
            team.add(member, by=by)
        elif team.is_kept_by_idp:
            team.remove(member, by=by)
    return member


def test_it_says_what_the_door_then_does(desk: Client, aozora: Organization, teams: dict[str, Team]) -> None:
    with unchanged():
        answer = previewed(desk, aozora, LISTED)
    told = {one.person.user_name: one.rights for one in answer.context["found"].verdicts}
    members = [carry_out(aozora, teams, line) for line in csv.DictReader(io.StringIO(LISTED))]
    for member in aozora.members.filter(pk__in=[one.pk for one in members]).select_related("account"):
        rights = told[member.account.user_name]
        held = [product for product in GIVEN if product in member.licences]
        assert (member.account.user_name, rights.role, rights.licences) == (
            member.account.user_name, member.role, held,
        )  # fmt: skip
        codes = {one.what.value: one.refusal.code for one in rights.by_rules if one.refusal}
        assert codes == dict(member.unmet_rules.values_list("what", "code"))
    free = {one.product: one.free for one in answer.context["found"].rights.counted}
    assert free == {one.product: one.free for one in aozora.subscriptions.filter(product__in=free)}


def test_the_page_and_the_file_say_it_person_by_person(
    desk: Client, aozora: Organization, teams: dict[str, Team]
) -> None:
    answer = previewed(desk, aozora, LISTED)
    page = text(answer)
    assert "A Provision Managed account is created. Administrator, because of team Platform (rule 1)" in page
    assert "A Provision Managed account is created. · Role: Guest" in page
    assert "Administrator, because of team Platform (rule 1)" in page
    assert "Not met: All 2 Cacoo licences are in use" in page
    assert "would get no Cacoo licence, as none is free" in page
    assert "“Chief” is not a role." in page
    assert "Counted with the teams in the list." in page

    sent: dict[str, Any] = {"carried": hidden(answer)}
    again = desk.post(reverse("provisioning-preview", args=[aozora.space_key]), sent)
    assert text(again) == page
    file = desk.post(reverse("provisioning-preview-csv", args=[aozora.space_key]), sent)
    content = b"".join(file.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    lines = {line["Sign-in address"]: line for line in csv.DictReader(io.StringIO(content))}
    assert lines["new@aozora.example"]["Role afterwards"] == "Administrator"
    assert lines["late@aozora.example"]["Not met"].startswith("All 2 Cacoo licences are in use")
    # Without the last line, of somebody who is not in the list.
    content = "\n".join(content.splitlines()[:-1])
    assert text(previewed(desk, aozora, content)).count("because of team") == page.count("because of team")


def test_without_a_column_people_stay_in_their_teams(
    desk: Client, aozora: Organization, teams: dict[str, Team]
) -> None:
    found = previewed(desk, aozora, "ann@aozora.example\nnew@aozora.example").context["found"]
    ann, new = (one.rights for one in found.verdicts)
    assert (ann.role, ann.licences, ann.changes) == (Role.ADMIN, [Product.CACOO], {})
    assert (new.role, new.licences, new.by_rules) == (Role.GUEST, [], [])


def test_a_role_in_the_list_that_a_guard_forbids_is_refused(desk: Client, aozora: Organization) -> None:
    emi = managed(aozora, "emi", role=Role.ADMIN)
    scim_token(aozora, emi)
    listed = "userPrincipalName,role\nemi@aozora.example,Guest"
    [verdict] = previewed(desk, aozora, listed).context["found"].verdicts
    assert verdict.refusal.code == "is_token_issuer"


def test_a_long_list_with_groups_costs_no_more_statements(
    desk: Client, aozora: Organization, teams: dict[str, Team], django_assert_max_num_queries: Any
) -> None:
    lines = "\n".join(f"p{number}@aozora.example,Design;Platform" for number in range(2000))
    with django_assert_max_num_queries(30):
        assert previewed(desk, aozora, f"mail,groups\n{lines}").context["found"].without_room


def test_review_says_what_rules_give_and_what_is_not_met(
    desk: Client, aozora: Organization, teams: dict[str, Team]
) -> None:
    address = reverse("provisioning-review", args=[aozora.space_key])
    with CaptureQueriesContext(connection) as few:
        page = text(desk.get(address))
    assert "Ann ann@aozora.example Administrator (rule 1) Cacoo (rule 2)" in page
    assert "Ben ben@aozora.example Administrator (rule 1) Cacoo (rule 2) Not met" in page
    assert "Ann2 ann2@aozora.example Member (rule 3) Typetalk (rule 4)" in page

    Subscription.objects.buy(aozora, Product.CACOO, 3, by=OPERATOR)
    teams["Platform"].add(*(managed(aozora, f"more{number}") for number in range(9)), by=OPERATOR)
    with CaptureQueriesContext(connection) as many:
        page = text(desk.get(address))
    assert len(many) == len(few)
    assert "Ben ben@aozora.example Administrator (rule 1) Cacoo (rule 2) Not met" not in page
    assert page.count("Not met") == 10
