"""Rules of an organization: what they give, what they take away, and who is told."""

import pytest

from members.models import Event, Invitation, Member, Organization, Product, Role, Subscription, Team, TeamRule, Unmet
from members.models.deleted import DeletedAccount
from members.models.invitation_refusals import TeamMakesAdministrators
from members.models.member.refusals import AtLeastByRule, LicenceByRule
from members.models.restoring import restore
from members.models.team_rules import following
from members.models.team_rules.brought import Gives
from members.models.team_rules.differing import differing
from members.models.team_rules.refusals import RuleIsThere, TooManyRules
from saml.models import SamlSettings
from tests.cast import OPERATOR, idp_actor, managed, page_actor, provisioned
from tests.cast.rows import fresh, refused


def rule(team: Team, gives: Gives) -> TeamRule:
    return TeamRule.objects.create_rule(team, gives, by=OPERATOR)


def test_the_first_rule_about_roles_counts_and_licences_add_up(platform: Team, design: Team, mia: Member) -> None:
    rule(design, Gives.USER)
    rule(platform, Gives.ADMIN)
    rule(platform, Gives.CACOO)
    rule(design, Gives.TYPETALK)
    mia.change_role(Role.GUEST, by=OPERATOR)
    for team in (platform, design):
        team.add(mia, by=OPERATOR)

    assert (fresh(mia).role, fresh(mia).licences) == (Role.USER, list(Product))
    platform.rules.get(gives=Gives.ADMIN).move(1, by=OPERATOR)
    assert fresh(mia).role == Role.ADMIN
    assert str(fresh(mia).brought().role_by) == "Platform (1)"
    platform.disband(by=OPERATOR)
    assert (fresh(mia).role, fresh(mia).licences) == (Role.USER, [Product.PASS, Product.TYPETALK])
    design.remove(mia, by=OPERATOR)
    assert (fresh(mia).role, fresh(mia).licences) == (Role.GUEST, [Product.PASS])


def test_what_was_given_by_hand_stays(platform: Team, mia: Member) -> None:
    mia.assign_licence(Product.CACOO, by=OPERATOR)
    platform.add(mia, by=OPERATOR)
    for gives in Gives:
        rule(platform, gives)
    platform.remove(mia, by=OPERATOR)
    assert (fresh(mia).role, fresh(mia).licences) == (Role.USER, [Product.PASS, Product.CACOO])


def test_the_audit_log_names_the_rule_and_who_caused_it(
    aozora: Organization, platform: Team, mia: Member, aiko: Member
) -> None:
    rule(platform, Gives.ADMIN)
    rule(platform, Gives.CACOO)
    platform.add(mia, by=page_actor(aiko))
    events = {event.event: event for event in aozora.audit.filter(operator_kind="team_rule")}
    assert events[Event.ROLE_CHANGED].changes == {
        "role": ["USER", "ADMIN"], "team_rule": ["", "Platform (1)"], "caused_by": ["", "Aiko Tanaka"],
    }  # fmt: skip
    assert events[Event.LICENCE_ASSIGNED].changes["licences"] == [[], ["Cacoo"]]


def test_each_change_of_a_rule_is_one_audit_row(aozora: Organization, platform: Team, aiko: Member) -> None:
    by = page_actor(aiko)
    first = TeamRule.objects.create_rule(platform, Gives.USER, by=by)
    second = TeamRule.objects.create_rule(platform, Gives.CACOO, by=by)
    for _ in range(2):
        TeamRule.objects.get(pk=second.pk).move(1, by=by)
    TeamRule.objects.get(pk=first.pk).end(by=by)
    rows = aozora.audit.filter(event__startswith="team_rule.").order_by("pk")
    assert [(row.event, row.changes) for row in rows] == [
        ("team_rule.created", {"gives": ["", "USER"], "place": ["", 1]}),
        ("team_rule.created", {"gives": ["", "cacoo"], "place": ["", 2]}),
        ("team_rule.moved", {"gives": ["cacoo", "cacoo"], "place": [2, 1]}),
        ("team_rule.deleted", {"gives": ["USER", ""], "place": [2, ""]}),
    ]
    assert {(row.subject, row.operator_name) for row in rows} == {("Platform", "Aiko Tanaka")}


