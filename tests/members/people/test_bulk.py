"""Several members at once: each page a dry run that says who changes how, and who does not and why."""

import re
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from members.models import Account, Event, Invitation, Member, Organization, Product, Role
from provisioning.models import ProvisioningSettings
from tests.cast import OPERATOR, managed, nulab, page_actor, provisioned, scim_token, signed_in
from tests.cast.console import listed, picked, text
from tests.cast.rows import events, fresh, rows_of, unchanged

CHOSEN = {"members-role": {"role": "GUEST"}, "members-licence-assign": {"product": "cacoo"},
          "members-licence-withdraw": {"product": "cacoo"}}  # fmt: skip
PAGES = ["members-deactivate", "members-role", "members-licence-assign", "members-licence-withdraw", "members-remove"]


def undo(desk: Client, answer: Any) -> Any:
    """Press the Undo of the message."""
    page = desk.get(answer["Location"])
    return desk.post(next(iter(page.context["messages"])).extra_tags)


@pytest.fixture
def nao(aozora: Organization) -> Member:
    return managed(aozora, "nao", role=Role.GUEST)


@pytest.mark.parametrize("name", PAGES)
def test_the_pages_are_for_administrators_and_find_this_organizations_members_only(
    client: Client, aozora: Organization, hakata: Organization, aiko: Member, mia: Member, ren: Member, name: str
) -> None:
    theirs = hakata.members.get(unique_id="mia")
    form = {"role": "GUEST", "product": "cacoo", "confirmation": "hakata"}

    neighbour = signed_in(client, ren)
    visitors = [Client(), signed_in(Client(), mia), neighbour]
    with unchanged():
        for visitor in visitors:
            assert visitor.post(picked(name, aozora, mia), form).status_code in (302, 403, 404)
            assert visitor.get(picked(name, aozora, mia)).status_code in (302, 403, 404)
        neighbour.post(picked(name, hakata, mia), form)
    page = text(signed_in(Client(), aiko).get(picked(name, aozora, theirs)))
    assert "No members selected" in page


@pytest.mark.parametrize("name", PAGES)
@pytest.mark.parametrize("query", ["", "member=", "member=%00", "member=1&member=x", f"member={'a' * 3000}"])
def test_nonsense_is_nobody(desk: Client, aozora: Organization, name: str, query: str) -> None:
    page = f"{reverse(name, args=[aozora.space_key])}?{query}"

    assert "No members selected" in text(desk.get(page))
    assert "No members selected" in text(desk.post(page, {"role": "ADMIN", "product": "x", "confirmation": "aozora"}))


def test_the_list_offers_them_in_a_form_of_its_own(desk: Client, aozora: Organization, mia: Member) -> None:
    page = desk.get(reverse("members", args=[aozora.space_key]), {"sort": "role"}).content.decode()

    assert re.search(rf'name="member" value="{mia.scim_id}"\s+aria-label="Select Mia Sato"', page)
    assert 'name="list" value="sort=role"' in page
    for name in PAGES:
        assert f'formaction="{reverse(name, args=[aozora.space_key])}"' in page


def test_a_role_is_given_to_several_and_can_be_undone(
    desk: Client, aozora: Organization, hakata: Organization, mia: Member, nao: Member
) -> None:
    theirs = rows_of(hakata)
    assert "Change the role of 2 members?" in text(desk.get(picked("members-role", aozora, mia, nao)))

    answer = desk.post(picked("members-role", aozora, mia, nao, list="sort=role"), {"role": "ADMIN"})

    assert answer["Location"] == f"{reverse('members', args=[aozora.space_key])}?sort=role"
    assert {fresh(mia).role, fresh(nao).role} == {"ADMIN"}
    undone = undo(desk, answer)
    assert undone["Location"] == answer["Location"]
    assert (fresh(mia).role, fresh(nao).role) == ("USER", "GUEST")
    assert events(aozora).count(Event.ROLE_CHANGED) == 4
    assert rows_of(hakata) == theirs


def test_who_is_refused_is_named_with_the_reason_and_the_others_are_changed(
    desk: Client, aozora: Organization, aiko: Member, mia: Member, nao: Member
) -> None:
    issuer = managed(aozora, "emi", role=Role.ADMIN)
    scim_token(aozora, issuer=issuer)

    answer = desk.post(picked("members-role", aozora, mia, issuer, aiko), {"role": "GUEST"})

    page = text(answer)
    assert "The role of 1 member is Guest now." in page
    assert "2 were refused" in page
    assert "Emi Ueda is the issuer of the live SCIM token" in page
    assert "Aiko Tanaka is your own account." in page
    assert reverse("provisioning", args=[aozora.space_key]) in answer.content.decode()
    assert (fresh(mia).role, fresh(issuer).role, fresh(aiko).role) == ("GUEST", "ADMIN", "ADMIN")


