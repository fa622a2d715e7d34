"""Two at the same moment, each in a thread and a database connection of its own.

Everybody starts behind a barrier, and every race is run several times over: a rule that is
held by hope loses one of them.
"""

import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import pytest
from django.db import connection, transaction

from members.actors import Actor
from members.models import (
    Account,
    Address,
    Domain,
    Headcount,
    Member,
    Organization,
    PasswordReset,
    Product,
    Role,
    SecondFactor,
    Subscription,
    Team,
    TeamCount,
)
from members.models.address_refusals import AddressTakenHere
from members.refusals import Refusal
from provisioning.models import ProvisioningSettings, ScimToken
from provisioning.models.token_refusals import TwoTokensAlready
from saml.models import SamlSettings
from tests.cast import OPERATOR, idp_actor, managed, next_code, nulab, page_actor, scim_token, with_second_factor
from tests.cast.rows import fresh

pytestmark = pytest.mark.django_db(transaction=True)
ROUNDS = 5
Deed = Callable[[], object]


def at_once(*deeds: Deed) -> list[Exception | None]:
    """Do them all together; what each of them raised. Anything but a Refusal or a vanished row is a failure."""
    start = threading.Barrier(len(deeds))

    def run(deed: Deed) -> Exception | None:
        try:
            start.wait(10)
            deed()
        except (Refusal, Member.DoesNotExist, Account.DoesNotExist) as no:
            return no
        finally:
            connection.close()
        return None

    with ThreadPoolExecutor(len(deeds)) as pool:
        return list(pool.map(run, deeds))


def kinds(outcomes: list[Exception | None]) -> list[str]:
    return sorted("done" if outcome is None else type(outcome).__name__ for outcome in outcomes)


def figures_are_true() -> None:
    """The counters say what counting the rows would say."""
    for subscription in Subscription.objects.select_related("organization"):
        holders = subscription.organization.members.licensed_for(Product(subscription.product)).count()
        assert subscription.used == holders, subscription
    for headcount in Headcount.objects.select_related("organization"):
        assert headcount.members == headcount.organization.members.count()
        assert TeamCount.of(headcount.organization) == headcount.organization.teams.count()


@pytest.fixture(autouse=True)
def true_figures(request: pytest.FixtureRequest, transactional_db: None) -> Iterator[None]:
    yield
    figures_are_true()


def test_two_creators_of_one_address_in_two_organizations_cannot_both_have_it(
    aozora: Organization, hakata: Organization
) -> None:
    for organization in (aozora, hakata):
        Domain.objects.add(organization, "group.example", by=OPERATOR).vouch(by=OPERATOR)

    for number in range(ROUNDS):
        address = f"p{number}@group.example"
        outcomes = at_once(*[partial(managed, place, f"p{number}", user_name=address) for place in (aozora, hakata)])
        assert kinds(outcomes) == ["AddressTaken", "done"]

    assert Address.objects.filter(key__endswith="@group.example").count() == ROUNDS


def test_two_creators_of_one_address_in_one_organization_cannot_both_have_it(aozora: Organization) -> None:
    for number in range(ROUNDS):
        deeds = [partial(managed, aozora, name) for name in (f"p{number}", f"P{number}")]
        assert kinds(at_once(*deeds)) == ["AddressTakenHere", "done"]


def test_two_who_swap_their_addresses_are_refused_without_a_deadlock(
    aozora: Organization, hakata: Organization
) -> None:
    for organization in (aozora, hakata):
        Domain.objects.add(organization, "group.example", by=OPERATOR).vouch(by=OPERATOR)
    here = managed(aozora, "a", user_name="a@group.example")
    there = managed(hakata, "b", user_name="b@group.example")

    outcomes = at_once(
        lambda: here.change_profile({"user_name": "b@group.example"}, by=OPERATOR),
        lambda: there.change_profile({"user_name": "a@group.example"}, by=OPERATOR),
    )

    assert kinds(outcomes) in (["AddressTaken", "AddressTaken"], ["AddressTaken", "done"])
    assert len(set(Account.objects.values_list("user_name", flat=True))) == Account.objects.count()


