"""What was typed into a form that came when the recent sign-in had expired."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from members.console.filling import fill
from members.models import Member, Organization, Role, SecondFactor
from members.models.session import Session
from members.sealing import unseal
from tests.cast import PASSWORD, next_code, nulab, scim_token, signed_in
from tests.cast.console import text
from tests.members.sign_in.test_recent_sign_in import PEOPLE, at, stale

pytestmark = pytest.mark.django_db
CONTROLS = """<!doctype html><html><body><p title="a &amp; b">&copy; <svg><path d="M0"/></svg><br><!-- note --></p>
<form method="post" action="/there"><input type="hidden" name="token" value="t"><input name="a" value="old" required>
<input type="email" name="a"><input type="password" name="secret"><input type="file" name="file">
<input type="checkbox" name="on" checked><input type="checkbox" name="on" value="2">
<input type="radio" name="one" value="x" checked><input type="radio" name="one" value="y">
<textarea name="long">
former &lt; text</textarea>
<select name="pick"><option value="1" selected>1</option><option value="2">2</option></select>
</form><form method="get" action="/there"><input name="a"></form>
<script>if (a < b && "</p>") {}</script></body></html>"""
FIELDS = {
    "token": ["other"], "a": ['<"1">', "2"], "secret": ["s"], "on": ["2"], "one": ["y"],
    "long": ["\n<b>&amp;"], "pick": ["2"],
}  # fmt: skip


def test_each_kind_of_control_is_filled_in_and_nothing_else_is_touched() -> None:
    filled = fill(CONTROLS, "/there", FIELDS, at="/here")

    expected = CONTROLS
    for before, after in {
        'name="a" value="old" required': 'name="a" value="&lt;&quot;1&quot;&gt;" required',
        'type="email" name="a"': 'type="email" name="a" value="2"',
        'name="on" checked': 'name="on"',
        'name="on" value="2"': 'name="on" value="2" checked',
        'value="x" checked': 'value="x"',
        'value="y"': 'value="y" checked',
        "\nformer &lt; text": "\n\n&lt;b&gt;&amp;amp;",
        'value="1" selected': 'value="1"',
        '<option value="2">': '<option value="2" selected>',
    }.items():
        assert before in expected
        expected = expected.replace(before, after)
    assert filled == expected
    assert fill(CONTROLS, "/elsewhere", FIELDS, at="/here") == CONTROLS


def sent_too_late(browser: Client, page: str, action: str, form: dict[str, Any]) -> Any:
    """The form's own page again, after the person has signed in anew."""
    answer = stale(browser).post(action, form, headers={"Referer": f"http://testserver{page}"})
    asked = browser.get(answer["Location"])
    again = browser.post(reverse("signin"), {"password": PASSWORD, "again": "1", "next": asked.context["next"]})
    assert again["Location"] == page
    return browser.get(page)


def test_it_stands_in_the_form_again_once(desk: Client, aozora: Organization) -> None:
    page = at("member-new", aozora)
    form = {"name": "Newbie <Nine>", "email": "newbie@aozora.example", "language": "ja", "role": Role.ADMIN.value}

    answer = sent_too_late(desk, page, page, form)

    html = answer.content.decode()
    assert 'value="Newbie &lt;Nine&gt;"' in html
    assert 'value="newbie@aozora.example"' in html
    assert '<option value="ja" selected>' in html
    assert "Nothing has been sent yet: check the form" in text(answer)
    assert "are not kept" not in text(answer)
    assert "newbie@" not in desk.get(page).content.decode()


def test_a_form_that_is_sent_to_another_address_than_its_pages(desk: Client, aozora: Organization) -> None:
    form = {"entity_id": "https://idp.example/typed", "sso_url": "https://idp.example/typed/sso"}

    answer = sent_too_late(desk, at("saml", aozora), at("saml-settings", aozora), form)

    assert 'value="https://idp.example/typed/sso"' in answer.content.decode()


def test_a_word_typed_to_confirm(desk: Client, aozora: Organization) -> None:
    scim_token(aozora)
    page = at("provisioning-disable", aozora)

    answer = sent_too_late(desk, page, page, {"confirmation": aozora.slug})

    assert f'value="{aozora.slug}"' in answer.content.decode()


