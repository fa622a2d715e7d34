"""How a verb begins and ends: one transaction, what is locked is read afresh, a failure leaves nothing behind."""

from collections.abc import Callable
from typing import Any

import pytest
from django.apps import apps
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from members import openings
from members.actors import Actor
from members.models import Domain, Event, Member, Organization, Role, Subscription, Team, audit
from members.models.change import Change
from members.models.member.refusals import ReservedForSandbox
from members.models.team_refusals import TeamNameTaken
from members.models.work import current
from members.organization import teams
from members.statements import new
from provisioning.models import ScimToken, SyncActivity
from tests.cast import OPERATOR, scim_token
from tests.cast.rows import events, refused, unchanged


def forbid(change: Change) -> None:
    raise ReservedForSandbox


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[Change]:
    changes: list[Change] = []
    monkeypatch.setattr(openings.AFTER_CHANGE, "_functions", [changes.append])
    return changes


def team_of(aozora: Organization) -> Team:
    return Team.objects.create_team(aozora, "Design", by=OPERATOR)


def token_of(aozora: Organization) -> ScimToken:
    return scim_token(aozora)[0]


Verb = tuple[Callable[[Organization], Any], Callable[[Any, Actor], object]]
VERBS: dict[str, Verb] = {
    "rename a team": (team_of, lambda team, by: team.rename("Sales", by=by)),
    "rename the organization": (lambda aozora: aozora, lambda aozora, by: aozora.rename(name="B", slug="b-2", by=by)),
    "vouch for a domain": (
        lambda aozora: Domain.objects.add(aozora, "b.example", by=OPERATOR), lambda domain, by: domain.vouch(by=by),
    ),
    "end a subscription": (
        lambda aozora: Subscription.objects.get(organization=aozora, product="cacoo"), lambda row, by: row.end(by=by),
    ),
    "rename a token": (token_of, lambda token, by: token.rename("Other", by=by)),
    "revoke a token": (token_of, lambda token, by: token.revoke(by=by)),
    "turn SAML off": (lambda aozora: aozora.saml, lambda saml, by: saml.disable(by=by)),
    "turn provisioning off": (
        lambda aozora: token_of(aozora).organization.provisioning, lambda settings, by: settings.disable(by=by),
    ),
    "set a password": (
        lambda aozora: aozora.members.get(role="ADMIN").account,
        lambda account, by: account.choose_password("x", by=by),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", VERBS)
def test_what_is_refused_leaves_the_object_at_hand_as_the_row(
    aozora: Organization, name: str, told: list[Change], monkeypatch: pytest.MonkeyPatch
) -> None:
    make, change = VERBS[name]
    row: Model = make(aozora)
    told.clear()
    monkeypatch.setattr(openings.BEFORE_CHANGE, "_functions", [forbid])

    with refused(ReservedForSandbox):
        change(row, OPERATOR)

    kept = type(row)._default_manager.get(pk=row.pk)
    columns = [field.attname for field in row._meta.concrete_fields]
    assert [getattr(row, column) for column in columns] == [getattr(kept, column) for column in columns]
    assert not told


def test_what_fails_within_another_change_is_undone_by_itself(
    aozora: Organization, mia: Member, told: list[Change]
) -> None:
    before = events(aozora)

    with aozora.locked():
        design = team_of(aozora)
        with pytest.raises(TeamNameTaken):
            _rename_and_refuse(design)
        design.add(mia, by=OPERATOR)
        assert not told, "nothing is told before all of it is done"

    assert events(aozora)[len(before) :] == [change.event for change in told]
    assert [change.event for change in told] == [Event.TEAM_CREATED, Event.TEAM_MEMBER_ADDED]
    assert told[-1].fields == {"team": ["", "Design"]}
    assert [team.name for team in aozora.teams.all()] == ["Design"]


def _rename_and_refuse(team: Team) -> None:
    with team.organization.locked():
        team.rename("Sales", by=OPERATOR)
        Team.objects.create_team(team.organization, "Sales", by=OPERATOR)


def test_who_is_told_may_still_forbid_and_make_changes_that_are_told(
    aozora: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[str] = []

    def follow(change: Change) -> None:
        told.append(change.event)
        if change.event == Event.TEAM_CREATED:
            Domain.objects.add(aozora, "b.example", by=OPERATOR)

    monkeypatch.setattr(openings.AFTER_CHANGE, "_functions", [follow])
    team_of(aozora)
    assert told == [Event.TEAM_CREATED, Event.DOMAIN_ADDED]

    monkeypatch.setattr(openings.AFTER_CHANGE, "_functions", [forbid])
    with refused(ReservedForSandbox):
        aozora.teams.get().disband(by=OPERATOR)


def test_what_comes_back_to_where_it_was_is_no_change_of_the_whole(aozora: Organization, mia: Member) -> None:
    with mia.locked():
        mia.change_role(Role.GUEST, by=OPERATOR)
        mia.change_profile({"display_name": "M"}, by=OPERATOR)
        mia.change_profile({"display_name": "Mia"}, by=OPERATOR)
        mia.change_role(Role.USER, by=OPERATOR)
        work = current()
        assert work
        assert [change.event for change in work.changes].count(Event.ROLE_CHANGED) == 2
        assert work.changed(mia) == {
            "display_name": ["Mia Sato", "Mia"], "name": ["Mia Sato", "Mia"], "family_name": ["Sato", "Mia"],
        }  # fmt: skip


def test_nothing_is_recorded_outside_a_transaction(aozora: Organization) -> None:
    with pytest.raises(AssertionError, match="begins with"), unchanged():
        audit.record(Event.TEAM_CREATED, aozora, by=OPERATOR, subject="Design")


def test_what_somebody_else_has_removed_in_between_is_not_found(
    desk: Client, aozora: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    team = team_of(aozora)
    Team.objects.filter(pk=team.pk).delete()
    monkeypatch.setattr(teams, "_team", lambda request, team_id: team)

    with unchanged():
        answer = desk.post(reverse("team-rename", args=[aozora.space_key, team.scim_id]), {"name": "Sales"})

    assert answer.status_code == 404


def test_a_new_row_is_as_its_class_makes_it(aozora: Organization) -> None:
    models: list[type[Model]] = [*apps.get_app_config("members").get_models(), SyncActivity]
    for model in models:
        made, called = vars(new(model)), vars(model())
        assert made.keys() == called.keys()
        for field in model._meta.concrete_fields:
            by_chance = callable(field.default)
            assert type(made[field.attname]) is type(called[field.attname]), field
            assert by_chance or made[field.attname] == called[field.attname], field

    domain = new(Domain, organization=aozora, name="aozora.example")
    assert domain.organization is aozora
    assert (domain.organization_id, domain._state.adding) == (aozora.pk, True)
    with pytest.raises(AssertionError, match="Domain has no such columns: nme"):
        new(Domain, nme="aozora.example")