def test_one_code_typed_in_two_browsers_signs_one_of_them_in(aiko: Member) -> None:
    for _ in range(ROUNDS):
        secret, recovery = with_second_factor(aiko.account)
        factor = SecondFactor.objects.get()
        for code in (next_code(secret), recovery[0]):
            outcomes = at_once(*[partial(factor.accept, code, by=OPERATOR)] * 2)
            assert kinds(outcomes) == ["WrongCode", "done"]
        factor.remove(by=OPERATOR)


def test_of_wrong_codes_typed_at_once_none_goes_uncounted(aiko: Member) -> None:
    with_second_factor(aiko.account)
    factor = SecondFactor.objects.get()

    outcomes = at_once(*[partial(factor.accept, "no code", by=OPERATOR)] * 5)

    assert kinds(outcomes) == ["CodesLocked", *["WrongCode"] * 4]


def test_two_apps_set_up_at_once_are_one(aiko: Member) -> None:
    outcomes = at_once(*[partial(with_second_factor, aiko.account)] * 2)

    assert kinds(outcomes) == ["SecondFactorIsThere", "done"]


def test_of_ten_who_ask_for_a_mail_at_once_no_more_than_five_get_one(aiko: Member) -> None:
    outcomes = at_once(*[partial(PasswordReset.objects.count_in, aiko.account.email, None)] * 10)

    assert kinds(outcomes).count("done") <= 5


def test_a_freed_address_is_somebodys_or_nobodys(aozora: Organization, hakata: Organization) -> None:
    for organization in (aozora, hakata):
        Domain.objects.add(organization, "group.example", by=OPERATOR).vouch(by=OPERATOR)
    for number in range(ROUNDS):
        leaver = managed(aozora, f"l{number}", user_name=f"l{number}@group.example")
        outcomes = at_once(
            partial(leaver.remove, by=OPERATOR),
            partial(managed, hakata, f"n{number}", user_name=f"l{number}@group.example"),
        )
        assert kinds(outcomes) in (["AddressTaken", "done"], ["done", "done"])

    owned = set(Address.objects.values_list("key", flat=True))
    assert set(Account.objects.values_list("user_name", flat=True)) <= owned


def test_the_last_licence_goes_to_one_of_two_takers(aozora: Organization, mia: Member, kenji: Member) -> None:
    Subscription.objects.buy(aozora, Product.CACOO, 1, by=OPERATOR)

    for _ in range(ROUNDS):
        outcomes = at_once(
            lambda: mia.assign_licence(Product.CACOO, by=OPERATOR),
            lambda: kenji.assign_licence(Product.CACOO, by=OPERATOR),
        )
        assert kinds(outcomes) == ["NoFreeLicence", "done"]
        figures_are_true()
        for member in (mia, kenji):
            member.withdraw_licence(Product.CACOO, by=OPERATOR)


def test_the_last_pass_licence_goes_to_one_of_two_new_accounts(aozora: Organization) -> None:
    Subscription.objects.buy(aozora, Product.PASS, 1, by=OPERATOR)

    outcomes = at_once(*[partial(managed, aozora, name) for name in ("one", "two", "three")])

    assert kinds(outcomes) == ["NoFreeLicence", "NoFreeLicence", "done"]
    assert aozora.members.managed_here().count() == 1


def test_two_administrators_who_demote_each_other_leave_one(aozora: Organization, aiko: Member) -> None:
    SamlSettings.of(aozora).disable(by=OPERATOR)
    nao = nulab(aozora, "nao", role=Role.ADMIN)

    for _ in range(ROUNDS):
        outcomes = at_once(
            lambda: aiko.change_role(Role.USER, by=page_actor(nao)),
            lambda: nao.change_role(Role.USER, by=page_actor(aiko)),
        )
        assert kinds(outcomes) == ["LastAdministrator", "done"]
        for member in (aiko, nao):
            member.change_role(Role.ADMIN, by=OPERATOR)


def test_two_managed_administrators_who_deactivate_each_other_leave_one(aozora: Organization, aiko: Member) -> None:
    SamlSettings.of(aozora).disable(by=OPERATOR)
    emi, yuki = managed(aozora, "emi", role=Role.ADMIN), managed(aozora, "yuki", role=Role.ADMIN)
    aiko.change_role(Role.USER, by=OPERATOR)

    outcomes = at_once(lambda: emi.deactivate(by=OPERATOR), lambda: yuki.remove(by=OPERATOR))

    assert kinds(outcomes) == ["LastAdministrator", "done"]
    assert aozora.members.administrators().count() == 1