@pytest.mark.parametrize("role", ["", "OWNER", "\0"])
def test_an_unknown_role_is_asked_for_again(desk: Client, aozora: Organization, mia: Member, role: str) -> None:
    with unchanged():
        assert desk.post(picked("members-role", aozora, mia), {"role": role}).status_code == 422


def test_licences_are_assigned_as_far_as_they_reach_and_the_undo_takes_only_those(
    desk: Client, aozora: Organization, mia: Member, nao: Member
) -> None:
    emi = managed(aozora, "emi")
    emi.assign_licence(Product.TYPETALK, by=OPERATOR)
    page = picked("members-licence-assign", aozora, mia, nao, emi)
    assert "Typetalk: 1 of 2 free" in text(desk.get(page))

    answer = desk.post(page, {"product": "typetalk"})

    assert "1 member got a Typetalk licence." in text(answer)
    assert "Nao Ito : All 2 Typetalk licences are in use" in text(answer)
    taken_back = f'action="{picked("members-licence-withdraw", aozora, mia, product="typetalk")}"'
    assert taken_back.replace("&", "&amp;") in answer.content.decode()
    desk.post(picked("members-licence-withdraw", aozora, mia, product="typetalk"))
    assert (fresh(mia).has_typetalk, fresh(nao).has_typetalk, fresh(emi).has_typetalk) == (False, False, True)


def test_licences_are_withdrawn_and_can_be_given_back(
    desk: Client, aozora: Organization, mia: Member, nao: Member
) -> None:
    mia.assign_licence(Product.CACOO, by=OPERATOR)

    answer = desk.post(picked("members-licence-withdraw", aozora, mia, nao), {"product": "cacoo"})

    assert not fresh(mia).has_cacoo
    undo(desk, answer)
    assert (fresh(mia).has_cacoo, fresh(nao).has_cacoo) == (True, False)


def test_pass_is_not_among_the_products(desk: Client, aozora: Organization, mia: Member) -> None:
    with unchanged():
        assert desk.post(picked("members-licence-withdraw", aozora, mia), {"product": "pass"}).status_code == 422


@pytest.fixture
def crowd(aozora: Organization, aiko: Member, mia: Member, hakata: Organization) -> list[Member]:
    """Own, another organization's, a Nulab Account, the token issuer, and oneself."""
    issuer = managed(aozora, "emi", role=Role.ADMIN)
    scim_token(aozora, issuer=issuer)
    guest = Member.objects.add(aozora, managed(hakata, "nao").account, role=Role.GUEST, by=OPERATOR)
    return [aiko, mia, issuer, guest, nulab(aozora, "yuki")]


def test_the_removal_says_before_anything_happens_who_goes_how_and_who_stays_why(
    desk: Client, aozora: Organization, crowd: list[Member]
) -> None:
    with unchanged():
        page = text(desk.get(picked("members-remove", aozora, *crowd)))

    assert "Remove 3 members?" in page
    assert "1 Managed Account of this organization is deleted" in page
    assert "2 accounts that this organization does not manage are only removed from it" in page
    assert "Aiko Tanaka : Aiko Tanaka is your own account." in page
    assert "Emi Ueda is the issuer of the live SCIM token" in page
    assert "Type aozora to confirm" in page


def test_the_removal_needs_the_organization_id_and_takes_nobody_else(
    desk: Client, aozora: Organization, hakata: Organization, crowd: list[Member]
) -> None:
    page = picked("members-remove", aozora, *crowd)
    with unchanged():
        assert desk.post(page, {"confirmation": "hakata"}).status_code == 422

    answer = desk.post(page, {"confirmation": "aozora"}, follow=True)

    assert "3 members are removed." in text(answer)
    assert listed(desk, aozora) == ["Aiko Tanaka", "Emi Ueda"]
    assert hakata.members.filter(unique_id="nao").exists(), "only the place at Aozora ended"
    assert Account.objects.with_address("yuki@aozora.example")
    assert Account.objects.with_address("mia@aozora.example") is None


