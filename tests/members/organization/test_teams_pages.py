"""Organization Settings › Teams, and what the verbs behind it record."""

import uuid

import pytest
from django.test import Client
from django.urls import reverse

from members.console import keyset
from members.models import Event, Member, Organization, Team, finding
from members.models.team_refusals import TeamNameTaken
from members.organization import teams
from tests.cast import OPERATOR, managed, signed_in
from tests.cast.console import text
from tests.cast.rows import events, last_event, refused, rows_of


def page(name: str, team: Team, *more: str) -> str:
    return reverse(name, args=[team.organization.space_key, team.scim_id, *more])


def people_in(team: Team) -> set[str]:
    return {member.account.name for member in Member.objects.filter(team_memberships__team=team)}


def test_a_team_is_created_filled_renamed_and_deleted(
    desk: Client, aozora: Organization, mia: Member, hakata: Organization
) -> None:
    Team.objects.create_team(hakata, "Design", by=OPERATOR)
    before = rows_of(hakata)

    desk.post(reverse("team-create", args=[aozora.space_key]), {"name": " Design "})
    team = aozora.teams.get(name="Design")
    desk.post(page("team-member-add", team, mia.scim_id))
    assert people_in(team) == {"Mia Sato"}
    removed = desk.post(page("team-member-remove", team, mia.scim_id), follow=True)
    assert "Mia Sato is no longer in the team “Design”. Undo" in text(removed)
    desk.post(page("team-rename", team), {"name": "Brand"})
    assert last_event(aozora).changes == {"name": ["Design", "Brand"]}
    desk.post(page("team-delete", team))

    assert events(aozora)[-5:] == [
        Event.TEAM_CREATED, Event.TEAM_MEMBER_ADDED, Event.TEAM_MEMBER_REMOVED, Event.TEAM_RENAMED, Event.TEAM_DELETED,
    ]  # fmt: skip
    assert not aozora.teams.exists()
    assert rows_of(hakata) == before


def test_deleting_asks_first_and_leaves_the_people(
    desk: Client, aozora: Organization, design: Team, mia: Member
) -> None:
    design.add(mia, by=OPERATOR)

    question = text(desk.get(page("team-delete", design)))
    assert "Delete the team “Design”?" in question
    assert "Its members stay members of the organization" in question
    desk.post(page("team-delete", design))

    assert aozora.members.filter(pk=mia.pk).exists()


def test_two_teams_cannot_have_one_name_whatever_the_letter_case(
    desk: Client, aozora: Organization, design: Team
) -> None:
    other = Team.objects.create_team(aozora, "Sales", by=OPERATOR)

    created = desk.post(reverse("team-create", args=[aozora.space_key]), {"name": "ＤＥＳＩＧＮ"})
    assert (created.status_code, "There is already a team called" in text(created)) == (422, True)
    assert desk.post(page("team-rename", other), {"name": "design"}).status_code == 422
    with refused(TeamNameTaken, "design"):
        other.rename("design", by=OPERATOR)
    desk.post(page("team-rename", design), {"name": "DESIGN"})

    assert set(aozora.teams.values_list("name", flat=True)) == {"DESIGN", "Sales"}


def test_renaming_to_the_same_name_records_nothing(desk: Client, aozora: Organization, design: Team) -> None:
    before = events(aozora)

    desk.post(page("team-rename", design), {"name": "Design"})

    assert events(aozora) == before


def test_the_list_tells_how_many_are_in_each_and_finds_by_name(
    desk: Client, aozora: Organization, hakata: Organization, design: Team, mia: Member
) -> None:
    Team.objects.create_team(aozora, "営業", by=OPERATOR)
    Team.objects.create_team(hakata, "Design of Hakata", by=OPERATOR)
    design.add(mia, by=OPERATOR)
    address = reverse("teams", args=[aozora.space_key])

    everything, found = text(desk.get(address)), text(desk.get(address, {"q": "DESI"}))

    assert "Design 1 Just now" in everything
    assert "営業 0 Just now" in everything
    assert "Hakata" not in everything
    assert "Design" in found
    assert "営業" not in found
    assert "No teams match" in text(desk.get(address, {"q": "x"}))


def test_long_lists_are_turned_without_losing_anybody(desk: Client, aozora: Organization, design: Team) -> None:
    for number in range(27):
        design.add(managed(aozora, f"p{number:02}"), by=OPERATOR)
    first = desk.get(page("team", design))
    address = next(part for part in first.content.decode().split('"') if part.startswith("?after="))

    second = desk.get(page("team", design) + address.replace("&amp;", "&"))

    shown = text(first) + text(second)
    assert all(f"p{number:02}@aozora.example" in shown for number in range(27))