def test_there_is_no_third_live_token_however_many_ask(aozora: Organization, aiko: Member) -> None:
    scim_token(aozora)

    outcomes = at_once(*[lambda: ScimToken.objects.issue(aozora, issuer=aiko, by=page_actor(aiko))] * 3)

    assert kinds(outcomes) == [TwoTokensAlready.__name__] * 2 + ["done"]
    assert ScimToken.objects.live().filter(organization=aozora).count() == 2


def test_enabling_twice_at_once_issues_one_token(aozora: Organization, aiko: Member) -> None:
    ProvisioningSettings.of(aozora)

    def enable() -> None:
        ProvisioningSettings.of(aozora).enable(issuer=aiko, by=page_actor(aiko))

    at_once(enable, enable)

    assert ScimToken.objects.filter(organization=aozora).count() == 1


def test_a_new_issuer_is_not_demoted_in_the_same_moment(aozora: Organization, aiko: Member) -> None:
    token, _ = scim_token(aozora, issuer=aiko)
    emi = managed(aozora, "emi", role=Role.ADMIN)

    for _ in range(ROUNDS):
        at_once(
            lambda: token.change_issuer(emi, by=page_actor(aiko)),
            lambda: emi.change_role(Role.USER, by=page_actor(aiko)),
        )
        issuer = ScimToken.objects.select_related("issuer__account").get(pk=token.pk).issuer
        assert issuer is not None
        assert issuer.is_administrator
        token.change_issuer(aiko, by=OPERATOR)
        emi.change_role(Role.ADMIN, by=OPERATOR)


def test_deactivation_and_reactivation_leave_one_truth(aozora: Organization, mia: Member) -> None:
    mia.assign_licence(Product.CACOO, by=OPERATOR)

    for _ in range(ROUNDS):
        again = fresh(mia)
        at_once(lambda: mia.deactivate(by=OPERATOR), partial(again.reactivate, by=OPERATOR))
        now = fresh(mia)
        assert now.has_pass == now.has_cacoo == now.is_active
        figures_are_true()
        now.reactivate(by=OPERATOR)


def test_a_lock_holds_whatever_the_idp_says_meanwhile(aozora: Organization, aiko: Member, mia: Member) -> None:
    idp, administrator = idp_actor(aozora), page_actor(aiko)

    for was_active in (True, False) * ROUNDS:
        mia.deactivate(by=idp)
        if was_active:
            mia.reactivate(by=idp)
        at_once(partial(fresh(mia).deactivate, by=administrator), partial(fresh(mia).reactivate, by=idp))
        assert not fresh(mia).is_active
        assert fresh(mia).lock
        figures_are_true()
        fresh(mia).lift_lock(by=administrator)
        fresh(mia).reactivate(by=idp)


def test_a_licence_assigned_elsewhere_during_deactivation_does_not_outlive_it(
    hakata: Organization, mia: Member
) -> None:
    place = Member.objects.add(hakata, mia.account, role=Role.USER, by=OPERATOR)

    for _ in range(ROUNDS):
        at_once(
            lambda: mia.deactivate(by=OPERATOR),
            lambda: place.assign_licence(Product.CACOO, by=OPERATOR),
        )
        assert not fresh(place).has_cacoo
        figures_are_true()
        mia.reactivate(by=OPERATOR)
        place.withdraw_licence(Product.CACOO, by=OPERATOR)


def test_an_account_is_deleted_while_another_organization_invites_it(
    aozora: Organization, hakata: Organization
) -> None:
    for number in range(ROUNDS):
        leaver = managed(aozora, f"l{number}")
        account = Account.objects.get(pk=leaver.account_id)
        at_once(
            partial(leaver.remove, by=OPERATOR),
            partial(Member.objects.add, hakata, account, role=Role.USER, by=OPERATOR),
        )
        assert not Account.objects.filter(pk=leaver.account_id).exists()
        figures_are_true()