def test_where_everybody_is_protected_there_is_nothing_to_confirm(
    desk: Client, aozora: Organization, crowd: list[Member]
) -> None:
    page = desk.get(picked("members-remove", aozora, crowd[0], crowd[2]))

    assert "None of these members can be removed" in text(page)
    assert 'name="confirmation"' not in page.content.decode()


# -- the dry run


def marks(answer: Any) -> list[str]:
    """What the form of a dry run carries of each member that it shows as changing."""
    return re.findall(r'name="shown" value="([^"]+)"', answer.content.decode())


def apply(desk: Client, page: str, answer: Any) -> Any:
    """Press the button of the dry run."""
    return desk.post(page, {"shown": marks(answer), "confirmation": "aozora"}, follow=True)


@pytest.fixture
def mixed(aozora: Organization, crowd: list[Member], hakata: Organization) -> list[Member]:
    """The crowd, and: kept by an IdP that sends roles, signed in with invitations sent, inactive, a holder of Cacoo."""
    ProvisioningSettings.objects.filter(organization=aozora).update(sent_fields="role name")
    kenji, nao = provisioned(aozora, "kenji"), managed(aozora, "nao", role=Role.GUEST)
    signed_in(Client(), kenji)
    kenji.change_privileges(can_invite=True, by=OPERATOR)
    Invitation.objects.invite(kenji, "friend@elsewhere.example", role=Role.GUEST, by=page_actor(kenji))
    nao.assign_licence(Product.CACOO, by=OPERATOR)
    gone = managed(aozora, "gone", is_active=False)
    return [*crowd, kenji, nao, gone]


@pytest.mark.parametrize("name", [*PAGES, "accounts-convert-managed"])
def test_a_dry_run_leaves_no_trace_and_says_what_the_same_change_then_does(
    desk: Client, aozora: Organization, mixed: list[Member], name: str
) -> None:
    page = picked(name, aozora, *mixed, **CHOSEN.get(name, {}))

    with unchanged():
        asked = desk.get(page)
    told = {member.scim_id for member in mixed if any(mark.startswith(member.scim_id) for mark in marks(asked))}
    refusals = [(one["member"].pk, str(one["refusal"])) for one in asked.context["refused"]]
    before = {
        row.scim_id: (row.role, row.licences, row.account.type, row.is_active, bool(row.lock))
        for row in map(fresh, mixed)
    }
    done = desk.post(page, {"confirmation": "aozora"})

    left = {row.scim_id: row for row in aozora.members.select_related("account", "emergency_lock")}
    now = {key: (row.role, row.licences, row.account.type, row.is_active, bool(row.lock)) for key, row in left.items()}
    assert {key for key in before if before[key] != now.get(key)} == told
    assert told
    assert [(one["member"].pk, str(one["refusal"])) for one in (done.context or {"refused": []})["refused"]] == refusals


def test_a_dry_run_has_figures_before_and_after_and_what_the_idp_makes_of_it(
    desk: Client, aozora: Organization, mixed: list[Member]
) -> None:
    page = text(desk.get(picked("members-role", aozora, *mixed, role="GUEST")))

    assert "Change the role of 4 members to Guest?" in page
    assert "Will change 4 Unchanged 2 Refused 2" in page
    assert "Nothing has been done yet." in page
    kenji = page[page.index("kenji@aozora.example") :]
    assert kenji.startswith("kenji@aozora.example Role: Member → Guest")
    assert "Your IdP sends roles, so it overwrites this role" in kenji[:150]
    assert page.count("Your IdP sends roles") == 1
    assert "2 would not change" in page
    stop = text(desk.get(picked("members-deactivate", aozora, *mixed)))
    assert "kenji@aozora.example Status: Active → Inactive Licences: Nulab Pass → none Locked: No → Yes" in stop
    assert "1 open invitation is withdrawn." in stop
    assert stop.count("the lock keeps it from activating the account") == 1
    removal = text(desk.get(picked("members-remove", aozora, *mixed)))
    assert "kenji@aozora.example Account: Provision Managed → deleted Licences: Nulab Pass → none" in removal
    assert removal.count("creates a new account for the person at its next synchronization") == 1
    assert "yuki@aozora.example Membership: Member → ended" in removal


def test_licences_are_counted_down_in_the_dry_run_as_they_are_taken(
    desk: Client, aozora: Organization, mia: Member, nao: Member
) -> None:
    emi = managed(aozora, "emi")
    page = picked("members-licence-assign", aozora, mia, nao, emi, product="typetalk")

    asked = desk.get(page)

    assert "Will change 2 Unchanged 0 Refused 1" in text(asked)
    assert "All 2 Typetalk licences are in use" in text(asked)
    assert "2 members got a Typetalk licence." in text(apply(desk, page, asked))


