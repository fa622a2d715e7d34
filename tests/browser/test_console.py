"""The console in a real Chromium: looked at in both languages, and used."""

import re
from typing import Any
from unittest.mock import Mock

import pytest
from django.conf import settings
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import Http404
from django.urls import reverse
from playwright.sync_api import Page, expect

from members.models import Member, Organization
from tests.cast import PASSWORD, code_of, scim_token
from tests.cast.browser import Company, Watched, blame, enter
from tests.cast.fitting import lost_under_the_bar, misprints, unsteady
from tests.cast.looking import EACH_READER, Reader, look, look_at
from tests.scim import Idp

pytestmark = pytest.mark.browser
# A busy machine is slow, not wrong.
expect.set_options(timeout=20_000)


# -- looking


@pytest.mark.looks
@EACH_READER
def test_every_page_is_accessible_and_fits(
    watched: Watched, live_server: Any, company: Company, prefers: Any, reader: Reader
) -> None:
    prefers(reader.language, reader.theme)
    page, wrong = watched.page, list[str]()
    enter(page.context, company.aiko, live_server.url)

    for name, path in company.pages().items():
        page.set_viewport_size({"width": 1280, "height": 800})
        page.goto(path)
        wrong += [f"{name}: {what}" for what in unsteady(page)]
        wrong += look(page, name, reader)
        wrong += [f"{name}, with the keyboard: {what}" for what in lost_under_the_bar(page)]
        wrong += [f"{name}, on paper: {what}" for what in misprints(page)]
    issue_token(page, company.ready)
    wrong += look(page, "new-token", reader)

    blame(wrong)
    assert page.evaluate("document.fonts.check('16px Inter', 'A')")


@pytest.mark.looks
@EACH_READER
def test_rarer_pages_are_accessible_and_fit(
    watched: Watched, live_server: Any, company: Company, prefers: Any, reader: Reader
) -> None:
    prefers(reader.language, reader.theme)
    enter(watched.page.context, company.aiko, live_server.url)

    wrong = look_at(watched.page, company.rarer_pages(), reader)
    for name, row in PEOPLE.items():
        preview_people(watched, company, row)
        wrong += look(watched.page, f"members-{name}", reader)
    preview_a_synchronization(watched.page, company)
    wrong += look(watched.page, "provisioning-preview-result", reader)
    blame(wrong)


PEOPLE = {"preview": "hana@aozora.example,佐々木 花,,ja,管理者,Design", "preview-wrong": "x@y.example,,a b,fr,boss,A;B"}


def preview_people(watched: Watched, company: Company, row: str) -> None:
    page = watched.page
    page.goto(reverse("members-import", args=[company.enabled.space_key]))
    content = f"Email,Name,Unique ID,Language,Role,Teams\n{row}\n".encode()
    page.locator("input[type=file]").set_input_files({"name": "p.csv", "mimeType": "text/csv", "buffer": content})
    page.locator("main form button").click()
    expect(page.locator("main table")).to_be_visible()
    # Chromium complains about the 422 that says that the file has errors.
    watched.complaints.clear()


def preview_a_synchronization(page: Page, company: Company) -> None:
    """Somebody of each outcome in the identity provider's list."""
    page.goto(reverse("provisioning-preview", args=[company.enabled.space_key]))
    page.locator("textarea").fill(
        "userPrincipalName,displayName,accountEnabled\nhana@aozora.example,佐々木 花,True\n"
        "kenji@aozora.example,森 健二,True\np1@aozora.example,田中 1子,False\ngone@aozora.example,木村 陸,False\n"
        "old@aozora.example,古い 名前,True\nnao@aozora.example,伊藤 直,True\nx@unknown.example,林 澪,True"
    )
    page.locator("main form button").click()
    expect(page.locator("main table").first).to_be_visible()


@pytest.mark.looks
@EACH_READER
def test_the_sign_in_page_is_accessible_and_fits(watched: Watched, live_server: Any, reader: Reader) -> None:
    page = watched.page
    prefer_before_sign_in(page, live_server.url, reader)

    page.goto("/")
    wrong = look(page, "signin", reader)
    page.locator("[name=identifier]").fill("aiko.tanaka@aozora.example")
    page.locator("main form button").click()
    expect(page.locator("[name=password]")).to_be_focused()
    wrong += look(page, "signin-password", reader)
    wrong += look_at(page, {"forgotten-password": reverse("forgotten-password")}, reader)

    blame(wrong)


