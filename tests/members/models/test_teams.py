"""Teams: what counts as a change of one, who is named in it, and who is told of it."""

from collections.abc import Callable, Iterator

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from members.actors import Actor
from members.models import DeletedAccount, Event, Invitation, Member, Newcomer, Organization, Role, Team, welcome
from members.models.member.many import Batch, Person
from members.models.member.profile import Profile
from members.models.restoring import restore
from members.models.team_refusals import TeamNameTaken
from members.openings import TEAMS_CHANGED
from members.values_refusals import TextTooLong
from tests.cast import OPERATOR, idp_actor, managed, nulab, nulab_account, page_actor
from tests.cast.rows import events, refused, rows_of


@pytest.fixture
def moves() -> Iterator[list[tuple[str, set[int]]]]:
    """The organizations and members' keys of whom other teams are told."""
    told: list[tuple[str, set[int]]] = []

    def hear(organization: Organization, members: object, by: Actor) -> None:
        told.append((organization.slug, set(members)))  # type: ignore[call-overload]

    TEAMS_CHANGED.register(hear)
    yield told
    TEAMS_CHANGED._functions.remove(hear)


def state(team: Team) -> tuple[int, object, set[str]]:
    """Its revision, its last change, who is in it."""
    fresh = Team.objects.get(pk=team.pk)
    people = Member.objects.filter(team_memberships__team=team)
    return fresh.revision, fresh.modified_at, {member.account.name for member in people}


# -- the team itself


def test_a_name_may_be_long_and_is_unique_without_regard_to_case(aozora: Organization, hakata: Organization) -> None:
    long = "ß" * 128
    team = Team.objects.create_team(aozora, long, by=OPERATOR)
    Team.objects.create_team(hakata, long, by=OPERATOR)

    with refused(TeamNameTaken, "SS"):
        Team.objects.create_team(aozora, "SS" * 128, by=OPERATOR)
    with refused(TextTooLong):
        team.rename("n" * 257, by=OPERATOR)
    team.rename("Brand", by=OPERATOR)
    Team.objects.create_team(aozora, long, by=OPERATOR)
    Team.objects.create_team(aozora, "ß" * 256, by=OPERATOR)


def test_a_new_team_was_changed_last_when_it_was_made(aozora: Organization) -> None:
    here = Team.objects.create_team(aozora, "Here", by=OPERATOR)
    there = Team.objects.create_team(aozora, "There", by=idp_actor(aozora), external_id=" 7F ")

    for team in (here, there):
        team.refresh_from_db()
        assert (team.modified_at, team.revision) == (team.created_at, 0)
    assert [(team.external_id, team.is_kept_by_idp) for team in (here, there)] == [(None, False), ("7F", True)]


def test_every_change_that_can_be_seen_counts_and_no_other(aozora: Organization, design: Team, mia: Member) -> None:
    def rounds() -> Iterator[Callable[[], object]]:
        yield lambda: design.rename("Brand", by=OPERATOR)
        yield lambda: design.change_external_id("7f", by=OPERATOR)
        yield lambda: design.add(mia, by=OPERATOR)
        yield lambda: design.remove(mia, by=OPERATOR)
        yield lambda: design.change_external_id(None, by=OPERATOR)

    for number, change in enumerate(rounds(), 1):
        before = state(design)
        change()
        after = state(design)
        assert (after[0], design.revision) == (number, number)
        assert after[1] > before[1]  # type: ignore[operator]
        change()
        assert state(design) == after
    design.mark_kept(by=idp_actor(aozora))
    assert state(design) == after
    recorded = events(aozora)[-6:]
    assert recorded == [
        Event.TEAM_RENAMED, Event.TEAM_CHANGED, Event.TEAM_MEMBER_ADDED, Event.TEAM_MEMBER_REMOVED, Event.TEAM_CHANGED,
        Event.TEAM_KEPT_BY_IDP,
    ]  # fmt: skip
    about = aozora.audit.filter(subject_id=design.scim_id).values_list("subject", flat=True)
    assert list(about.order_by("pk")) == ["Design", "Brand", "Brand", "Brand", "Brand"]


def test_several_changes_in_one_transaction_are_one_write(design: Team, mia: Member) -> None:
    with CaptureQueriesContext(connection) as queries, design.locked():
        design.rename("Brand", by=OPERATOR)
        design.add(mia, by=OPERATOR)

    written = [query["sql"].count(f'UPDATE "{Team._meta.db_table}"') for query in queries]
    # What is asked about Mia sends the new name first.
    assert sum(written) == 2
    assert state(design)[0] == design.revision == 2


# -- who is in it