def test_an_account_becomes_managed_or_an_administrator_elsewhere_but_not_both(
    aozora: Organization, hakata: Organization
) -> None:
    for number in range(ROUNDS):
        here = nulab(aozora, f"n{number}")
        there = Member.objects.add(hakata, here.account, role=Role.USER, by=OPERATOR)
        outcomes = at_once(
            partial(here.convert_to_managed, by=OPERATOR),
            partial(there.change_role, Role.ADMIN, by=OPERATOR),
        )
        assert kinds(outcomes)[-1] == "done"
        assert not (fresh(here).account.is_managed and fresh(there).role == Role.ADMIN)


def test_deletions_with_crossing_memberships_do_not_wait_for_each_other(
    aozora: Organization, hakata: Organization
) -> None:
    for number in range(ROUNDS):
        ours, theirs = managed(aozora, f"o{number}"), managed(hakata, f"t{number}")
        for member, place in ((ours, hakata), (theirs, aozora)):
            guest = Member.objects.add(place, member.account, role=Role.USER, by=OPERATOR)
            for product in (Product.CACOO, Product.TYPETALK):
                guest.assign_licence(product, by=OPERATOR)
                member.assign_licence(product, by=OPERATOR)

        outcomes = at_once(
            partial(ours.remove, by=OPERATOR),
            partial(theirs.remove, by=OPERATOR),
        )

        assert kinds(outcomes) == ["done", "done"]
        figures_are_true()


def test_switching_crossing_memberships_off_and_on_does_not_deadlock(
    aozora: Organization, hakata: Organization
) -> None:
    ours, theirs = managed(aozora, "ours"), managed(hakata, "theirs")
    for member, place in ((ours, hakata), (theirs, aozora)):
        guest = Member.objects.add(place, member.account, role=Role.USER, by=OPERATOR)
        for product in (Product.CACOO, Product.TYPETALK):
            guest.assign_licence(product, by=OPERATOR)

    def off_and_on(member: Member, by: Actor) -> None:
        for _ in range(ROUNDS):
            member.deactivate(by=by)
            member.reactivate(by=by)

    outcomes = at_once(
        lambda: off_and_on(ours, OPERATOR),
        lambda: off_and_on(theirs, OPERATOR),
    )

    assert kinds(outcomes) == ["done", "done"]


def test_a_domain_cannot_go_while_an_account_moves_in(aozora: Organization) -> None:
    for number in range(ROUNDS):
        name = f"d{number}.example"
        domain = Domain.objects.add(aozora, name, by=OPERATOR)
        domain.vouch(by=OPERATOR)
        outcomes = at_once(
            partial(domain.remove, by=OPERATOR),
            partial(managed, aozora, "m", user_name=f"mover@{name}"),
        )
        assert kinds(outcomes) in (["DomainInUse", "done"], ["DomainNotVerified", "done"])


def test_one_unique_id_is_chosen_once(aozora: Organization, mia: Member, kenji: Member) -> None:
    outcomes = at_once(
        lambda: mia.change_unique_id("star", by=OPERATOR), lambda: kenji.change_unique_id("STAR", by=OPERATOR)
    )

    assert kinds(outcomes) == ["UniqueIdTaken", "done"]


def test_an_organization_id_is_given_out_once(aozora: Organization, hakata: Organization) -> None:
    outcomes = at_once(lambda: aozora.rename(slug="nova", by=OPERATOR), lambda: hakata.rename(slug="nova", by=OPERATOR))

    assert kinds(outcomes) == ["OrganizationIdTaken", "done"]


def test_a_verb_on_somebody_who_has_just_gone_says_so(mia: Member) -> None:
    stale = fresh(mia)
    mia.remove(by=OPERATOR)

    with pytest.raises(Member.DoesNotExist):
        stale.deactivate(by=idp_actor(stale.organization))


def test_a_refusal_takes_an_outer_transaction_along_only_if_it_is_let_through(
    aozora: Organization, mia: Member
) -> None:
    with transaction.atomic():
        mia.change_profile({"display_name": "Mia Kato"}, by=OPERATOR)
        with pytest.raises(AddressTakenHere):
            managed(aozora, "mia")

    assert fresh(mia).account.name == "Mia Kato"


def anew(team: Team) -> Team:
    """The team as the database has it now."""
    return Team.objects.select_related("organization").get(pk=team.pk)


