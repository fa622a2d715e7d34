"""The pictures in the READMEs: taken from the demo by `make pictures`, and held to be of the pages as they are.

What is compared is not pixels but outlines: the words of headings, labels, columns and buttons. An
outline that has changed says so line by line, and that the pictures are to be taken again.
"""

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import call_command
from django.urls import reverse
from playwright.sync_api import BrowserContext, Page

from members.models import Account, Organization
from tests.cast import page_actor, scim_token
from tests.cast.browser import enter

pytestmark = [pytest.mark.browser, pytest.mark.looks]

FOLDER = Path(settings.BASE_DIR, "docs", "pictures")
TAKING = bool(os.environ.get("TAKE_PICTURES"))
MOST = 150 * 1024
WIDE, PHONE = {"width": 1200, "height": 760}, {"width": 390, "height": 760}
# Name of the picture: page, size.
SHOTS = {
    "members": ("members", WIDE),
    "provisioning": ("provisioning", WIDE),
    "saml": ("saml", WIDE),
    "phone": ("members", PHONE),
}
FILES = [f"{name}-{theme}.png" for name in SHOTS for theme in ("light", "dark")]
# Figures and moments are another every day.
OUTLINE = r"""() => [...document.querySelectorAll("nav a, main :is(h1, h2, h3, label, legend, th, dt, button, .btn)")]
  .map((element) => element.textContent.replace(/\d[\d,.:]*/g, "0").replace(/\s+/g, " ").trim())
  .filter((text, place, all) => text && all.indexOf(text) === place).join("\n")"""


@pytest.fixture
def demo(live_server: Any, settings: Any) -> Organization:
    settings.DEBUG = True
    call_command("seed_demo", verbosity=0)
    settings.DEBUG = False
    organization = Organization.objects.get(slug="aozora")
    scim_token(organization)
    return organization


def opened(context: BrowserContext, organization: Organization, name: str) -> Page:
    page_name, size = SHOTS[name]
    page = context.new_page()
    page.set_viewport_size(size)  # type: ignore[arg-type]
    page.goto(reverse(page_name, args=[organization.space_key]))
    return page


def test_the_pictures_are_of_the_pages_as_they_are(
    new_context: Callable[..., BrowserContext], live_server: Any, demo: Organization
) -> None:
    context = new_context(base_url=live_server.url)
    aiko = demo.members.select_related("account", "organization").get(account__email="aiko.tanaka@aozora.example")
    enter(context, aiko, live_server.url)

    for name in SHOTS:
        outline: str = opened(context, demo, name).evaluate(OUTLINE)
        kept = FOLDER / f"{name}.txt"
        if TAKING:
            kept.write_text(outline + "\n", "utf-8")
            take(context, demo, name, aiko.account)
        assert outline.splitlines() == kept.read_text("utf-8").splitlines(), "The page has changed: make pictures"


def take(context: BrowserContext, organization: Organization, name: str, account: Account) -> None:
    member = account.memberships.get(organization=organization)
    for theme in ("light", "dark"):
        account.prefer(by=page_actor(member), theme=theme)
        opened(context, organization, name).screenshot(path=FOLDER / f"{name}-{theme}.png", animations="disabled")
    account.prefer(by=page_actor(member), theme="light")


@pytest.mark.parametrize("name", FILES)
def test_a_picture_is_there_and_small(name: str) -> None:
    assert 0 < (FOLDER / name).stat().st_size < MOST


@pytest.mark.parametrize("readme", ["README.md", "README.ja.md"])
def test_each_readme_shows_each_picture_in_both_themes(readme: str) -> None:
    words = Path(settings.BASE_DIR, readme).read_text("utf-8")

    assert [name for name in FILES if f"docs/pictures/{name}" not in words] == []