def test_a_change_by_hand_below_the_rule_is_refused(platform: Team, mia: Member) -> None:
    rule(platform, Gives.ADMIN)
    rule(platform, Gives.CACOO)
    platform.add(mia, by=OPERATOR)
    with refused(AtLeastByRule, "Platform", "rule 1"):
        fresh(mia).change_role(Role.GUEST, by=OPERATOR)
    with refused(LicenceByRule, "Platform", "rule 2"):
        fresh(mia).withdraw_licence(Product.CACOO, by=OPERATOR)


def test_what_does_not_fit_is_noted_and_done_once_it_fits(aozora: Organization, platform: Team, mia: Member) -> None:
    Subscription.objects.buy(aozora, Product.CACOO, 0, by=OPERATOR)
    rule(platform, Gives.CACOO)
    platform.add(mia, by=OPERATOR)
    assert Unmet.objects.get().code == "no_free_licence"
    Subscription.objects.buy(aozora, Product.CACOO, 1, by=OPERATOR)
    assert not Unmet.objects.exists()
    assert Product.CACOO in fresh(mia).licences


def test_the_last_administrator_stays_until_there_is_another(
    aozora: Organization, platform: Team, mia: Member, kenji: Member, aiko: Member
) -> None:
    SamlSettings.of(aozora).disable(by=OPERATOR)
    rule(platform, Gives.ADMIN)
    platform.add(mia, by=OPERATOR)
    aiko.change_role(Role.USER, by=OPERATOR)
    platform.remove(mia, by=OPERATOR)
    assert (fresh(mia).role, Unmet.objects.get().code) == (Role.ADMIN, "last_administrator")
    kenji.change_role(Role.ADMIN, by=OPERATOR)
    assert (fresh(mia).role, Unmet.objects.exists()) == (Role.USER, False)


def test_out_and_back_restores_what_rules_give_then(platform: Team, kenji: Member) -> None:
    rule(platform, Gives.CACOO)
    platform.add(kenji, by=OPERATOR)
    fresh(kenji).deactivate(by=idp_actor(kenji.organization))
    assert fresh(kenji).returned_licences == ["pass", "cacoo"]
    platform.remove(kenji, by=OPERATOR)
    assert fresh(kenji).returned_licences == ["pass"]
    rule(platform, Gives.TYPETALK)
    platform.add(kenji, by=OPERATOR)
    fresh(kenji).reactivate(by=idp_actor(kenji.organization))
    assert fresh(kenji).licences == list(Product)


def test_who_is_restored_gets_what_the_teams_bring_today(platform: Team, mia: Member) -> None:
    platform.add(mia, by=OPERATOR)
    mia.remove(by=OPERATOR)
    rule(platform, Gives.ADMIN)
    back = restore(DeletedAccount.objects.get(), by=OPERATOR)
    assert fresh(back).role == Role.ADMIN


def test_who_is_restored_keeps_nothing_of_a_team_that_is_no_more(platform: Team, mia: Member) -> None:
    for gives in (Gives.ADMIN, Gives.CACOO):
        rule(platform, gives)
    platform.add(mia, by=OPERATOR)
    mia.remove(by=OPERATOR)
    platform.disband(by=OPERATOR)
    back = fresh(restore(DeletedAccount.objects.get(), by=OPERATOR))
    assert (back.role, back.returned_licences) == (Role.USER, ["pass"])
    assert back.role_without_rules is None


