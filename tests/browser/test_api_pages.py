"""The pages of the API in a real Chromium: personal access tokens, keys in the admin, the description."""

from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page, expect

from api.models import App
from members.models import Account
from tests.api import app_key, personal_token
from tests.cast.browser import Company, Watched, blame, enter
from tests.cast.looking import EACH_READER, Reader, look, violations

pytestmark = pytest.mark.browser


@pytest.mark.looks
@EACH_READER
def test_personal_tokens_are_accessible_and_fit(
    watched: Watched, live_server: Any, company: Company, prefers: Any, reader: Reader
) -> None:
    prefers(reader.language, reader.theme)
    token, _ = personal_token(company.aiko, "Report")
    page, wrong = watched.page, list[str]()
    enter(page.context, company.aiko, live_server.url)

    for name, path in {
        "profile": reverse("profile"),
        "personal-token-revoke": reverse("personal-token-revoke", args=[token.pk]),
        "personal-token-issue": reverse("personal-token-issue"),
    }.items():
        page.goto(path)
        wrong += look(page, name, reader)
    page.locator("#id_name").fill("Monthly")
    page.locator("main form button").click()
    expect(page.locator("#personal-token")).to_be_visible()
    wrong += look(page, "personal-token-issued", reader)

    blame(wrong)


@pytest.mark.looks
@pytest.mark.parametrize(("language", "scheme"), [("en", "light"), ("ja", "dark")])
def test_keys_are_accessible_in_the_admin(
    page: Page, live_server: Any, support_desk: Client, hana: Account, language: str, scheme: Any
) -> None:
    session = support_desk.cookies[settings.SESSION_COOKIE_NAME].value
    Account.objects.filter(pk=hana.pk).update(language=language)
    page.context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
    page.emulate_media(color_scheme=scheme)
    key, _ = app_key(App.BACKLOG)
    wrong: list[str] = []

    for path in (
        reverse("admin:api_appkey_changelist"),
        reverse("admin:api_appkey_change", args=[key.pk]),
        reverse("admin:api_appkey_add"),
    ):
        page.goto(live_server.url + path)
        wrong += [f"{path}: {violation}" for violation in violations(page)]
    page.locator("#id_app").select_option("cacoo")
    page.locator("#id_name").fill("Production")
    page.locator("input[name=scopes]").first.check()
    page.locator("input[name=_save]").click()
    expect(page.locator("#secret")).to_be_visible()
    wrong += [f"made: {violation}" for violation in violations(page)]

    blame(wrong)


def test_the_description_is_shown_under_the_policy_and_can_be_tried_out(
    watched: Watched, live_server: Any, db: Any
) -> None:
    """Chromium would complain about a style or a script that the Content-Security-Policy forbids."""
    page = watched.page
    _, secret = app_key(App.BACKLOG)

    page.goto(reverse("api-docs"))
    page.get_by_role("button", name="Authorize").click()
    page.locator(".auth-container input").fill(secret)
    page.locator(".auth-container button[type=submit]").click()
    page.locator(".btn-done").click()
    page.get_by_role("button", name="List organizations").click()
    page.get_by_role("button", name="Try it out").click()
    page.get_by_role("button", name="Execute").click()

    expect(page.locator(".live-responses-table td.response-col_status").last).to_contain_text("200")
    assert watched.complaints == []
