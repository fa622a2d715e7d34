"""Whatever happens in whatever order: the result is that of the rules applied to the final state."""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from itertools import chain
from typing import Any

import pytest
from django.db import transaction
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from members.models import Member, Organization, Product, Role, Subscription, Team
from members.models.team_rules import following
from members.models.team_rules.brought import Gives
from members.refusals import Refusal
from saml.models import SamlSettings
from tests.cast import OPERATOR, managed, provisioned
from tests.members.team_rules.world import GIVEN, Person, World

# Ann and Ben are kept by the IdP, Cid is managed here, Dan has a Nulab Account, Eva is managed by the neighbour.
PEOPLE = ["ann", "ben", "cid", "dan", "eva"]
TEAMS = ["Design", "Platform"]

names, teams = st.sampled_from(PEOPLE), st.sampled_from(TEAMS)
roles, products, numbers = st.sampled_from(Role), st.sampled_from(GIVEN), st.integers(0, 5)
sent_to, theirs = st.sampled_from(["ann", "ben"]), st.just("eva")
joins, makes = st.tuples(st.just("join"), names, teams), st.tuples(st.just("make"), teams, st.sampled_from(Gives))
steps = st.one_of(
    joins, makes, st.tuples(st.just("leave"), names, teams), st.tuples(st.just("disband"), teams),
    st.tuples(st.just("move"), numbers, numbers), st.tuples(st.just("end"), numbers),
    st.tuples(st.just("send"), sent_to, roles), st.tuples(st.just("unsend"), sent_to),
    st.tuples(st.just("by_hand"), names, roles), st.tuples(st.just("give"), names, products),
    st.tuples(st.just("take"), names, products), st.tuples(st.just("out"), sent_to),
    st.tuples(st.just("back"), sent_to), st.tuples(st.just("buy"), products, numbers),
    st.tuples(st.just("remove"), names), st.tuples(st.just("restore"), names),
    st.tuples(st.just("become_nulab"), names), st.tuples(st.just("become_managed"), names),
    st.tuples(st.just("issue"), names), st.tuples(st.just("revoke")), st.tuples(st.just("hand_over"), names),
    st.tuples(st.just("saml"), st.booleans()), st.tuples(st.just("turn")),
    st.tuples(st.sampled_from(["out_there", "back_there", "nulab_there", "managed_there", "removed_there"]), theirs),
)  # fmt: skip
# Most of what can happen needs people in teams, and rules.
walks = st.tuples(
    st.lists(st.one_of(joins, makes), min_size=6, max_size=14, unique=True), st.lists(steps, min_size=4, max_size=20)
)


@contextmanager
def undone() -> Iterator[None]:
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def test_the_result_is_that_of_the_rules_applied_to_the_final_state(
    aozora: Organization, hakata: Organization, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Else the only Nulab Account could never stop being an administrator.
    SamlSettings.of(aozora).disable(by=OPERATOR)
    for name in TEAMS:
        Team.objects.create_team(aozora, name, by=OPERATOR)
    for name in ("ann", "ben"):
        provisioned(aozora, name, display_name=name, role=None)
    managed(aozora, "cid", display_name="cid")
    Member.objects.add(aozora, managed(hakata, "eva", display_name="eva").account, role=Role.USER, by=OPERATOR)
    aiko = aozora.members.get(role=Role.ADMIN)
    people = {
        "ann": Person(Role.GUEST), "ben": Person(Role.GUEST), "cid": Person(), "eva": Person(),
        aiko.account.name: Person(Role.ADMIN),
    }  # fmt: skip
    Subscription.objects.buy(aozora, Product.CACOO, 1, by=OPERATOR)

    @given(walks, st.sampled_from([1, 2, 100]))
    @settings(max_examples=14, phases=[Phase.explicit, Phase.reuse, Phase.generate])
    def walk(taken: tuple[list[Any], list[Any]], at_once: int) -> None:
        monkeypatch.setattr(following, "AT_ONCE", at_once)
        with undone():
            world = World(aozora, hakata, {name: Person(one.role) for name, one in people.items()})
            for step, *arguments in chain(*taken):
                arguments = [aiko.account.name if one == "dan" else one for one in arguments]
                with suppress(Refusal):
                    world.step(step, *arguments)
                world.check()
            world.check_at_the_end()

    walk()
