"""The sign-in page asks who first, and sends Managed Accounts to their organization's IdP."""

from typing import Any
from urllib.parse import quote, urlencode

import pytest
from django.test import Client
from django.urls import reverse

from members.models import Account, Member, Organization, Role
from members.openings import SIGN_IN_ADDRESS
from tests.cast import OPERATOR, PASSWORD, managed, signed_in
from tests.cast.console import is_signed_in, text

pytestmark = pytest.mark.django_db


@pytest.fixture
def idps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every organization but a sandbox has an IdP."""

    def address(organization: Organization) -> str | None:
        return None if organization.is_sandbox else f"/to-the-idp/{organization.slug}"

    monkeypatch.setattr(SIGN_IN_ADDRESS, "_functions", [address])


@pytest.fixture
def no_idps(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(SIGN_IN_ADDRESS, "_functions", [])


def step(client: Client, **fields: str) -> Any:
    return client.post(reverse("signin"), fields)


def asks_password(answer: Any) -> bool:
    return 'name="password"' in answer.content.decode()


def with_password(member: Member) -> Member:
    """A password in the table, which no verb would have written."""
    member.account.set_password(PASSWORD)
    member.account.save(update_fields=["password"])
    return member


# -- step one


def test_the_first_step_asks_for_no_password(client: Client) -> None:
    answer = client.get(reverse("signin"))

    assert answer.status_code == 200
    assert not asks_password(answer)


def test_a_nulab_account_is_asked_for_its_password(client: Client, aiko: Member, idps: None) -> None:
    answer = step(client, identifier=aiko.account.email, next="/profile")

    assert answer.status_code == 200
    assert asks_password(answer)
    assert f'value="{aiko.account.email}"' in answer.content.decode()
    assert 'name="next" value="/profile"' in answer.content.decode()
    assert 'href="/signin?next=/profile"' in answer.content.decode()
    assert not is_signed_in(client)


def test_an_unknown_address_is_answered_like_a_nulab_account(client: Client, aiko: Member, idps: None) -> None:
    known, unknown = (step(client, identifier=who) for who in (aiko.account.email, "aiko.tonaka@aozora.example"))

    assert unknown.status_code == known.status_code
    assert text(unknown) == text(known)


def test_an_unknown_address_costs_the_same_statements(
    client: Client, aiko: Member, django_assert_num_queries: Any
) -> None:
    for who in (aiko.account.email, "aiko.tonaka@aozora.example"):
        with django_assert_num_queries(1):
            step(client, identifier=who)


@pytest.mark.parametrize("who", ["mia@aozora.example", " MIA@Aozora.Example ", "aozora", "AOZORA"])
def test_a_managed_account_and_an_organization_id_go_to_the_idp(
    client: Client, aozora: Organization, mia: Member, idps: None, who: str
) -> None:
    answer = step(client, identifier=who, next="/profile")

    assert answer.status_code == 302
    assert answer["Location"] == "/to-the-idp/aozora?next=%2Fprofile"


def test_the_way_to_the_idp_leads_nowhere_but_to_this_site(client: Client, mia: Member, idps: None) -> None:
    answer = step(client, identifier=mia.account.user_name, next="//evil.example")

    assert answer["Location"] == "/to-the-idp/aozora"


def test_a_managed_account_goes_to_the_idp_of_the_organization_that_manages_it(
    client: Client, hakata: Organization, aiko: Member, mia: Member, idps: None
) -> None:
    theirs = managed(hakata, "yuki")
    Member.objects.add(mia.organization, theirs.account, role=Role.USER, by=OPERATOR)

    answer = step(client, identifier=theirs.account.user_name)

    assert answer["Location"] == "/to-the-idp/hakata"


@pytest.mark.parametrize("password", ["", PASSWORD])
def test_a_password_of_a_managed_account_is_never_accepted(
    client: Client, mia: Member, idps: None, password: str
) -> None:
    with_password(mia)

    answer = step(client, identifier=mia.account.user_name, password=password)

    assert answer["Location"] == "/to-the-idp/aozora"
    assert not is_signed_in(client)


@pytest.mark.parametrize(
    ("who", "what"),
    [
        ("mia@aozora.example", "Ask your administrator to turn it on"),
        ("aozora", "Ask your administrator to turn it on"),
        ("sandbox", "only its administrators sign in"),
    ],
)
def test_without_an_idp_the_page_says_what_to_do(
    client: Client, mia: Member, sandbox: Organization, no_idps: None, who: str, what: str
) -> None:
    with_password(mia)

    answer = step(client, identifier=who, password=PASSWORD)

    assert answer.status_code == 409
    assert what in text(answer)
    assert not asks_password(answer)
    assert not is_signed_in(client)


def test_an_invented_person_of_a_sandbox_is_nobody_here(client: Client, sandbox: Organization, idps: None) -> None:
    invented = with_password(managed(sandbox, "mia", user_name="mia@aozora.example"))

    answer = step(client, identifier=invented.account.user_name, password=PASSWORD)

    assert "password is wrong" in text(answer)
    assert not is_signed_in(client)


def test_a_former_organization_id_leads_nowhere(client: Client, aozora: Organization, idps: None) -> None:
    aozora.rename(by=OPERATOR, slug="aozora-studio")

    former, current = step(client, identifier="aozora"), step(client, identifier="aozora-studio")

    assert former.status_code == 422
    assert "There is no organization with this ID" in text(former)
    assert current["Location"] == "/to-the-idp/aozora-studio"


@pytest.mark.parametrize("who", ["", "  ", "a\x00b@aozora.example", "x" * 255, "\x00"])
def test_what_cannot_be_an_identifier_is_refused(client: Client, aiko: Member, who: str) -> None:
    answer = step(client, identifier=who)

    assert answer.status_code == 422
    assert not asks_password(answer)


# -- step two


def test_the_second_step_signs_in(client: Client, aiko: Member) -> None:
    step(client, identifier=aiko.account.email)

    answer = step(client, identifier=aiko.account.email, password=PASSWORD, next="/profile")

    assert answer["Location"] == "/profile"
    assert is_signed_in(client)


def test_the_second_step_wants_a_password(client: Client, aiko: Member) -> None:
    answer = step(client, identifier=aiko.account.email, password="")

    assert answer.status_code == 422
    assert "Enter your password." in text(answer)


def test_an_account_that_became_managed_meanwhile_goes_to_the_idp(
    client: Client, aiko: Member, aozora: Organization, idps: None
) -> None:
    yuki = with_password(managed(aozora, "yuki"))
    Account.objects.filter(pk=yuki.account_id).update(type="nulab", managed_by=None)
    assert asks_password(step(client, identifier=yuki.account.user_name))
    Account.objects.filter(pk=yuki.account_id).update(type="managed", managed_by=aozora)

    answer = step(client, identifier=yuki.account.user_name, password=PASSWORD)

    assert answer["Location"] == "/to-the-idp/aozora"
    assert not is_signed_in(client)


# -- signing in again, for a page with secrets

AGAIN = "/signin?" + urlencode({"next": "/profile", "again": 1})


def test_whoever_has_signed_in_is_not_asked_for_nothing(desk: Client) -> None:
    assert desk.get(reverse("signin"))["Location"] == reverse("home")


def test_a_nulab_account_that_signs_in_again_types_its_password_only(desk: Client, aiko: Member, idps: None) -> None:
    answer = desk.get(AGAIN)

    assert asks_password(answer)
    assert f'value="{aiko.account.user_name}"' in answer.content.decode()
    assert "Not you?" not in text(answer)


def test_signing_in_again_is_for_the_same_person_only(desk: Client, aiko: Member, ren: Member) -> None:
    someone_else = step(desk, identifier=ren.account.email, password=PASSWORD + "!", again="1")
    assert someone_else.status_code == 422

    step(desk, identifier=ren.account.email, password=PASSWORD, again="1")

    assert desk.session["_auth_user_id"] == str(aiko.account_id)


def test_signing_in_again_gives_a_fresh_key(desk: Client, aiko: Member) -> None:
    before = desk.session.session_key

    step(desk, identifier="", password=PASSWORD, again="1")

    assert desk.session.session_key != before
    assert aiko.account.sessions.count() == 1


def test_a_managed_account_signs_in_again_at_its_idp(client: Client, mia: Member, idps: None) -> None:
    signed_in(client, mia)

    answers = [client.get(AGAIN), step(client, again="1", password=PASSWORD, next="/profile")]

    assert {answer["Location"] for answer in answers} == {"/to-the-idp/aozora?next=%2Fprofile&again=1"}


def test_a_form_that_a_managed_account_sends_too_late_offers_the_way_to_its_idp(
    client: Client, aozora: Organization, idps: None
) -> None:
    emi = signed_in(client, managed(aozora, "emi", role=Role.ADMIN))
    session = emi.session
    session["signed_in_at"] -= 11 * 60
    session.save()
    form = reverse("token-issue", args=[aozora.space_key])

    answer = emi.post(form, headers={"Referer": f"http://testserver{form}"})

    assert answer.status_code == 403
    assert "Sign in again to open it." in text(answer)
    assert f'href="/signin?next={quote(form, safe="")}&amp;again=1"' in answer.content.decode()


def test_again_means_nothing_before_somebody_has_signed_in(client: Client, aiko: Member) -> None:
    assert not asks_password(client.get(AGAIN))


# -- the browser lets the form lead to the IdP


def form_action(answer: Any) -> str:
    directives: list[str] = answer["Content-Security-Policy"].split("; ")
    return next(directive for directive in directives if directive.startswith("form-action "))


def test_only_the_sign_in_page_lets_its_form_lead_to_other_sites(desk: Client, aiko: Member) -> None:
    stranger = Client()
    here = [stranger.get(reverse("signin")), *(step(stranger, identifier=aiko.account.email) for _ in range(2))]
    here += [step(stranger, identifier=aiko.account.email, password="wrong") for _ in range(11)]

    assert here[-1].status_code == 429
    assert {form_action(answer) for answer in here} == {"form-action 'self' https: http://localhost:*"}
    assert form_action(desk.get(reverse("profile"))) == "form-action 'self'"