@pytest.mark.parametrize(
    ("page", "action", "form"),
    [
        ("saml", "saml-certificate-add", {"certificate": "a secret by mistake"}),
        ("members-import", "members-import-confirm", {"content": PEOPLE + "ADMIN"}),
        ("provisioning-disable", "provisioning-disable", {"confirmation": "a secret by mistake" * 6_000}),
    ],
    ids=["secret", "file", "too much"],
)
def test_secrets_and_files_are_not_kept_which_is_said(
    desk: Client, aozora: Organization, page: str, action: str, form: dict[str, str]
) -> None:
    scim_token(aozora)

    answer = sent_too_late(desk, at(page, aozora), at(action, aozora), form)

    assert "Passwords, secrets and files are not kept" in text(answer)
    assert "a secret by mistake" not in answer.content.decode()


def test_a_new_password_is_not_kept(desk: Client) -> None:
    page = reverse("security-password")
    new = dict.fromkeys(("new_password1", "new_password2"), "a lantern over the harbour")

    answer = sent_too_late(desk, page, page, {"old_password": PASSWORD, **new})

    assert "Passwords, secrets and files are not kept" in text(answer)
    assert "lantern" not in answer.content.decode()


def test_nobody_reads_it_in_the_database_and_nobody_else_gets_it(
    desk: Client, aozora: Organization, aiko: Member
) -> None:
    page = at("member-new", aozora)
    form = {"name": "New Bie", "email": "newbie@aozora.example", "language": "en", "role": Role.ADMIN.value}
    stale(desk).post(page, form, headers={"Referer": f"http://testserver{page}"})

    stored = [Session(session_data=row.session_data).get_decoded() for row in Session.objects.all()]
    assert any("unsent" in session for session in stored)
    assert "newbie" not in str(stored)
    assert "newbie" not in desk.get(page).content.decode()
    desk.post(reverse("signin"), {"identifier": "emi@aozora.example", "password": PASSWORD})
    other = signed_in(desk, nulab(aozora, "emi", role=Role.ADMIN))
    assert "newbie" not in other.get(page).content.decode()


def test_support_staff_found_an_organization_after_a_recent_sign_in_only(support_desk: Client, hana: Any) -> None:
    page = reverse("admin:members_organization_add")
    secret = unseal(SecondFactor.objects.get(account=hana).secret) or ""
    form = {
        "name": "Kita Works",
        "slug": "kita",
        "administrator": "yuki@kita.example",
        "language": "ja",
        "time_zone": "UTC",
    }
    answer = stale(support_desk).post(page, form, headers={"Referer": f"http://testserver{page}"})
    assert not Organization.objects.filter(slug="kita").exists()

    asked = support_desk.get(answer["Location"])
    again = {"password": PASSWORD, "again": "1", "next": asked.context["next"]}
    code = support_desk.post(reverse("signin"), again)
    support_desk.post(code["Location"], {"code": next_code(secret), "next": page})

    assert 'value="yuki@kita.example"' in support_desk.get(page).content.decode()
    support_desk.post(page, form)
    assert Organization.objects.filter(slug="kita").exists()


def test_an_administrators_invitation_is_sent_again_after_a_recent_sign_in_only(
    desk: Client, aiko: Member, aozora: Organization
) -> None:
    for role, is_asked in {Role.ADMIN: True, Role.USER: False}.items():
        desk.post(at("invite", aozora), {"email": f"{role.value.lower()}@partner.example", "role": role.value})
        invitation = aozora.invitations.get(role=role)
        former = invitation.token_hash

        answer = stale(desk).post(reverse("invitation-resend", args=[aozora.space_key, invitation.pk]))

        invitation.refresh_from_db()
        assert answer["Location"].startswith(reverse("signin")) == is_asked
        assert not is_asked or invitation.token_hash == former
        signed_in(desk, aiko)


def test_a_form_sent_after_signing_out_elsewhere_says_so_and_leads_back_to_its_page(
    client: Client, aozora: Organization, aiko: Member
) -> None:
    page = at("saml", aozora)

    answer = client.post(at("saml-discard", aozora), headers={"Referer": f"http://testserver{page}"})

    asked = client.get(answer["Location"])
    assert "Nothing was changed, because you are signed out." in text(asked)
    assert asked.context["next"] == page
    assert "Nothing was changed" not in text(client.get(client.get(page)["Location"]))


def test_a_part_of_a_page_sends_the_whole_page_to_the_sign_in(client: Client, aozora: Organization) -> None:
    page = at("provisioning", aozora, "?window=7d")

    answer = client.get(
        at("provisioning-recent", aozora, "?after=7&window=7d"),
        headers={"HX-Request": "true", "Referer": f"http://testserver{page}"},
    )

    assert (answer.status_code, answer.content) == (200, b"")
    assert client.get(answer["HX-Redirect"]).context["next"] == page