@pytest.mark.looks
@EACH_READER
def test_the_error_pages_are_accessible_and_fit(
    page: Page, live_server: Any, monkeypatch: pytest.MonkeyPatch, reader: Reader
) -> None:
    prefer_before_sign_in(page, live_server.url, reader)
    wrong: list[str] = []
    # That the page itself has an error's status is a complaint of the browser's, too.
    page.on("console", lambda message: wrong.append(message.text) if "status of" not in message.text else None)
    errors = {
        "not-found": Http404(),
        "forbidden": PermissionDenied(),
        "bad-request": SuspiciousOperation(),
        "server-error": RuntimeError(),
    }

    for name, error in errors.items():
        monkeypatch.setattr("members.sign_in.views._page", Mock(side_effect=error))
        page.goto(f"{live_server.url}/signin")
        wrong += look(page, name, reader)

    monkeypatch.undo()
    page.goto(f"{live_server.url}/signin")
    page.context.clear_cookies(name=settings.CSRF_COOKIE_NAME)
    page.locator("[name=identifier]").fill("aiko")
    with page.expect_response(lambda answer: answer.request.method == "POST") as answer:
        page.locator("main form button").click()
    assert answer.value.status == 403
    wrong += look(page, "csrf", reader)
    blame(wrong)


@pytest.mark.looks
@EACH_READER
def test_the_second_factor_is_accessible_and_fits(
    watched: Watched, live_server: Any, company: Company, prefers: Any, reader: Reader
) -> None:
    prefers(reader.language, reader.theme)
    page = watched.page
    prefer_before_sign_in(page, live_server.url, reader)
    enter(page.context, company.aiko, live_server.url)

    page.goto(reverse("security-authenticator"))
    wrong = look(page, "security-authenticator", reader)
    page.locator("[name=code]").fill(code_of(page.locator("#secret").input_value()))
    page.locator("main form .btn-primary").click()
    wrong += look(page, "recovery-codes", reader)
    page.locator("#stored").check()
    page.locator("#done").click()
    wrong += look(page, "security-on", reader)
    pages = {name: reverse(name) for name in ("security-recovery-codes", "security-authenticator-remove")}
    wrong += look_at(page, pages, reader)
    page.locator(".user-button").click()
    page.locator("form[action='/signout'] button").click()
    page.locator("[name=identifier]").fill(company.aiko.account.email)
    page.locator("main form button").click()
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("main form button").click()
    expect(page.locator("[name=code]")).to_be_focused()
    wrong += look(page, "signin-code", reader)

    blame(wrong)


def prefer_before_sign_in(page: Page, url: str, reader: Reader) -> None:
    chosen = {"language": reader.language, "theme": reader.theme}
    page.context.add_cookies([{"name": name, "value": value, "url": url} for name, value in chosen.items()])


def issue_token(page: Page, organization: Organization) -> None:
    page.goto(reverse("provisioning-manage", args=[organization.space_key]))
    page.locator("input[name=enable]").check()
    page.locator("main form button").click()
    expect(page.locator("#scim-token")).to_be_visible()


# -- the main job


def test_an_administrator_connects_an_identity_provider(
    watched: Watched, live_server: Any, aozora: Organization, aiko: Member
) -> None:
    page = watched.page
    page.clock.install()
    sign_in(page)
    page.get_by_role("navigation").get_by_role("link", name="User provisioning").click()
    enable(page)

    page.get_by_role("button", name="Copy SCIM token").click()
    expect(page.get_by_role("button", name="Copy SCIM token")).to_contain_text("Copied")
    token = page.evaluate("navigator.clipboard.readText()")
    assert token == page.get_by_label("SCIM token —").input_value()
    assert page.get_by_label("SCIM URL —").input_value() == f"{live_server.url}/spaces/{aozora.space_key}/scim/v2/"
    expect(page.get_by_role("button", name="Done")).to_be_disabled()
    expect(page.get_by_role("heading", name="Waiting for the first request")).to_be_visible()

    created = Idp(aozora, secret=token, url=live_server.url).create("yuki", displayName="Yuki Abe")
    assert created.status == 201
    page.clock.fast_forward("00:03")

    expect(page.get_by_role("heading", name="The first request has arrived")).to_be_visible()
    expect(page.get_by_text("Connected")).to_be_visible()
    page.get_by_label("I stored this token").check()
    page.get_by_role("button", name="Done").click()
    expect(page.get_by_role("row", name="Yuki Abe")).to_be_visible()

    page.get_by_role("link", name="Members").click()
    page.get_by_role("link", name="Yuki Abe").click()
    expect(page.get_by_role("heading", name="Yuki Abe")).to_be_visible()
    expect(page.locator("main")).to_contain_text("Provision Managed")