def test_sixteen_who_change_one_team_lose_nobody_and_name_nobody_twice(aozora: Organization) -> None:
    people = [managed(aozora, f"p{number}") for number in range(32)]
    team = Team.objects.create_team(aozora, "All", by=OPERATOR)
    team.add(*people[:16], by=OPERATOR)

    def change(number: int) -> None:
        mine = anew(team)
        mine.add(people[16 + number], people[16 + (number + 1) % 16], by=OPERATOR)
        mine.remove(people[number], people[(number + 1) % 16], by=OPERATOR)

    for _ in range(2):
        assert kinds(at_once(*(partial(change, number) for number in range(16)))) == ["done"] * 16

    assert set(team.memberships.values_list("member", flat=True)) == {member.pk for member in people[16:]}
    recorded = Counter(aozora.audit.filter(event__startswith="team.member").values_list("subject_id", "event"))
    assert set(recorded.values()) == {1}
    assert len(recorded) == 48
    # A change for each call that moved somebody.
    assert 17 <= anew(team).revision <= 33


def test_a_leaver_of_another_organization_and_a_change_of_the_team_both_count(
    aozora: Organization, hakata: Organization
) -> None:
    for number in range(ROUNDS):
        team = Team.objects.create_team(hakata, f"Sales {number}", by=OPERATOR)
        leaver, other = managed(aozora, f"leaver{number}"), managed(hakata, f"other{number}")
        guest = Member.objects.add(hakata, leaver.account, role=Role.GUEST, by=OPERATOR)
        team.add(guest, by=OPERATOR)

        outcomes = at_once(
            lambda leaver=leaver: leaver.remove(by=OPERATOR),  # type: ignore[misc]
            lambda team=team, other=other: anew(team).add(other, by=OPERATOR),  # type: ignore[misc]
            lambda team=team: anew(team).rename(f"Brand of {team}", by=OPERATOR),  # type: ignore[misc]
            lambda team=team, guest=guest: anew(team).remove(guest, by=OPERATOR),  # type: ignore[misc]
        )

        assert kinds(outcomes) in (["done"] * 4, ["DoesNotExist", "done", "done", "done"])
        kept = anew(team)
        assert [member.pk for member in Member.objects.filter(team_memberships__team=kept)] == [other.pk]
        # Leaving is no second change of who had left the team before.
        assert (kept.name, kept.revision in (3, 4)) == (f"Brand of {team}", True)


def test_teams_are_made_and_deleted_while_their_people_leave(aozora: Organization, hakata: Organization) -> None:
    """The number of teams is no headcount: nobody who leaves waits for it, or is waited for because of it."""
    for number in range(ROUNDS):
        leaver = managed(hakata, f"leaver{number}")
        place = Member.objects.add(aozora, leaver.account, role=Role.GUEST, by=OPERATOR)
        old = Team.objects.create_team(aozora, f"Old {number}", by=OPERATOR)
        old.add(place, by=OPERATOR)

        def make(name: str = f"New {number}", member: Member = place) -> None:
            organization = Organization.objects.get(pk=aozora.pk)
            with organization.locked():
                Team.objects.create_team(organization, name, by=OPERATOR).add(fresh(member), by=OPERATOR)

        at_once(make, partial(fresh(leaver).remove, by=OPERATOR), partial(anew(old).disband, by=OPERATOR))
        assert not aozora.teams.filter(pk=old.pk).exists()
        figures_are_true()


def test_who_waits_for_a_team_finds_it_as_it_is_then(aozora: Organization) -> None:
    """What a statement reads beside the rows that it locks is as old as its beginning."""
    team = Team.objects.create_team(aozora, "Design", by=OPERATOR)
    waiting = anew(team)

    with ThreadPoolExecutor(1) as pool, aozora.locked():
        renamed = pool.submit(_rename_again, waiting)
        time.sleep(0.3)
        Team.objects.filter(pk=team.pk).update(name="Brand", name_key="brand")

    assert renamed.result(10) == ["Brand", "Brand (again)"]


def _rename_again(team: Team) -> list[str]:
    try:
        with team.locked():
            before = team.name
            team.rename(f"{team.name} (again)", by=OPERATOR)
            return [before, team.name]
    finally:
        connection.close()
