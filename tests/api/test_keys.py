"""The pages of keys: support staff make and revoke those of the apps, administrators have tokens of their own."""

import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from api.models import App, AppKey, PersonalToken
from api.models.key_refusals import OwnerMustBeAdministrator
from members.models import Account, AuditEvent, Member, Organization, Role
from tests.api import Api, app_key, personal_token
from tests.cast import managed, page_actor, signed_in
from tests.cast.console import text
from tests.cast.post import Committed
from tests.cast.rows import refused

pytestmark = pytest.mark.django_db
SECRET = re.compile(r"nlb_(?:app|pat)_[\w-]{43}")


def secret_on(answer: Any) -> str:
    [secret] = set(SECRET.findall(answer.content.decode()))
    assert "no-store" in answer["Cache-Control"]
    return str(secret)


def list_of_keys() -> str:
    return reverse("admin:api_appkey_changelist")


def make(desk: Client, **more: Any) -> Any:
    form = {"app": "cacoo", "name": "Production", "scopes": ["access", "members.read"], **more}
    return desk.post(reverse("admin:api_appkey_add"), form, follow=True)


def test_support_makes_a_key_that_is_shown_once(support_desk: Client, hana: Account, aozora: Organization) -> None:
    secret = secret_on(make(support_desk))
    key = AppKey.objects.get()
    page = support_desk.get(reverse("admin:api_appkey_change", args=[key.pk]))

    assert (key.app, key.scopes, key.made_by) == ("cacoo", "access members.read", str(hana))
    assert Api(secret).get(f"organizations/{aozora.space_key}/members").status == 200
    assert Api(secret).get("organizations").status == 403
    for shown in (page, support_desk.get(list_of_keys())):
        assert secret not in shown.content.decode()
        assert key.hash not in shown.content.decode()
        assert key.prefix in shown.content.decode()
        assert "Read members" in text(shown)


def test_loading_the_page_of_the_secret_again_makes_no_other_key_and_shows_it_no_more(support_desk: Client) -> None:
    made = make(support_desk)
    [(page, _)] = made.redirect_chain

    again = support_desk.get(page, follow=True)

    assert secret_on(made) not in again.content.decode()
    assert "shown once" in text(again)
    assert again.redirect_chain[-1][0] == reverse("admin:api_appkey_change", args=[AppKey.objects.get().pk])


def test_the_third_key_and_one_without_a_scope_are_refused_on_the_form(support_desk: Client) -> None:
    for _ in range(2):
        app_key(App.CACOO)

    third, scopeless = make(support_desk), make(support_desk, app="backlog", scopes=[])

    assert "already has two live keys" in text(third)
    assert "This field is required." in text(scopeless)
    assert AppKey.objects.count() == 2


def test_a_key_is_revoked_by_one_click_on_its_page_or_from_the_list(support_desk: Client, hana: Account) -> None:
    for number, (key, secret) in enumerate([app_key(), app_key()]):
        page = reverse("admin:api_appkey_change", args=[key.pk])
        assert 'value="Revoke: stops working at once"' in support_desk.get(page).content.decode()
        if number:
            support_desk.post(list_of_keys(), {"action": "revoke", "_selected_action": [key.pk]})
        else:
            support_desk.post(page)

        assert Api(secret).get("organizations").status == 401
        assert 'name="_save"' not in support_desk.get(page).content.decode()
        key.refresh_from_db()
        assert (key.revoked_by, key.slot) == (str(hana), None)


def test_making_a_key_wants_a_recent_sign_in(support_desk: Client) -> None:
    session = support_desk.session
    session["signed_in_at"] -= 3600
    session.save()

    answer = make(support_desk)

    assert (answer.redirect_chain[0][1], AppKey.objects.count()) == (302, 0)


def test_support_finds_a_key_by_its_beginning(support_desk: Client, aiko: Member) -> None:
    for row, _ in (app_key(), personal_token(aiko)):
        found = support_desk.get(reverse("admin:find"), {"q": f"{row.prefix}…"})
        assert row.name in text(found)