def test_of_two_administrators_the_second_is_the_last_one(
    desk: Client, aozora: Organization, sandbox: Organization
) -> None:
    administrators = [nulab(aozora, "yuki", role=Role.ADMIN), managed(aozora, "emi", role=Role.ADMIN)]
    visitor = managed(aozora, "tomo", role=Role.ADMIN)
    aozora.members.exclude(pk__in=[*(one.pk for one in administrators), visitor.pk]).update(role=Role.USER)
    answer = signed_in(Client(), visitor).get(picked("members-role", aozora, *administrators, visitor, role="USER"))

    assert "Yuki Abe" in text(answer).partition("Before and after")[0], "the last one who gets in without the IdP"
    assert "Tomo is your own account" in text(answer)
    assert [mark.split(":")[0] for mark in marks(answer)] == [administrators[1].scim_id]


def test_the_button_does_what_was_shown_and_tells_of_each_for_whom_that_is_no_longer_so(
    desk: Client, aozora: Organization, mia: Member, nao: Member
) -> None:
    """Changed meanwhile, refused meanwhile, gone meanwhile, so already, and never shown as changing."""
    people = {name: managed(aozora, name) for name in ("other", "issuer", "left", "same", "plain", "guest")}
    people["guest"].change_role(Role.GUEST, by=OPERATOR)
    people["issuer"].change_role(Role.ADMIN, by=OPERATOR)
    page = picked("members-role", aozora, *people.values(), role="GUEST")
    asked = desk.get(page)
    assert len(marks(asked)) == 5
    people["other"].change_role(Role.ADMIN, by=OPERATOR)
    scim_token(aozora, issuer=fresh(people["issuer"]))
    people["left"].remove(by=OPERATOR)
    people["same"].change_role(Role.GUEST, by=OPERATOR)
    people["guest"].change_role(Role.USER, by=OPERATOR)

    told = text(apply(desk, page, asked))

    assert "The role of 1 member is Guest now." in told
    assert "2 were refused" in told
    assert "Other has been changed since the page was opened" in told
    assert "Issuer is the issuer of the live SCIM token" in told
    assert "1 of those shown is no longer a member." in told
    assert {name: fresh(one).role for name, one in people.items() if name != "left"} == {
        "other": "ADMIN", "issuer": "ADMIN", "same": "GUEST", "plain": "GUEST", "guest": "USER",
    }  # fmt: skip


@pytest.mark.parametrize("mark", ["", "x", ":", "x:y", "\0:\0", "{id}", "{id}:"])
def test_marks_that_no_page_has_made_change_nobody(desk: Client, aozora: Organization, mia: Member, mark: str) -> None:
    answer = desk.post(picked("members-role", aozora, mia), {"role": "GUEST", "shown": mark.format(id=mia.scim_id)})

    assert answer.status_code in (200, 302)
    assert fresh(mia).role == "USER"


def test_each_further_person_costs_a_dry_run_the_same(desk: Client, aozora: Organization) -> None:
    people = [managed(aozora, f"n{number}") for number in range(6)]

    def cost(members: list[Member]) -> int:
        with CaptureQueriesContext(connection) as asked:
            desk.get(picked("members-remove", aozora, *members))
        return len(asked)

    two, four, six = cost(people[:2]), cost(people[:4]), cost(people)
    assert six - four == four - two <= 2 * 35


def test_more_than_are_changed_at_once_is_said(
    desk: Client, aozora: Organization, mia: Member, nao: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("members.people.bulk.MAX_MEMBERS", 1)
    monkeypatch.setattr("members.people.bulk_page.MAX_MEMBERS", 1)

    page = text(desk.get(picked("members-role", aozora, mia, nao, role="ADMIN")))

    assert "At most 1 people are changed at once" in page
    assert "Will change 1" in page


def test_the_choice_comes_first_and_can_be_made_anew(desk: Client, aozora: Organization, mia: Member) -> None:
    asked = desk.get(picked("members-role", aozora, mia, list="sort=role")).content.decode()
    shown = desk.get(picked("members-role", aozora, mia, list="sort=role", role="ADMIN")).content.decode()

    assert f'<input type="hidden" name="member" value="{mia.scim_id}">' in asked
    assert '<input type="hidden" name="list" value="sort=role">' in asked
    assert 'name="shown"' not in asked
    assert f'href="?member={mia.scim_id}&amp;list=sort%3Drole"' in shown
