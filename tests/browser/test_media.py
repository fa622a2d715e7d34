"""The console in the colours that a system imposes."""

from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect

from tests.cast.browser import Company, Watched, blame, enter
from tests.cast.fitting import colours

pytestmark = [pytest.mark.browser, pytest.mark.looks]

# Page and the marks on it that say something without a word or beside one.
MARKS = {
    "start": [".step-done .step-mark", ".dot", ".meter progress"],
    "provisioning": [".chart-bars", ".chart-line", ".key-good", ".key-bad", ".key-nulab", ".dot"],
    "members": [
        ".dot-green",
        ".dot-grey",
        "main .avatar",
        ".badge",
        "td .form-check-input",
        ".filters select",
        ".sidebar [aria-current]",
    ],
}


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_marks_are_seen_in_the_colours_that_the_system_imposes(
    watched: Watched, live_server: Any, company: Company, prefers: Any, scheme: Any
) -> None:
    # The site's own theme is the other one: it must not matter.
    prefers("en", "dark" if scheme == "light" else "light")
    page, blank = watched.page, watched.page.context.new_page()
    enter(page.context, company.aiko, live_server.url)
    page.emulate_media(forced_colors="active", color_scheme=scheme)
    wrong: list[str] = []

    for name, marks in MARKS.items():
        page.goto(reverse(name, args=[company.enabled.space_key]))
        wrong += [f"{name}: {mark}" for mark in marks if colours(blank, page.locator(mark).first) < 2]
    wrong += indistinct(page, company)

    blame(wrong)


def indistinct(page: Page, company: Company) -> list[str]:
    """What looks the same in two states."""
    page.goto(reverse("members", args=[company.enabled.space_key]))
    box = page.locator("td .form-check-input").first
    before = box.screenshot()
    box.check()
    expect(box).to_be_checked()
    page.mouse.move(0, 0)
    page.evaluate("document.activeElement.blur()")
    same = ["a box that is ticked"] if box.screenshot() == before else []
    if page.locator(".dot-green").first.screenshot() == page.locator(".dot-grey").first.screenshot():
        same.append("active and inactive")
    return same