def test_support_revokes_a_personal_token(support_desk: Client, aiko: Member) -> None:
    token, secret = personal_token(aiko)

    for _ in range(2):
        support_desk.post(
            reverse("admin:api_personaltoken_changelist"), {"action": "revoke", "_selected_action": [token.pk]}
        )

    assert Api(secret).get("organizations").status == 401
    event = AuditEvent.objects.get(event="personal_token.revoked")
    assert (event.operator_name, event.subject) == ("Nulab Support", aiko.account.name)


# -- the own profile


def issue(desk: Client, organization: Organization, name: str = "Report", **more: Any) -> Any:
    form = {"organization": organization.space_key, "name": name, "lifetime": "90d", **more}
    return desk.post(reverse("personal-token-issue"), form)


def test_an_administrator_has_a_token_that_is_shown_once(aiko: Member) -> None:
    desk, organization = signed_in(Client(), aiko), aiko.organization

    secret = secret_on(issue(desk, organization))
    profile = desk.get(reverse("profile"))

    assert Api(secret).get(f"organizations/{organization.space_key}").status == 200
    assert secret not in profile.content.decode()
    assert "Report" in text(profile)
    [token] = PersonalToken.objects.all()
    assert (token.expires_at - token.created_at).days in (89, 90)
    event = organization.audit.get(event="personal_token.issued")
    assert (event.operator_name, event.subject_id) == (aiko.account.name, aiko.scim_id)
    assert secret not in str(event.changes)


def test_the_administrators_are_mailed(aiko: Member, committed: Committed) -> None:
    desk = signed_in(Client(), aiko)

    issued = [one.subject for one in committed(lambda: issue(desk, aiko.organization))]
    token = PersonalToken.objects.get()
    revoked = [one.subject for one in committed(lambda: desk.post(reverse("personal-token-revoke", args=[token.pk])))]

    assert [len(issued), len(revoked)] == [1, 1]
    assert "Personal access token issued" in issued[0]
    assert "Personal access token revoked" in revoked[0]


def test_the_mail_says_what_such_a_token_does_and_leads_to_the_audit_log(aiko: Member, committed: Committed) -> None:
    issued: list[PersonalToken] = []
    [first] = committed(lambda: issued.append(personal_token(aiko)[0]))
    [second] = committed(lambda: issued[0].revoke(by=page_actor(aiko)))

    assert "reads the members, teams, licences and events of the organization" in first.body
    assert "Programs that use this token are refused" in second.body
    for mail in (first, second):
        assert "An administrator can open" not in mail.body
        assert "Open the audit log" in mail.alternatives[0].content
        assert f"{aiko.organization.space_key}/audit-log" in mail.body


def test_who_is_no_administrator_is_offered_no_token(mia: Member, client: Client) -> None:
    client.force_login(mia.account, backend="saml.sso.session.SamlBackend")

    assert "Personal access tokens" not in text(client.get(reverse("profile")))


def test_a_token_is_for_an_organization_that_one_administers(hakata: Organization, aiko: Member) -> None:
    Member.objects.add(hakata, aiko.account, role=Role.USER, by=page_actor(aiko))

    answer = issue(signed_in(Client(), aiko), hakata)
    with refused(OwnerMustBeAdministrator):
        personal_token(hakata.members.get(account=aiko.account))

    assert (answer.status_code, PersonalToken.objects.count()) == (422, 0)


def test_what_cannot_be_issued_is_said_on_the_form(aiko: Member) -> None:
    desk = signed_in(Client(), aiko)
    for number in range(10):
        personal_token(aiko, f"Report {number}")

    too_many = issue(desk, aiko.organization)
    PersonalToken.objects.exclude(name="Report 1").delete()
    taken = issue(desk, aiko.organization, "report 1")

    assert (too_many.status_code, taken.status_code) == (409, 409)
    assert "10 live tokens" in text(too_many)
    assert "already have a live token called" in text(taken)


def test_nobody_revokes_the_token_of_another_administrator(aozora: Organization, aiko: Member) -> None:
    token, secret = personal_token(managed(aozora, "ada", role=Role.ADMIN))

    answer = signed_in(Client(), aiko).post(reverse("personal-token-revoke", args=[token.pk]))

    assert answer.status_code == 404
    assert Api(secret).get("organizations").status == 200
