"""The pages of the API in a real Chromium: personal access tokens, keys in the admin, the description."""

import os
import subprocess
import sys
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from playwright.sync_api import Page, expect

from api.models import App
from members.models import Account, Member
from tests.api import Api, app_key, personal_token
from tests.cast import PASSWORD
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


@pytest.mark.looks
@EACH_READER
def test_the_description_is_accessible_and_fits(
    watched: Watched, live_server: Any, company: Company, prefers: Any, reader: Reader
) -> None:
    """With a question, a list and the entry of a key open; what Swagger UI itself says is English."""
    prefers(reader.language, reader.theme)
    page = watched.page
    enter(page.context, company.aiko, live_server.url)
    page.set_viewport_size({"width": 390, "height": 900})
    page.goto(reverse("api-docs"))
    for name in ("Ask whether a person may use an app now", "Read events"):
        page.locator(".opblock-summary-control").filter(has_text=name).click()
    expect(page.locator(".responses-table")).to_have_count(2)
    page.get_by_role("button", name="Authorize").click()

    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    page.set_viewport_size({"width": 1440, "height": 900})
    blame(violations(page))
    dark = page.evaluate("document.documentElement.classList.contains('dark-mode')")
    assert dark == (reader.theme == "dark")
    sentence = "説明は英語です" if reader.language == "ja" else "The description is in English"
    expect(page.locator(".page-state")).to_contain_text(sentence)
    expect(page.locator("#description")).to_have_attribute("lang", "en")


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


def test_a_sign_in_with_a_password_leads_on_to_the_app(
    watched: Watched, live_server: Any, settings: Any, aiko: Member
) -> None:
    """Browsers hold the redirects of a form to its Content-Security-Policy, too."""
    app = live_server.url.replace("localhost", "127.0.0.1")
    directives = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
    settings.APP_URLS = [app]
    settings.CONTENT_SECURITY_POLICY = {"DIRECTIVES": {**directives, "form-action": ["'self'", app]}}
    page = watched.page

    page.goto(f"/apps/backlog/signin?return_to={app}/healthz&state=s")
    page.locator("#id_identifier").fill(aiko.account.email)
    page.locator("main form button").click()
    page.locator("#id_password").fill(PASSWORD)
    page.locator("main form button").click()
    page.wait_for_url(f"{app}/healthz?code=nlb_code_*&state=s")

    code = parse_qs(urlsplit(page.url).query)["code"][0]
    taken = Api(app_key(App.BACKLOG)[1]).post("sessions", {"code": code, "return_to": f"{app}/healthz"})
    assert (taken.status, taken["email"]) == (200, aiko.account.email)


def test_the_addresses_of_the_apps_are_in_the_policy() -> None:
    """As the settings make it where APP_URLS says so."""
    command = [sys.executable, "-c", "import nulab_org.settings as s; print(s.CONTENT_SECURITY_POLICY)"]
    environment = {**os.environ, "APP_URLS": "https://backlog.example/app,https://cacoo.example:8443"}

    policy = subprocess.run(command, env=environment, cwd=settings.BASE_DIR, capture_output=True, text=True, check=True)

    assert "'form-action': [\"'self'\", 'https://backlog.example', 'https://cacoo.example:8443']" in policy.stdout