def test_a_token_is_not_shown_again(watched: Watched, aozora: Organization, aiko: Member) -> None:
    page = watched.page
    sign_in(page)
    page.get_by_role("link", name="User provisioning").click()
    enable(page)
    token = page.locator("#scim-token").input_value()
    page.get_by_label("I stored this token").check()
    page.get_by_role("button", name="Done").click()

    page.reload()
    expect(page.get_by_role("heading", name="User provisioning", exact=False).first).to_be_visible()
    assert token not in page.content()
    page.get_by_role("link", name="Get started").click()
    assert token not in page.content()


def test_new_activity_appears_by_itself(watched: Watched, live_server: Any, aozora: Organization, aiko: Member) -> None:
    idp = Idp(aozora, url=live_server.url)
    page = watched.page
    page.clock.install()
    enter(page.context, aiko, live_server.url)
    page.goto(reverse("provisioning", args=[aozora.space_key]))
    expect(page.get_by_text("No requests yet.")).to_be_visible()

    idp.create("mia", displayName="Mia Sato")
    page.clock.fast_forward("00:05")

    expect(page.get_by_role("row", name=re.compile("Mia Sato"))).to_be_visible()


@pytest.mark.browser_context_args(java_script_enabled=False)
def test_the_main_job_works_without_javascript(
    watched: Watched, live_server: Any, aozora: Organization, aiko: Member
) -> None:
    page = watched.page
    sign_in(page)
    page.get_by_role("navigation").get_by_role("link", name="User provisioning").click()
    enable(page)
    token = page.locator("#scim-token").input_value()

    Idp(aozora, secret=token, url=live_server.url).create("yuki", displayName="Yuki Abe")

    page.get_by_label("I stored this token").check()
    page.get_by_role("button", name="Done").click()
    expect(page.get_by_role("row", name="Yuki Abe")).to_be_visible()
    page.get_by_role("link", name="Members").click()
    expect(page.get_by_role("link", name="Yuki Abe")).to_be_visible()

    page.get_by_role("link", name="User provisioning").click()
    page.get_by_role("link", name="Revoke").click()
    page.get_by_role("button", name="Revoke token").click()
    expect(page.get_by_text("is revoked.")).to_be_visible()


# -- the keyboard


def test_the_keyboard_is_enough_to_sign_in(watched: Watched, aozora: Organization, aiko: Member) -> None:
    page = watched.page
    page.goto("/")
    tab_to(page, page.get_by_label("Email or organization ID"))
    page.keyboard.type(aiko.account.email)
    page.keyboard.press("Enter")
    expect(page.get_by_label("Password")).to_be_focused()
    page.keyboard.type(PASSWORD)
    page.keyboard.press("Enter")

    expect(page.get_by_role("navigation", name="Organization settings")).to_be_visible()
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to content")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("main")).to_be_focused()


def test_a_dialog_is_accessible_and_gives_the_focus_back(
    watched: Watched, live_server: Any, aozora: Organization, aiko: Member
) -> None:
    scim_token(aozora)
    page = watched.page
    enter(page.context, aiko, live_server.url)
    page.goto(reverse("provisioning", args=[aozora.space_key]))
    opener = page.get_by_role("link", name="Revoke")
    opener.focus()

    page.keyboard.press("Enter")
    expect(page.get_by_role("dialog")).to_be_visible()
    expect(page.get_by_role("dialog").locator(":focus")).to_have_count(1)
    blame(look(page, "dialog", Reader("en", "auto")))
    page.keyboard.press("Escape")

    expect(page.get_by_role("dialog")).to_be_hidden()
    expect(opener).to_be_focused()


def test_a_menu_that_the_keyboard_leaves_is_closed(
    watched: Watched, live_server: Any, aozora: Organization, aiko: Member
) -> None:
    page = watched.page
    enter(page.context, aiko, live_server.url)
    page.goto(reverse("members", args=[aozora.space_key]))
    page.get_by_label("Help").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("link", name="Contact support")).to_be_visible()

    page.keyboard.press("Shift+Tab")

    expect(page.get_by_role("link", name="Contact support")).to_be_hidden()


def sign_in(page: Page) -> None:
    page.goto("/")
    page.get_by_label("Email or organization ID").fill("aiko.tanaka@aozora.example")
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("navigation", name="Organization settings")).to_be_visible()


def enable(page: Page) -> None:
    page.get_by_role("main").get_by_role("link", name="Manage").first.click()
    page.get_by_label("Enable").check()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_role("heading", name="Copy your SCIM token")).to_be_visible()


def tab_to(page: Page, field: Any) -> None:
    for _ in range(10):
        page.keyboard.press("Tab")
        if field.evaluate("field => field === document.activeElement"):
            return
    pytest.fail("Tab does not lead there", pytrace=False)