def test_adding_offers_members_who_are_not_in_the_team_yet(
    desk: Client, design: Team, mia: Member, kenji: Member
) -> None:
    design.add(mia, by=OPERATOR)

    offered = text(desk.get(page("team-add", design)))
    answer = desk.get(page("team-add", design), {"q": "mori"})
    found = text(answer)

    assert answer.status_code == 200
    assert desk.get(page("team-add", design), {"q": "x" * 600}).status_code == 422
    assert "Add Mia Sato" not in offered
    assert "Add Aiko Tanaka" in offered
    assert "Add Kenji Mori" in found
    assert "Add Aiko Tanaka" not in found


@pytest.mark.parametrize(("in_one_look", "few"), [(0, 1), (0, 11), (100, 1), (100, 11)])
def test_of_many_hits_those_who_are_not_in_the_team_are_offered(
    desk: Client, aozora: Organization, design: Team, monkeypatch: pytest.MonkeyPatch, in_one_look: int, few: int
) -> None:
    for module, name, value in ((finding, "FEW", few), (keyset, "WINDOW", 1), (teams, "FEW", in_one_look),
                                (teams, "CANDIDATES", 2), (teams, "LOOKED_THROUGH", 12)):  # fmt: skip
        monkeypatch.setattr(module, name, value)
    people = [managed(aozora, f"z{number}", display_name=f"Zoe {number}") for number in range(12)]
    design.add(*people[:9], by=OPERATOR)

    answer = desk.get(page("team-add", design), {"q": "zoe"})

    assert [member.account.name for member in answer.context["found"]] == ["Zoe 10", "Zoe 11"]
    assert "There are more. Type more of the name, address or ID." in text(answer)


def test_where_the_first_are_all_in_the_team_the_page_says_so_and_how_to_go_on(
    desk: Client, aozora: Organization, design: Team, mia: Member, kenji: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (("FEW", 0), ("LOOKED_THROUGH", 2)):
        monkeypatch.setattr(teams, name, value)
    design.add(*aozora.members.all(), by=OPERATOR)

    named = text(desk.get(page("team-add", design)))
    found = text(desk.get(page("team-add", design), {"q": "aozora"}))

    assert "The first 2 by name are in the team already. Search by name, address or ID." in named
    assert "The first 2 found are in the team already. Type more of the name, address or ID." in found


@pytest.mark.parametrize("few", [1000, 3, 0])
def test_pages_of_a_search_for_teams_have_each_once_in_order(
    desk: Client, aozora: Organization, monkeypatch: pytest.MonkeyPatch, few: int
) -> None:
    monkeypatch.setattr(teams, "ROWS", 2)
    monkeypatch.setattr(finding, "FEW", few)
    for name in ("Team B", "Other", "A team", "Team D", "Team C", "E team"):
        Team.objects.create_team(aozora, name, by=OPERATOR)

    after, seen = "", []
    for _ in range(3):
        shown = desk.get(reverse("teams", args=[aozora.space_key]), {"q": "team", "after": after}).context["page"]
        seen.append([team.name for team in shown.rows])
        after = shown.next

    assert seen == [["A team", "E team"], ["Team B", "Team C"], ["Team D"]]
    assert not after


@pytest.mark.parametrize("query", ["q=%00", "after=%00|1", "after=x|99999999999999999999999", "q=" + "x" * 999])
@pytest.mark.parametrize("name", ["teams", "team", "team-add"])
def test_odd_queries_are_no_accident(desk: Client, aozora: Organization, design: Team, name: str, query: str) -> None:
    address = reverse("teams", args=[aozora.space_key]) if name == "teams" else page(name, design)

    assert desk.get(f"{address}?{query}").status_code in (200, 422)


def test_a_neighbours_team_and_members_are_not_found(
    desk: Client, aozora: Organization, hakata: Organization, design: Team, mia: Member, ren: Member
) -> None:
    theirs = Team.objects.create_team(hakata, "Design", by=OPERATOR)
    for name in ("team", "team-rename", "team-delete", "team-add"):
        assert desk.post(reverse(name, args=[aozora.space_key, theirs.scim_id])).status_code in (404, 405)
        assert desk.get(reverse(name, args=[aozora.space_key, theirs.scim_id])).status_code == 404
    assert desk.post(page("team-member-add", design, ren.scim_id)).status_code == 404
    assert desk.get(reverse("team", args=[aozora.space_key, uuid.uuid4()])).status_code == 404
    assert desk.get(reverse("teams", args=[hakata.space_key])).status_code == 404
    assert signed_in(Client(), mia).get(reverse("teams", args=[aozora.space_key])).status_code == 403
