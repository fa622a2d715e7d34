"""The whole of the README's “Signing in by SSO” in a real Chromium, with the demo identity provider."""

from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Browser, Page, expect

from members.models import Member, Organization
from tests.cast.browser import Watched, enter
from tests.cast.demo_idp import Visitor

pytestmark = pytest.mark.browser
PERSON = "liam.murphy@aozora.example"


def test_a_newcomer_signs_in_by_sso_in_the_first_minutes(
    browser: Browser, visitor: Visitor, live_server: Any, settings: Any, aozora: Organization, aiko: Member
) -> None:
    settings.DEBUG = True  # a program of this machine may be an identity provider
    desk = Watched(browser.new_context(base_url=live_server.url).new_page())
    enter(desk.page.context, aiko, live_server.url)

    set_saml_up(desk.page, visitor, aozora)
    visitor.connect(aozora)
    visitor.press("/people/liam.murphy/create")
    typed = Watched(browser.new_context(base_url=live_server.url).new_page())
    sign_in_from_the_sign_in_page(typed.page)
    begun = Watched(browser.new_context(base_url=live_server.url).new_page())
    sign_in_from_the_identity_provider(begun.page, visitor)

    assert desk.complaints + typed.complaints + begun.complaints == []
    visitor.press("/people/liam.murphy/deactivate")
    for watched in (typed, begun):
        watched.page.goto("/profile")
        expect(watched.page.get_by_label("Email or organization ID")).to_be_visible()
    expect_a_refusal_in_words(typed.page, aozora)


def set_saml_up(page: Page, visitor: Visitor, organization: Organization) -> None:
    """Its metadata, Test sign-in; SAML is on with other values, which these replace when the test has passed."""
    page.goto(reverse("saml", args=[organization.space_key]))
    metadata = {"name": "demo.xml", "mimeType": "text/xml", "buffer": visitor.page("/metadata").encode()}
    page.set_input_files("[name=metadata]", metadata)  # type: ignore[arg-type]
    page.get_by_role("button", name="Read metadata").click()
    page.get_by_role("button", name="Test sign-in").click()
    page.get_by_role("button", name="Sign in as Liam Murphy").click()
    expect(page.get_by_role("heading", name="Test sign-in Passed")).to_be_visible()
    expect(page.locator("main")).to_contain_text(PERSON)
    expect(page.locator("main")).to_contain_text("no one would be signed in")


def sign_in_from_the_sign_in_page(page: Page) -> None:
    page.goto("/profile")
    page.get_by_label("Email or organization ID").fill(PERSON)
    page.get_by_role("button", name="Continue").click()
    page.get_by_role("button", name="Sign in as Liam Murphy").click()
    page.wait_for_url("**/profile")
    expect(page.locator("main")).to_contain_text(PERSON)


def sign_in_from_the_identity_provider(page: Page, visitor: Visitor) -> None:
    page.goto(f"{visitor.server.url}/")
    page.get_by_role("button", name="Sign in to the site as Liam Murphy").click()
    page.wait_for_url("**/profile")
    expect(page.locator("main")).to_contain_text(PERSON)


def expect_a_refusal_in_words(page: Page, organization: Organization) -> None:
    """Liam is deactivated; Olivia was never provisioned."""
    for name, address in {"Liam Murphy": PERSON, "Olivia Brown": "olivia.brown@aozora.example"}.items():
        page.goto(f"/signin/spaces/{organization.space_key}")
        page.get_by_role("button", name=f"Sign in as {name}").click()
        expect(page.get_by_role("heading", name="You could not be signed in")).to_be_visible()
        expect(page.locator("main")).to_contain_text(address)
