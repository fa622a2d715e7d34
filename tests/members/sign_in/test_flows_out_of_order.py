"""Steps that are left out, repeated, taken in another browser, by somebody else or too late: no step is skipped by it,
and nothing is half written."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from members.console import one_time_links
from members.mail import set_password_link
from members.models import Account, Invitation, Member, Organization, Role, SecondFactor
from members.models.second_factor import new_secret
from members.own import address_links
from members.sealing import seal
from members.sessions import SIGNED_IN_AT
from members.sign_in.factors import PENDING
from saml.models import SamlSettings, SignInRequest
from tests.access.watching import differences
from tests.cast import (
    OPERATOR,
    PASSWORD,
    code_of,
    managed,
    next_code,
    nulab,
    nulab_account,
    page_actor,
    signed_in,
    with_second_factor,
)
from tests.cast.console import opened, text, url
from tests.cast.rows import Rows, rows
from tests.cast.saml_messages import Message
from tests.cast.sso import answered, callback, is_in, saml, signed_in_as

__all__ = ["saml"]
pytestmark = pytest.mark.django_db
NEW = {"new_password1": "a lantern over the harbour", "new_password2": "a lantern over the harbour"}
JOINING = {"name": "Gina Gray", "password": "a lantern over the harbour"}


def changed_since(before: Rows) -> set[str]:
    """Of everything but sessions, which keep the message that says so."""
    return {one for one in differences(before, rows()) if "Session" not in one}


# -- mailed links, after what they were for has changed


@pytest.fixture
def emi(aozora: Organization) -> Member:
    return nulab(aozora, "emi")


@pytest.fixture
def invite(aiko: Member, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], str]:
    """Invites an address; the path of the link."""

    def invite(email: str) -> str:
        secret = f"secret-of-{email.partition('@')[0]}-that-is-long-enough"
        with monkeypatch.context() as patched:
            patched.setattr("secrets.token_urlsafe", lambda size: secret)
            Invitation.objects.invite(aiko, email, role=Role.USER, by=page_actor(aiko))
        return reverse("invitation", args=[secret])

    return invite


def password_page(client: Client, account: Account) -> str:
    return opened(client, set_password_link(account).removeprefix("http://localhost:8000"))


def address_page(client: Client, account: Account, email: str = "emi@partner.example") -> str:
    return opened(client, reverse("own-address-link", args=[address_links.proof_of(account, email)]))


def become_managed(member: Member) -> None:
    member.convert_to_managed(by=OPERATOR)


def sign_in_elsewhere(member: Member) -> None:
    """With another password, set by another link."""
    browser = Client()
    browser.post(password_page(browser, member.account), dict.fromkeys(NEW, "another harbour at night"))


AFTER_OPENING: list[Callable[[Member], Any]] = [
    become_managed,
    sign_in_elsewhere,
    lambda member: Account.objects.filter(pk=member.account_id).update(is_active=False),
]


@pytest.mark.parametrize("meanwhile", AFTER_OPENING, ids=["managed", "another link", "inactive"])
def test_a_password_page_that_was_open_sets_none(
    client: Client, emi: Member, meanwhile: Callable[[Member], Any]
) -> None:
    page = password_page(client, emi.account)
    meanwhile(emi)
    kept = Account.objects.get(pk=emi.account_id).password

    answer = client.post(page, NEW)

    assert answer.status_code == 404
    assert Account.objects.get(pk=emi.account_id).password == kept
    assert signed_in_as(client) is None


def test_setting_a_password_signs_nobody_in_and_leaves_who_is_there(client: Client, aiko: Member, emi: Member) -> None:
    signed_in(client, aiko)

    client.post(password_page(client, emi.account), NEW)

    assert is_in(client, aiko)


def test_an_address_is_confirmed_by_nobody_else_in_the_same_browser(client: Client, aiko: Member, emi: Member) -> None:
    page = address_page(client, emi.account)
    signed_in(client, aiko)

    assert client.get(page).status_code == client.post(page).status_code == 404
    assert {Account.objects.get(pk=one.account_id).email for one in (aiko, emi)} == {
        aiko.account.email,
        emi.account.email,
    }


@pytest.mark.parametrize("meanwhile", ["managed", "taken", "used", "moved"])
def test_an_address_page_that_was_open_changes_nothing(
    client: Client, aozora: Organization, emi: Member, meanwhile: str
) -> None:
    signed_in(client, emi)
    page = address_page(client, emi.account)
    if meanwhile == "managed":
        become_managed(emi)
    elif meanwhile == "taken":
        nulab_account("emi@partner.example")
    else:
        client.post(page if meanwhile == "used" else address_page(client, emi.account, "emi@other.example"))
    before = rows()

    answer = client.post(page)

    assert answer.status_code in (302, 404, 409)
    assert changed_since(before) == set()


def test_an_invitation_that_was_open_lets_nobody_join_once_it_is_withdrawn(
    client: Client, aozora: Organization, invite: Callable[[str], str]
) -> None:
    page = opened(client, invite("gina@partner.example"))
    Invitation.objects.get().withdraw(by=OPERATOR)

    answer = client.post(f"{page}/join", JOINING)

    assert answer.status_code == 404
    assert not Account.objects.filter(email="gina@partner.example").exists()


def test_two_browsers_with_one_invitation_make_one_account(
    client: Client, aozora: Organization, invite: Callable[[str], str]
) -> None:
    link, second = invite("gina@partner.example"), Client()
    pages = opened(client, link), opened(second, link)
    client.post(f"{pages[0]}/join", JOINING)

    answer = second.post(f"{pages[1]}/join", JOINING | {"password": "another harbour at night"})

    assert answer.status_code == 404
    assert signed_in_as(second) is None
    assert Account.objects.get(email="gina@partner.example").check_password(JOINING["password"])


def test_joining_beside_somebody_who_is_signed_in_takes_nothing_of_theirs(
    client: Client, aiko: Member, ren: Member, invite: Callable[[str], str]
) -> None:
    signed_in(client, ren)
    session = client.cookies["session"].value

    client.post(f"{opened(client, invite('gina@partner.example'))}/join", JOINING)

    assert client.cookies["session"].value != session
    assert signed_in_as(client) == Account.objects.get(email="gina@partner.example").pk
    assert not aiko.organization.members.filter(account=ren.account).exists()


def test_an_address_that_has_an_account_by_now_is_not_joined_with_a_new_one(
    client: Client, aozora: Organization, invite: Callable[[str], str]
) -> None:
    page = opened(client, invite("gina@partner.example"))
    nulab_account("gina@partner.example")

    client.post(f"{page}/join", JOINING)

    assert Account.objects.get(email="gina@partner.example").check_password(PASSWORD)
    assert signed_in_as(client) is None
    assert not aozora.members.filter(account__email="gina@partner.example").exists()


def test_the_name_of_a_link_is_not_its_secret(
    client: Client, aozora: Organization, invite: Callable[[str], str]
) -> None:
    secret = invite("gina@partner.example").rsplit("/", 1)[1]
    name = one_time_links.name_of(secret)
    client.cookies[f"link-{name}"] = name

    assert client.post(reverse("invitation-join", args=[name]), JOINING).status_code == 404


# -- the second factor


def test_no_app_is_set_up_by_a_code_for_which_no_secret_was_shown(desk: Client, aiko: Member) -> None:
    answer = desk.post(reverse("security-authenticator"), {"code": code_of(new_secret())})

    assert answer.status_code == 422
    assert not SecondFactor.objects.exists()


def test_the_set_up_of_another_browser_replaces_no_app(client: Client, aiko: Member) -> None:
    secret = new_secret()
    first, _codes = with_second_factor(aiko.account)
    session = signed_in(client, aiko).session
    session[PENDING] = seal(secret)
    session.save()

    client.post(reverse("security-authenticator"), {"code": code_of(secret)})

    other = Client()
    other.post(reverse("signin"), {"identifier": aiko.account.email, "password": PASSWORD})
    other.post(reverse("signin-code"), {"code": next_code(first)})
    assert is_in(other, aiko)


def test_a_code_step_that_waits_is_no_sign_in_for_any_page(client: Client, aiko: Member) -> None:
    with_second_factor(aiko.account)
    client.post(reverse("signin"), {"identifier": aiko.account.email, "password": PASSWORD})

    for name in ("profile", "security", "own-delete"):
        assert client.get(reverse(name)).status_code == 302
    assert client.get(reverse("members", args=[aiko.organization.space_key])).status_code == 302
    assert signed_in_as(client) is None


def test_a_code_step_belongs_to_the_browser_in_which_the_password_was_right(client: Client, aiko: Member) -> None:
    secret, _codes = with_second_factor(aiko.account)
    client.post(reverse("signin"), {"identifier": aiko.account.email, "password": PASSWORD})
    other = Client()

    assert other.post(reverse("signin-code"), {"code": next_code(secret)})["Location"] == reverse("signin")
    assert signed_in_as(other) is None


def test_the_code_of_one_does_not_finish_the_step_of_another(client: Client, aiko: Member, ren: Member) -> None:
    """Who types another password in the same browser starts anew."""
    hers, _codes = with_second_factor(aiko.account)
    his, _codes = with_second_factor(ren.account)
    client.post(reverse("signin"), {"identifier": aiko.account.email, "password": PASSWORD})
    client.post(reverse("signin"), {"identifier": ren.account.email, "password": PASSWORD})

    refused = client.post(reverse("signin-code"), {"code": next_code(hers)})

    assert refused.status_code == 422
    client.post(reverse("signin-code"), {"code": next_code(his)})
    assert is_in(client, ren)


# -- a sign-in that is asked for once more


def test_signing_in_again_is_for_nobody_else(desk: Client, aiko: Member, ren: Member) -> None:
    session = desk.session
    session[SIGNED_IN_AT] = 0
    session.save()

    ren.account.set_password("another harbour at night")
    ren.account.save()

    desk.post(
        reverse("signin"),
        {"again": "1", "identifier": ren.account.email, "password": "another harbour at night"},
    )

    assert is_in(desk, aiko)
    assert desk.session[SIGNED_IN_AT] == 0


def test_asking_again_is_no_sign_in(desk: Client) -> None:
    session = desk.session
    session[SIGNED_IN_AT] = 0
    session.save()

    desk.get(reverse("signin"), {"again": "1", "next": reverse("security")})
    desk.post(reverse("signin"), {"again": "1", "next": reverse("security")})

    assert desk.get(reverse("security")).status_code == 302


def test_a_code_step_on_the_way_back_does_not_count_before_the_code(desk: Client, aiko: Member) -> None:
    with_second_factor(aiko.account)
    signed_in(desk, aiko)
    session = desk.session
    session[SIGNED_IN_AT] = 0
    session.save()

    desk.post(reverse("signin"), {"again": "1", "identifier": aiko.account.email, "password": PASSWORD})

    assert desk.get(reverse("security")).status_code == 302


# -- files and bulk changes


def test_people_are_written_without_the_preview_only_where_it_would_have_found_nothing(
    desk: Client, aozora: Organization
) -> None:
    confirm = reverse("members-import-confirm", args=[aozora.space_key])
    good, bad = "gina@aozora.example,Gina Gray", "gina@nowhere.example,Gina Gray"

    for content in ("", "Email,Name\n", f"Email,Name\n{good}\n{bad}\n", f"Email,Name\n{good}\n{good}\n", "\x00", good):
        assert desk.post(confirm, {"content": content}).status_code in (302, 422)

    assert not Account.objects.filter(email__startswith="gina@").exists()


@pytest.mark.parametrize("name", ["members-role", "members-licence-assign", "members-remove", "members-deactivate"])
def test_a_bulk_step_without_members_changes_nobody(desk: Client, aozora: Organization, mia: Member, name: str) -> None:
    before = rows()

    for query in ("", "?member=", "?member=all", f"?members={mia.scim_id}"):
        answer = desk.post(
            reverse(name, args=[aozora.space_key]) + query,
            {"role": "GUEST", "product": "cacoo", "confirmation": "aozora", "member": mia.scim_id},
        )
        assert answer.status_code < 500

    assert changed_since(before) == set()


def test_an_account_type_is_changed_once(desk: Client, aozora: Organization, emi: Member, mia: Member) -> None:
    for member, there, back in ((emi, "member-to-managed", "managed"), (mia, "member-to-nulab", "nulab")):
        desk.post(url(there, member))
        before = rows()

        answer = desk.post(url(there, member))

        assert answer.status_code == 409, back
        assert changed_since(before) == set()


# -- the identity provider


def waiting(client: Client, saml: SamlSettings, member: Member) -> str:
    """Where the browser stands when the person's word is waited for."""
    message = answered(Message.for_sp(saml, member.account.email))
    return str(client.post(callback(saml), {"SAMLResponse": message})["Location"])