def test_a_role_that_is_sent_as_it_is_is_no_longer_unmet(aozora: Organization, platform: Team, aiko: Member) -> None:
    SamlSettings.of(aozora).disable(by=OPERATOR)
    rule(platform, Gives.ADMIN)
    nao = provisioned(aozora, "nao", role=None)
    platform.add(nao, by=OPERATOR)
    aiko.change_role(Role.USER, by=OPERATOR)
    platform.remove(nao, by=OPERATOR)
    assert Unmet.objects.get().code == "last_administrator"
    fresh(nao).change_role(Role.ADMIN, by=idp_actor(aozora))
    assert not Unmet.objects.exists()
    assert not differing(aozora).exists()


def test_many_wait_for_their_turn(aozora: Organization, platform: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(following, "AT_ONCE", 2)
    people = [managed(aozora, f"m{number}", role=Role.GUEST) for number in range(5)]
    for member in people:
        platform.add(member, by=OPERATOR)
    rule(platform, Gives.USER)
    assert [fresh(one).role for one in people] == [Role.USER] * 2 + [Role.GUEST] * 3
    waiting = Unmet.objects.filter(code="")
    assert {row.member_id for row in waiting} == {one.pk for one in differing(aozora)}
    assert [following.go_on(aozora, 2), following.go_on(aozora, 2), following.go_on(aozora, 2)] == [2, 1, 0]
    assert not Unmet.objects.exists()
    assert {fresh(one).role for one in people} == {Role.USER}


def test_more_than_are_looked_for_by_name_follow_all_the_same(
    aozora: Organization, platform: Team, mia: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "MOST_NAMED", 1)
    people = [mia, managed(aozora, "nao")]
    rule(platform, Gives.ADMIN)
    platform.add(*people, by=OPERATOR)
    assert {fresh(one).role for one in people} == {Role.ADMIN}


def test_who_waits_for_nothing_any_more_does_not_wait(
    aozora: Organization, platform: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "AT_ONCE", 1)
    for number in range(3):
        platform.add(managed(aozora, f"m{number}", role=Role.GUEST), by=OPERATOR)
    made = rule(platform, Gives.USER)
    assert Unmet.objects.count() == 2
    made.end(by=OPERATOR)
    assert not Unmet.objects.exists()


def test_a_rule_that_is_moved_takes_the_others_out_of_its_way(platform: Team, design: Team) -> None:
    rules = [rule(team, gives) for team in (platform, design) for gives in (Gives.CACOO, Gives.TYPETALK)]
    places = []
    for number, place in [(1, 3), (2, 1), (0, 9)]:
        TeamRule.objects.get(pk=rules[number].pk).move(place, by=OPERATOR)
        places.append([TeamRule.objects.get(pk=one.pk).place for one in rules])
    assert places == [[1, 3, 2, 4], [2, 3, 1, 4], [4, 2, 1, 3]]


def test_there_is_one_rule_of_a_kind_for_a_team_and_a_limit(platform: Team, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("members.models.team_rules.rule.MAX_RULES", 2)
    rule(platform, Gives.CACOO)
    with refused(RuleIsThere, "Platform"):
        rule(platform, Gives.CACOO)
    rule(platform, Gives.USER)
    with refused(TooManyRules, "at most 2"):
        rule(platform, Gives.TYPETALK)


def test_nobody_makes_administrators_by_inviting_into_a_team(platform: Team, kenji: Member, aiko: Member) -> None:
    kenji.change_privileges(can_invite=True, by=OPERATOR)
    invited = Invitation.objects.invite(
        kenji, "guest@else.example", role=Role.USER, teams=[platform], by=page_actor(kenji)
    )
    rule(platform, Gives.ADMIN)
    assert not Invitation.objects.get(pk=invited.pk).is_backed
    with refused(TeamMakesAdministrators):
        Invitation.objects.invite(kenji, "other@else.example", role=Role.USER, teams=[platform], by=page_actor(kenji))
    Invitation.objects.invite(aiko, "third@else.example", role=Role.USER, teams=[platform], by=page_actor(aiko))
