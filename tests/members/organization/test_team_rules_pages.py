"""The pages of the team rules: the list, what a change would do, what cannot be done."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from members.models import Member, Organization, Product, Role, Subscription, Team, TeamRule, Unmet
from members.models.team_rules import following
from members.models.team_rules.brought import Gives
from members.sessions import SIGNED_IN_AT
from tests.cast import OPERATOR, managed
from tests.cast.rows import fresh


def url(name: str, organization: Organization, *args: object, **query: object) -> str:
    return reverse(name, args=[organization.space_key, *args], query=query)


def text_of(content: bytes) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", content.decode()))


def shown(page: str) -> str:
    found = re.search(r'name="shown" value="(\w+)"', page)
    assert found
    return found[1]


def test_without_a_team_the_way_to_one_is_shown_instead_of_the_form(desk: Client, aozora: Organization) -> None:
    page = desk.get(url("team-rule-add", aozora)).content.decode().partition("<main")[2]

    assert "No teams yet" in page
    assert url("team-create", aozora) in page
    assert "<form" not in page


def test_a_rule_is_shown_before_it_is_added(desk: Client, platform: Team, aozora: Organization, mia: Member) -> None:
    Subscription.objects.buy(aozora, Product.CACOO, 1, by=OPERATOR)
    others = [managed(aozora, f"m{number}") for number in range(2)]
    platform.add(mia, *others, by=OPERATOR)
    address = url("team-rule-add", aozora, team=platform.scim_id, gives="cacoo")

    page = desk.get(address).content
    text = text_of(page)
    assert "People whom it concerns 3" in text
    assert "0 → 1 of 1" in text
    assert "2 people would get no Cacoo licence" in text
    assert text.count("The only Cacoo licence is in use") == 2
    assert not TeamRule.objects.exists()
    assert not Unmet.objects.exists()

    assert desk.post(address, {"shown": shown(page.decode())}).status_code == 302
    assert [Product.CACOO in fresh(one).licences for one in (mia, *others)] == [True, False, False]
    listed = text_of(desk.get(url("team-rules", aozora)).content)
    assert "What the rules cannot do at present" in listed
    assert "Cacoo, because of team Platform (rule 1)" in listed
    assert listed.count("The only Cacoo licence is in use") == 2
    own = text_of(desk.get(url("member", aozora, mia.scim_id)).content)
    assert "Holds one because of team Platform (rule 1)" in own
    assert "Of these, by team rules alone 1" in text_of(desk.get(url("licences", aozora)).content)
    assert "A Cacoo licence (rule 1)" in text_of(desk.get(url("team", aozora, platform.scim_id)).content)


def test_what_has_changed_since_it_was_shown_is_shown_again(
    desk: Client, platform: Team, aozora: Organization, mia: Member, kenji: Member
) -> None:
    platform.add(mia, by=OPERATOR)
    address = url("team-rule-add", aozora, team=platform.scim_id, gives="typetalk")
    mark = shown(desk.get(address).content.decode())
    platform.add(kenji, by=OPERATOR)
    answer = desk.post(address, {"shown": mark})
    assert answer.status_code == 409
    assert "Something has changed since this was shown" in text_of(answer.content)
    assert not TeamRule.objects.exists()
    # A rule that concerns nobody is a change, too: the number of the new one is another.
    TeamRule.objects.create_rule(Team.objects.create_team(aozora, "Design", by=OPERATOR), Gives.CACOO, by=OPERATOR)
    answer = desk.post(address, {"shown": shown(answer.content.decode())})
    assert answer.status_code == 409
    assert desk.post(address, {"shown": shown(answer.content.decode())}).status_code == 302


def test_moving_and_deleting_say_who_becomes_what(
    desk: Client, platform: Team, aozora: Organization, mia: Member
) -> None:
    design = Team.objects.create_team(aozora, "Design", by=OPERATOR)
    mia.change_role(Role.GUEST, by=OPERATOR)
    for team, gives in ((design, Gives.USER), (platform, Gives.ADMIN)):
        team.add(mia, by=OPERATOR)
        TeamRule.objects.create_rule(team, gives, by=OPERATOR)
    move = url("team-rule-move", aozora, platform.scim_id, "ADMIN", to=1)
    page = desk.get(move).content.decode()
    assert "Become Administrator 1" in text_of(page.encode())
    desk.post(move, {"shown": shown(page)})
    assert "Administrator because of team Platform (rule 1)" in text_of(
        desk.get(url("member", aozora, mia.scim_id)).content
    )
    delete = url("team-rule-delete", aozora, platform.scim_id, "ADMIN")
    assert "Become Member 1" in text_of(desk.get(delete).content)
    desk.post(delete)
    assert fresh(mia).role == Role.USER


def test_what_is_not_met_yet_of_another_rule_is_no_part_of_it(
    desk: Client, platform: Team, aozora: Organization, mia: Member
) -> None:
    Subscription.objects.buy(aozora, Product.CACOO, 0, by=OPERATOR)
    platform.add(mia, by=OPERATOR)
    TeamRule.objects.create_rule(platform, Gives.CACOO, by=OPERATOR)
    text = text_of(desk.get(url("team-rule-add", aozora, team=platform.scim_id, gives="USER")).content)
    assert "No role and no licence would change now." in text
    Subscription.objects.buy(aozora, Product.TYPETALK, 0, by=OPERATOR)
    page = desk.get(url("team-rule-add", aozora, team=platform.scim_id, gives="typetalk"))
    assert "No Typetalk licence has been bought" in text_of(page.content)
    assert "Cacoo" not in text_of(page.content)
    own = text_of(desk.get(url("member", aozora, mia.scim_id)).content)
    assert "Cacoo, because of team Platform (rule 1) No Cacoo licence has been bought, and this needs one." in own
    assert "Buy licences first. Licences" in own


def test_those_who_wait_are_counted_and_brought_on(
    desk: Client, platform: Team, aozora: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(following, "AT_ONCE", 1)
    platform.add(*(managed(aozora, f"m{number}", role=Role.GUEST) for number in range(3)), by=OPERATOR)
    TeamRule.objects.create_rule(platform, Gives.USER, by=OPERATOR)
    assert "2 changes still wait for their turn" in text_of(desk.get(url("team-rules", aozora)).content)
    desk.post(url("team-rules-continue", aozora))
    assert not Unmet.objects.exists()


def test_the_second_page_stands_behind_the_first(desk: Client, platform: Team, aozora: Organization) -> None:
    Subscription.objects.buy(aozora, Product.TYPETALK, 26, by=OPERATOR)
    platform.add(*(managed(aozora, f"m{number}") for number in range(30)), by=OPERATOR)
    address = url("team-rule-add", aozora, team=platform.scim_id, gives="typetalk")
    first = desk.get(address)
    assert "All 26" not in text_of(first.content)
    second = desk.get(
        address, {"team": platform.scim_id, "gives": "typetalk", "after": first.context["trial"].page.next}
    )
    assert text_of(second.content).count("All 26 Typetalk licences are in use") == 4
    assert shown(first.content.decode()) == shown(second.content.decode())


def test_a_rule_that_is_there_or_not_at_all(desk: Client, platform: Team, aozora: Organization) -> None:
    TeamRule.objects.create_rule(platform, Gives.USER, by=OPERATOR)
    again = desk.get(url("team-rule-add", aozora, team=platform.scim_id, gives="USER"))
    late = desk.post(url("team-rule-add", aozora, team=platform.scim_id, gives="USER"), {"shown": ""})
    assert [text_of(answer.content).count("There is already such a rule") for answer in (again, late)] == [1, 1]
    assert desk.get(url("team-rule-add", aozora, team="nothing", gives="USER")).status_code == 422
    assert desk.get(url("team-rule-delete", aozora, platform.scim_id, "nothing")).status_code == 404
    assert desk.get(url("team-rule-move", aozora, platform.scim_id, "USER", to="x")).status_code == 200


def test_who_signed_in_long_ago_makes_no_administrator_by_a_team(
    desk: Client, platform: Team, aozora: Organization, mia: Member
) -> None:
    TeamRule.objects.create_rule(platform, Gives.ADMIN, by=OPERATOR)
    session = desk.session
    session[SIGNED_IN_AT] -= 3600
    session.save()
    for address, form in (
        (url("team-member-add", aozora, platform.scim_id, mia.scim_id), {}),
        (url("member-team-add", aozora, mia.scim_id), {"team": platform.scim_id}),
        (url("invite", aozora), {"email": "new@else.example", "role": "USER", "teams": "Platform"}),
        (url("member-new", aozora), {"name": "N", "email": "n@aozora.example", "language": "en", "role": "USER",
                                     "teams": [platform.pk]}),
    ):  # fmt: skip
        answer = desk.post(address, form)
        assert (answer.status_code, "again=1" in answer.get("Location", "")) == (302, True), address
    assert not platform.memberships.exists()
    design = Team.objects.create_team(aozora, "Design", by=OPERATOR)
    desk.post(url("team-member-add", aozora, design.scim_id, mia.scim_id))
    assert design.memberships.exists()