def test_a_sign_in_that_waits_is_finished_at_its_own_organization_only(
    client: Client, saml: SamlSettings, mia: Member, aiko: Member, hakata: Organization
) -> None:
    signed_in(client, aiko)
    waiting(client, saml, mia)

    for method in (client.get, client.post):
        assert method(reverse("saml-finish", args=[hakata.space_key])).status_code == 403
    assert is_in(client, aiko)


@pytest.mark.parametrize("ending", ["SAML is off", "the account is its owner's"])
def test_a_sign_in_that_waits_ends_with_its_reason_to_be(
    client: Client, saml: SamlSettings, mia: Member, aiko: Member, ending: str
) -> None:
    signed_in(client, aiko)
    page = waiting(client, saml, mia)
    if ending == "SAML is off":
        saml.disable(by=OPERATOR)
    else:
        mia.convert_to_nulab(by=OPERATOR)

    assert client.post(page).status_code == 403
    assert is_in(client, aiko)


def test_a_test_that_nobody_has_answered_has_no_result_and_the_neighbours_has_none_here(
    desk: Client, saml: SamlSettings, aiko: Member, ren: Member
) -> None:
    def of(member: Member, **more: Any) -> str:
        request = SignInRequest.objects.create(
            id=SignInRequest.new_id(), organization=member.organization, tester=member.account, **more
        )
        return reverse("saml-test-result", args=[saml.organization.space_key, request.pk])

    assert desk.get(of(aiko, purpose=SignInRequest.Purpose.TEST)).status_code == 404
    assert desk.get(of(ren, purpose=SignInRequest.Purpose.TEST)).status_code == 404
    assert desk.get(of(aiko, purpose=SignInRequest.Purpose.SIGN_IN)).status_code == 404


def test_whoever_lost_the_right_to_a_test_sees_no_result(
    client: Client, saml: SamlSettings, aozora: Organization
) -> None:
    tester = managed(aozora, "tomo", role=Role.ADMIN)
    signed_in(client, tester)
    request = SignInRequest.objects.create(
        id=SignInRequest.new_id(), organization=aozora, tester=tester.account, purpose=SignInRequest.Purpose.TEST,
        outcome={"passed": True, "name_id": "secret@aozora.example"}, answered_at=tester.created_at,
    )  # fmt: skip
    tester.change_role(Role.USER, by=OPERATOR)

    answer = client.get(reverse("saml-test-result", args=[aozora.space_key, request.pk]))

    assert answer.status_code == 403
    assert "secret@" not in text(answer)
