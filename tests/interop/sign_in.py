"""`make interop`: whole sign-ins in a real browser, through identity providers that are not ours.

Not part of the suite: pytest runs it when it is named. Each provider is set up through the
pages, signs a provisioned person in from both sides, and the person's session ends with the account.
"""

import json
import re
import urllib.request
from collections.abc import Iterator
from functools import cached_property
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, FilePayload, Page, expect

from tests.interop.programs import IdentityProvider, Samlp, SimpleSamlPhp, Site

WHO = "Email or organization ID"
AIKO, PASSWORD = "aiko.tanaka@aozora.example", "demo"
CREATE, ACTIVE = "urn:ietf:params:scim:schemas:core:2.0:User", "urn:ietf:params:scim:api:messages:2.0:PatchOp"


class Organization:
    """Aozora Design of the demo, with Aiko at its settings, who turns SAML off to begin with."""

    def __init__(self, site: Site, page: Page) -> None:
        self.site, self.page = site, page
        page.set_default_timeout(15_000)
        page.goto(f"{site.url}/signin")
        page.get_by_label(WHO).fill(AIKO)
        page.get_by_role("button", name="Continue").click()
        page.fill("[name=password]", PASSWORD)
        page.get_by_role("button", name="Sign in", exact=True).click()
        page.wait_for_url(re.compile(r"/spaces/\w+"))
        self.url = f"{site.url}/spaces/{page.url.split('/spaces/')[1].split('/')[0]}"
        self.sign_in_url = self.url.replace("/spaces/", "/signin/spaces/")
        self.sp_metadata = site.read(f"{self.sign_in_url.removeprefix(site.url)}/saml/metadata")
        self.open_saml()
        page.get_by_role("link", name="Turn off…").click()
        page.fill("[name=confirmation]", "aozora")
        page.locator("form button.btn-danger").click()
        expect(page.get_by_role("button", name="Turn on SAML authentication")).to_be_visible()

    def open_saml(self) -> None:
        self.page.goto(f"{self.url}/saml")

    def trust(self, metadata: str, people: "People") -> None:
        """Metadata read, Test sign-in passed, SAML on."""
        self.open_saml()
        document = FilePayload(name="metadata.xml", mimeType="text/xml", buffer=metadata.encode())
        self.page.set_input_files("[name=metadata]", document)
        self.page.get_by_role("button", name="Read metadata").click()
        self.page.get_by_role("button", name="Test sign-in").click()
        people.say_who(self.page)
        expect(self.page.get_by_text("Passed", exact=True)).to_be_visible()
        turn_on = self.page.get_by_role("button", name="Turn on SAML authentication")
        if turn_on.is_visible():
            turn_on.click()
        self.open_saml()
        expect(self.page.get_by_role("heading", name="SAML authentication On")).to_be_visible()

    @cached_property
    def scim(self) -> dict[str, str]:
        """Not before SAML is on."""
        issued: dict[str, str] = json.loads(
            self.site.manage("issue_scim_token", "aozora", "--issuer", AIKO, "--enable", "--json")
        )
        return issued

    def call(self, method: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self.scim['token']}", "Content-Type": "application/scim+json"}
        url = self.scim["scim_url"].rstrip("/") + path
        request = urllib.request.Request(url, json.dumps(body).encode(), headers, method=method)
        with urllib.request.urlopen(request, timeout=30) as answer:
            resource: dict[str, Any] = json.load(answer)
        return resource


class People:
    """Who signs in, and how they tell the identity provider so."""

    def __init__(self, address: str) -> None:
        self.address = address

    def say_who(self, page: Page) -> None:
        raise NotImplementedError


class AtSamlp(People):
    def say_who(self, page: Page) -> None:
        page.fill("[name=address]", self.address)
        page.get_by_role("button", name="Sign in").click()


