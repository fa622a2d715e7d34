"""Before and after in an event are the fields as the API gives them: a copy that follows the events stays right."""

from collections.abc import Callable, Collection
from typing import Any

import pytest

from api.models import EventCounter
from members.models import Account, Member, Organization, Product, Team, owning
from members.models.team_rules.brought import Gives
from members.models.team_rules.rule import TeamRule
from tests.api import Api
from tests.cast import OPERATOR, page_actor
from tests.cast.rows import fresh

Act = Callable[[Member], Any]
# Fields that the type of an event tells.
UNTOLD = {"account_type", "managed_here", "modified_at"}


def put_in_team_with(gives: Gives) -> Act:
    def act(member: Member) -> None:
        team = Team.objects.create_team(member.organization, gives.value, by=OPERATOR)
        TeamRule.objects.create_rule(team, gives, by=OPERATOR)
        team.add(member, by=OPERATOR)

    return act


def move_to(email: str) -> Act:
    return lambda member: owning.change_address(member.account, email, by=page_actor(member))


def without_a_name(member: Member) -> None:
    Account.objects.filter(pk=member.account_id).update(display_name="", formatted_name="", name_is_split=True)
    move_to("nameless@else.example")(fresh(member))


# Acts, each with the fields that its events tell of.
ACTS: list[tuple[Act, Collection[str]]] = [
    (lambda mia: mia.assign_licence(Product.CACOO, by=OPERATOR), ["licences"]),
    (lambda mia: mia.assign_licence(Product.TYPETALK, by=OPERATOR), ["licences"]),
    (lambda mia: mia.withdraw_licence(Product.CACOO, by=OPERATOR), ["licences"]),
    (put_in_team_with(Gives.CACOO), ["licences"]),
    (put_in_team_with(Gives.ADMIN), ["role"]),
    (lambda mia: mia.deactivate(by=OPERATOR), ["active", "licences"]),
    (lambda mia: mia.reactivate(by=OPERATOR), ["active", "licences"]),
    (lambda mia: mia.convert_to_nulab(by=OPERATOR), ["licences"]),
    (move_to("mia.sato@else.example"), ["email", "user_name"]),
    (without_a_name, ["email", "user_name", "name"]),
    (move_to("mia@aozora.example"), ["email", "user_name", "name"]),
    (lambda mia: mia.convert_to_managed(by=OPERATOR), ["licences"]),
    (lambda mia: mia.change_privileges(by=OPERATOR, can_invite=True), ["can_invite"]),
    (lambda mia: mia.change_unique_id("mia.s", by=OPERATOR), ["unique_id"]),
    (lambda mia: mia.account.prefer(by=page_actor(mia), language="ja"), ["language"]),
]


@pytest.mark.django_db
def test_a_copy_that_follows_the_events_is_the_answer(aozora: Organization, mia: Member, backlog: Api) -> None:
    address = f"organizations/{aozora.space_key}/members/{mia.scim_id}"
    copy = backlog.get(address).body
    for act, told in ACTS:
        number = EventCounter.objects.get(pk=aozora.pk).last
        act(fresh(mia))

        answer, changed = backlog.get(address).body, set()
        for event in aozora.events.filter(subject_id=mia.scim_id, number__gt=number).order_by("number"):
            for name, (before, after) in event.changes.items():
                if name in copy:
                    assert copy[name] == before, (event.type, name)
                    copy[name] = after
                    changed.add(name)
        copy |= {name: answer[name] for name in UNTOLD}
        assert (copy, changed) == (answer, set(told))