def test_a_set_of_people_is_added_and_each_who_was_not_in_it_is_recorded(aozora: Organization, design: Team) -> None:
    people = [managed(aozora, f"m{number}") for number in range(30)]
    design.add(*people[:2], by=OPERATOR)
    count = aozora.audit.count()

    joined = design.add(*people, people[5], by=OPERATOR)

    assert [member.pk for member in joined] == [member.pk for member in people[2:]]
    recorded = aozora.audit.order_by("pk").filter(event=Event.TEAM_MEMBER_ADDED)[2:]
    assert [(row.subject_id, row.subject, row.changes) for row in recorded] == [
        (member.scim_id, member.account.name, {"team": ["", "Design"]}) for member in people[2:]
    ]
    assert aozora.audit.count() == count + 28
    assert design.remove(*people[10:], by=OPERATOR) == people[10:]
    called = design.people_called([people[0].scim_id, "nobody"])
    assert {key: (one.pk, one.account.name, one.role) for key, one in called.items()} == {
        people[0].scim_id: (people[0].pk, people[0].account.name, Role.USER)
    }
    assert state(design)[2] == {member.account.name for member in people[:10]}
    assert state(design)[0] == 3


def test_who_is_in_another_organization_or_gone_is_no_one(
    aozora: Organization, hakata: Organization, design: Team, mia: Member
) -> None:
    stranger, leaver = managed(hakata, "nao"), managed(aozora, "kenji")
    leaver.remove(by=OPERATOR)
    before = (rows_of(hakata), state(design))

    for nobody in (stranger, leaver):
        with pytest.raises(Member.DoesNotExist):
            design.add(mia, nobody, by=OPERATOR)
    assert (rows_of(hakata), state(design)) == before


def test_adding_one_asks_as_much_of_a_large_team_as_of_a_small_one(aozora: Organization, design: Team) -> None:
    people = [managed(aozora, f"m{number}") for number in range(42)]

    def asked(member: Member) -> int:
        with CaptureQueriesContext(connection) as queries:
            design.add(member, by=OPERATOR)
        return len(queries)

    few = asked(people[0])
    design.add(*people[1:41], by=OPERATOR)
    assert asked(people[41]) == few
    if connection.vendor == "postgresql":
        # BEGIN; the organization and the team; the people; the writes, with the rules between them; COMMIT.
        assert few == 7


# -- who leaves


def test_a_leaver_counts_as_a_change_of_every_team_also_in_another_organization(
    aozora: Organization, hakata: Organization, design: Team, mia: Member
) -> None:
    guest = Member.objects.add(hakata, mia.account, role=Role.GUEST, by=OPERATOR)
    there, untouched = (Team.objects.create_team(hakata, name, by=OPERATOR) for name in ("Sales", "Others"))
    design.add(mia, by=OPERATOR)
    there.add(guest, by=OPERATOR)
    before = {team: state(team) for team in (design, there, untouched)}

    mia.remove(by=OPERATOR)

    for team in (design, there):
        assert state(team)[0] == before[team][0] + 1
        assert state(team)[1] > before[team][1]  # type: ignore[operator]
        assert not state(team)[2]
    assert state(untouched) == before[untouched]


# -- who is told: one place, whatever the door


def test_every_door_tells_whose_teams_have_changed(
    aozora: Organization, design: Team, aiko: Member, moves: list[tuple[str, set[int]]]
) -> None:
    mia, yuki = managed(aozora, "mia"), nulab(aozora, "yuki")

    def last() -> set[int]:
        slug, members = moves.pop()
        assert (slug, moves) == ("aozora", [])
        return members

    design.add(mia, yuki, by=OPERATOR)
    assert last() == {mia.pk, yuki.pk}
    design.remove(mia, yuki, by=OPERATOR)
    assert last() == {mia.pk, yuki.pk}
    design.remove(mia, by=OPERATOR)
    [new] = welcome(
        aozora, [Newcomer("nao@aozora.example", "Nao", "en", Role.USER, teams=[design])], by=page_actor(aiko)
    )
    assert last() == {new.pk}
    account = nulab_account("emi@elsewhere.example")
    invitation = Invitation.objects.invite(aiko, account.email, role=Role.USER, teams=[design], by=page_actor(aiko))
    assert {invitation.accept(account, by=OPERATOR).pk} == last()
    profile = Profile(user_name="sam@aozora.example", language="en")
    batch = Batch(
        aozora,
        [Person(1, profile, teams=[design]), Person(2, profile | {"user_name": "b@aozora.example"})],
        by=OPERATOR,
    )
    revision = state(design)[0]
    batch.write()
    assert last() == {draft.member.pk for draft in batch.drafts if draft.teams}
    assert state(design)[0] == revision + 1
    new.remove(by=OPERATOR)
    assert moves == []
    assert {restore(DeletedAccount.objects.get(), by=OPERATOR).pk} == last()
    people = set(Member.objects.filter(team_memberships__team=design).values_list("pk", flat=True))
    design.disband(by=OPERATOR)
    assert (len(people), last()) == (3, people)