class AtSimpleSamlPhp(People):
    def say_who(self, page: Page) -> None:
        page.fill("[name=username]", "someone")
        page.fill("[name=password]", "secret")
        page.locator("#regularsubmit button, button[type=submit]").first.click()


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    site = Site(tmp_path_factory.mktemp("site"))
    yield site
    site.stop()


@pytest.fixture(scope="module")
def aozora(site: Site, browser: Browser) -> Organization:
    return Organization(site, browser.new_context(locale="en-US").new_page())


@pytest.fixture(scope="module")
def samlp(aozora: Organization, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Samlp]:
    provider = Samlp(tmp_path_factory.mktemp("samlp"), aozora.sp_metadata, "")
    yield provider
    provider.stop()


@pytest.fixture
def simplesamlphp(aozora: Organization, tmp_path: Path) -> Iterator[SimpleSamlPhp]:
    provider = SimpleSamlPhp(tmp_path, aozora.sp_metadata, "php@aozora.example")
    yield provider
    provider.stop()


@pytest.mark.parametrize("signed", ["assertion", "response", "both"])
def test_samlp(aozora: Organization, samlp: Samlp, browser: Browser, signed: str) -> None:
    people = AtSamlp(f"{signed}@aozora.example")

    a_life(aozora, samlp, people, browser, metadata=f"/{signed}/metadata", start=f"/{signed}/sso")


def test_simplesamlphp(aozora: Organization, simplesamlphp: SimpleSamlPhp, browser: Browser) -> None:
    """Signed and encrypted, its requests' signatures checked."""
    sp = f"{aozora.sign_in_url}/saml"

    a_life(
        aozora,
        simplesamlphp,
        AtSimpleSamlPhp(simplesamlphp.person),
        browser,
        metadata="/saml2/idp/metadata.php",
        start=f"/saml2/idp/SSOService.php?spentityid={sp}",
    )


def a_life(
    aozora: Organization, provider: IdentityProvider, people: People, browser: Browser, *, metadata: str, start: str
) -> None:
    aozora.page.context.clear_cookies(name="samlp-person")
    aozora.trust(provider.read(metadata), people)
    name = people.address.partition("@")[0].title()
    new = {"schemas": [CREATE], "userName": people.address, "displayName": name, "active": True}
    member = aozora.call("POST", "/Users", new)

    # From the organization's link.
    linked = browser.new_context(locale="en-US").new_page()
    linked.goto(f"{aozora.sign_in_url}?next=/profile")
    people.say_who(linked)
    linked.wait_for_url(f"{aozora.site.url}/profile")
    expect(linked.locator("main")).to_contain_text(people.address)

    # From the sign-in page.
    typed = browser.new_context(locale="en-US").new_page()
    typed.goto(f"{aozora.site.url}/signin")
    typed.get_by_label(WHO).fill(people.address)
    typed.get_by_role("button", name="Continue").click()
    people.say_who(typed)
    expect_session(aozora.site, typed, people)

    # From the identity provider.
    begun = browser.new_context(locale="en-US").new_page()
    begun.goto(provider.url + start)
    people.say_who(begun)
    begun.wait_for_url(f"{aozora.site.url}/**")
    expect_session(aozora.site, begun, people)

    # Gone with the account, and not to be had again.
    off = {"schemas": [ACTIVE], "Operations": [{"op": "replace", "path": "active", "value": False}]}
    aozora.call("PATCH", f"/Users/{member['id']}", off)
    for page in (linked, typed, begun):
        page.goto(f"{aozora.site.url}/profile")
        expect(page.get_by_label(WHO)).to_be_visible()
    linked.goto(f"{aozora.sign_in_url}?next=/profile")
    expect(linked.get_by_role("heading", name="You could not be signed in")).to_be_visible()
    expect(linked.locator("main")).to_contain_text("inactive")


def expect_session(site: Site, page: Page, people: People) -> None:
    page.wait_for_url(f"{site.url}/**")
    page.goto(f"{site.url}/profile")
    expect(page.locator("main")).to_contain_text(people.address)
