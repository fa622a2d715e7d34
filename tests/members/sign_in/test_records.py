"""Every sign-in and every refused one, by whatever door, is told: to the organizations and to the account's owner."""

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from members import words
from members.mail import set_password_link
from members.models import Account, AuditEvent, Event, Member, Organization, Outgoing, Role, SignIn
from members.sign_in import records as sign_ins
from saml.events import SamlEvent
from saml.models import SamlSettings
from tests.cast import OPERATOR, PASSWORD, managed, next_code, nulab, signed_in, with_second_factor
from tests.cast.console import opened, text, url
from tests.cast.rows import events, last_event, rows_of

SIGN_IN, CODE = reverse("signin"), reverse("signin-code")
BROWSER = "Mozilla/5.0 (tests)"


def sign_in(browser: Client, address: str, password: str = PASSWORD) -> Any:
    fields = {"identifier": address, "password": password}
    return browser.post(SIGN_IN, fields, REMOTE_ADDR="192.0.2.1", headers={"User-Agent": BROWSER})


def kept(organization: Organization) -> list[tuple[str, Any, Any]]:
    """Event, method, code of the refusal."""
    rows = organization.audit.filter(event__in=words.sign_ins()).order_by("pk")
    return [
        (row.event, row.changes.get("method", [None, None])[1], row.changes.get("refusal", [None])[0]) for row in rows
    ]


def test_a_sign_in_says_how_from_where_and_with_what(client: Client, aiko: Member, hakata: Organization) -> None:
    before = events(hakata)
    sign_in(client, aiko.account.email)

    row = aiko.organization.audit.get(event=Event.SIGNED_IN)
    assert (row.operator_name, row.operator_email) == ("Aiko Tanaka", aiko.account.email)
    assert (row.subject_id, row.ip_address, row.user_agent) == (aiko.scim_id, "192.0.2.1", BROWSER)
    assert row.changes["method"] == ["", "password"]
    assert events(hakata) == before


def test_each_step_that_is_refused_is_told(client: Client, aiko: Member) -> None:
    secret, codes = with_second_factor(aiko.account)
    sign_in(client, aiko.account.email, "wrong")
    sign_in(client, aiko.account.email)
    client.post(CODE, {"code": "000000"})
    client.post(CODE, {"code": next_code(secret)})
    client.post(reverse("signout"))
    sign_in(client, aiko.account.email)
    client.post(CODE, {"code": codes[0]})

    assert kept(aiko.organization) == [
        ("account.sign_in_refused", None, "wrong_password"),
        ("account.sign_in_refused", None, "wrong_code"),
        ("account.signed_in", "code", None),
        ("account.recovery_code_used", None, None),
        ("account.signed_in", "recovery_code", None),
    ]
    refused = aiko.organization.audit.filter(event=Event.SIGN_IN_REFUSED)[0]
    assert (refused.operator_name, refused.operator_id) == ("Sign-in page", None)
    assert refused.subject_id == aiko.scim_id


def test_a_throttled_place_is_told_once(client: Client, aiko: Member) -> None:
    for _ in range(15):
        sign_in(client, aiko.account.email, "wrong")

    refusals = [refusal for _, _, refusal in kept(aiko.organization)]
    assert refusals == ["wrong_password"] * 9 + ["too_many_passwords"]


def test_an_inactive_account_is_told_to_administrators_only(client: Client, aiko: Member) -> None:
    Account.objects.filter(pk=aiko.account_id).update(is_active=False)

    answer = sign_in(client, aiko.account.email)

    assert "The e-mail address or the password is wrong" in text(answer)
    assert kept(aiko.organization) == [("account.sign_in_refused", None, "account_is_inactive")]


def test_an_unknown_address_is_told_to_nobody(client: Client, aozora: Organization, hakata: Organization) -> None:
    before = rows_of(aozora), rows_of(hakata)

    sign_in(client, "nobody@aozora.example")
    client.post(reverse("forgotten-password"), {"email": "nobody@aozora.example"})

    assert (rows_of(aozora), rows_of(hakata)) == before
    assert not AuditEvent.objects.filter(event__in=words.sign_ins()).exists()


def test_each_of_the_accounts_organizations_is_told(client: Client, aiko: Member, hakata: Organization) -> None:
    Member.objects.add(hakata, aiko.account, role=Role.GUEST, by=OPERATOR)

    sign_in(client, aiko.account.email, "wrong")
    sign_in(client, aiko.account.email)

    for organization in (aiko.organization, hakata):
        assert [row[0] for row in kept(organization)] == ["account.sign_in_refused", "account.signed_in"]
    # Whether another organization has an IdP is its own business.
    assert "past_idp" not in hakata.audit.get(event=Event.SIGNED_IN).changes


def test_a_requested_and_a_used_link_are_told(client: Client, aiko: Member) -> None:
    client.post(reverse("forgotten-password"), {"email": aiko.account.email})
    link = set_password_link(aiko.account).removeprefix("http://localhost:8000")
    new = "a lantern over the harbour"
    client.post(opened(client, link), {"new_password1": new, "new_password2": new})

    assert events(aiko.organization)[-2:] == ["account.password_reset_requested", "account.password_set"]
    assert aiko.organization.audit.get(event=Event.PASSWORD_SET).changes == {"proof": ["", "mailed_link"]}


def test_a_flood_does_not_bury_the_audit_log(
    client: Client, aiko: Member, ren: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sign_ins, "MAX_REFUSALS", 3)
    AuditEvent.objects.create(organization=aiko.organization, event=SamlEvent.REFUSED, operator_kind="saml")

    for _ in range(5):
        sign_in(client, aiko.account.email, "wrong")

    assert aiko.organization.audit.filter(event__in=words.refused_sign_ins()).count() == 3
    # The neighbour's log has its own room.
    sign_in(client, ren.account.email, "wrong")
    assert last_event(ren.organization).event == Event.SIGN_IN_REFUSED


# -- past the IdP


def test_other_administrators_are_mailed_when_one_signs_in_past_the_idp(client: Client, aiko: Member) -> None:
    nulab(aiko.organization, "emi", role=Role.ADMIN)
    nulab(aiko.organization, "yuki")
    Outgoing.objects.all().delete()
    sign_in(client, aiko.account.email)

    assert [row.recipient for row in Outgoing.objects.all()] == ["emi@aozora.example"]
    assert aiko.organization.audit.get(event=Event.SIGNED_IN).changes["past_idp"] == [None, True]


def test_without_an_idp_nobody_goes_past_it(client: Client, aiko: Member) -> None:
    nulab(aiko.organization, "emi", role=Role.ADMIN)
    SamlSettings.of(aiko.organization).disable(by=OPERATOR)
    Outgoing.objects.all().delete()
    sign_in(client, aiko.account.email)

    assert not Outgoing.objects.exists()
    assert "past_idp" not in aiko.organization.audit.get(event=Event.SIGNED_IN).changes


# -- where it is read


def test_the_members_page_shows_them(aiko: Member, ren: Member) -> None:
    sign_in(Client(), aiko.account.email, "wrong")
    sign_in(Client(), aiko.account.email)
    sign_in(Client(), ren.account.email)

    page = text(signed_in(Client(), aiko).get(url("member", aiko)))

    assert "Signed in Method: Password · Without the identity provider: Yes · 192.0.2.1 · Mozilla/5.0 (tests)" in page
    assert "Sign-in refused The password was wrong." in page
    assert "Ren" not in page


def test_everybody_sees_their_own(client: Client, aiko: Member, aozora: Organization, hana: Account) -> None:
    mia = managed(aozora, "mia")
    sign_in(Client(), aiko.account.email, "wrong")
    sign_in(Client(), hana.email)

    assert "Sign-in refused The password was wrong. · 192.0.2.1" in text(signed_in(client, aiko).get("/profile"))
    assert "None yet." in text(signed_in(Client(), mia).get("/profile"))
    desk = Client()
    desk.force_login(hana, backend="members.signin.PasswordBackend")
    assert "Signed in Method: Password" in text(desk.get("/profile"))


def test_recent_activity_speaks_of_changes(client: Client, aiko: Member) -> None:
    for _ in range(8):
        sign_in(Client(), aiko.account.email, "wrong")

    page = text(signed_in(client, aiko).get(reverse("start", args=[aiko.organization.space_key])))

    assert "Sign-in refused" not in page
    assert "SAML authentication turned on" in page


def test_they_go_with_the_account(client: Client, aiko: Member) -> None:
    yuki = nulab(aiko.organization, "yuki")
    sign_in(client, yuki.account.email)
    assert SignIn.objects.filter(account=yuki.account).exists()

    client.post(reverse("own-delete"), {"confirmation": yuki.account.email})

    assert not SignIn.objects.exists()


@pytest.mark.parametrize("form", ["signin", "forgotten-password"])
def test_the_database_works_as_much_for_a_stranger_as_for_a_member(aiko: Member, form: str) -> None:
    fields = {"identifier": "", "password": "wrong horse battery", "email": ""}
    work = []
    for address in (aiko.account.email, "nobody@aozora.example", "who@nowhere.example"):
        with CaptureQueriesContext(connection) as captured:
            Client().post(reverse(form), {name: value or address for name, value in fields.items()})
        work.append([query["sql"].split()[0] for query in captured if "SAVEPOINT" not in query["sql"]])

    assert [len(statements) for statements in work] == [len(work[0])] * 3, work
    assert len({statements.count("INSERT") for statements in work}) == 1
