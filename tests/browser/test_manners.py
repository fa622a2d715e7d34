"""How the console behaves under the hand: the keyboard, waiting, updates, browsers without JavaScript."""

import re
from typing import Any

import pytest
from django.urls import reverse
from playwright.sync_api import Route, expect

from members.models import Member, Organization
from tests.cast import managed
from tests.cast.browser import Watched, enter
from tests.cast.rows import fresh
from tests.scim import Idp

pytestmark = pytest.mark.browser
expect.set_options(timeout=20_000)
# In the page's own time: Playwright waits for the answer, which is held back.
PRESS_TWICE = """async () => {
  const button = document.querySelector("main form[action$='/add'] button");
  button.click();
  await new Promise((resolve) => setTimeout(resolve, 900));
  button.click();
  return [button.ariaBusy, document.getElementById("announcer").textContent];
}"""


def test_a_slash_leads_to_the_search_unless_somebody_is_typing(
    watched: Watched, live_server: Any, aozora: Organization, aiko: Member
) -> None:
    page = watched.page
    enter(page.context, aiko, live_server.url)
    page.goto(reverse("members", args=[aozora.space_key]))
    search = page.get_by_role("searchbox")

    page.keyboard.press("/")
    expect(search).to_be_focused()
    page.keyboard.type("a/b")

    expect(search).to_have_value("a/b")


def test_after_going_back_the_filters_are_those_of_the_list(
    watched: Watched, live_server: Any, aozora: Organization, aiko: Member
) -> None:
    page = watched.page
    enter(page.context, aiko, live_server.url)
    page.goto(reverse("members", args=[aozora.space_key]))
    status = page.get_by_label("Status")
    status.select_option("inactive")
    expect(page.get_by_text("No members match")).to_be_visible()

    page.go_back()

    expect(page.get_by_text("1–1 of 1")).to_be_visible()
    expect(status).to_have_value("")


def test_a_form_that_takes_its_time_says_so_and_is_sent_once(
    watched: Watched, live_server: Any, aozora: Organization, aiko: Member
) -> None:
    page = watched.page
    enter(page.context, aiko, live_server.url)
    page.goto(reverse("domains", args=[aozora.space_key]))
    sent: list[Route] = []
    page.route("**/domains/add", lambda route: sent.append(route))
    form = page.locator("main form[action$='/add']")
    form.get_by_role("textbox").fill("slow.example")

    busy, said = page.evaluate(PRESS_TWICE)

    assert (busy, said) == ("true", "Working…")
    [once] = sent
    once.continue_()

    expect(page.get_by_text("slow.example").first).to_be_visible()
    expect(page.locator("main [aria-busy]")).to_have_count(0)


def test_the_focus_stays_while_the_page_updates_itself(
    watched: Watched, live_server: Any, aozora: Organization, aiko: Member
) -> None:
    idp = Idp(aozora, url=live_server.url)
    page = watched.page
    page.clock.install()
    enter(page.context, aiko, live_server.url)
    page.goto(reverse("provisioning", args=[aozora.space_key]))
    link = page.get_by_role("link", name="View all activity")
    link.focus()

    idp.create("mia", displayName="Mia Sato")
    page.clock.fast_forward("00:05")

    expect(page.get_by_role("row", name=re.compile("Mia Sato"))).to_be_visible()
    expect(link).to_be_focused()


def test_what_can_be_done_with_ticked_rows_stays_in_view(
    watched: Watched, live_server: Any, aozora: Organization, aiko: Member
) -> None:
    for number in range(8):
        managed(aozora, f"m{number}")
    page = watched.page
    page.set_viewport_size({"width": 390, "height": 500})
    enter(page.context, aiko, live_server.url)
    page.goto(reverse("members", args=[aozora.space_key]))

    page.get_by_role("row").last.get_by_role("checkbox").check()

    expect(page.get_by_role("button", name="Change role")).to_be_in_viewport()
    expect(page.get_by_role("banner")).to_be_in_viewport()


@pytest.mark.browser_context_args(java_script_enabled=False)
def test_a_leaver_is_put_out_without_javascript(
    watched: Watched, live_server: Any, aozora: Organization, aiko: Member, mia: Member
) -> None:
    page = watched.page
    enter(page.context, aiko, live_server.url)
    page.goto(reverse("members", args=[aozora.space_key]))
    expect(page.get_by_role("button", name="Change role")).to_be_visible()
    page.get_by_role("link", name="Mia Sato").first.click()
    page.get_by_role("main").get_by_role("link", name="Deactivate account").first.click()

    page.get_by_role("main").get_by_role("button", name="Deactivate and lock").click()

    expect(page.get_by_role("main").get_by_text("Inactive").first).to_be_visible()
    assert not fresh(mia).account.is_active


COLOURS = """() => [...document.querySelectorAll("body, body *")].map((element) => {
  const looks = getComputedStyle(element);
  return [element.tagName, looks.color, looks.backgroundColor, looks.borderTopColor, looks.fill].join(" ");
})"""


def test_the_systems_theme_is_the_same_as_the_chosen_one(
    watched: Watched, live_server: Any, aozora: Organization, aiko: Member
) -> None:
    page = watched.page
    # Without motion no colour is on its way to another.
    page.emulate_media(color_scheme="dark", reduced_motion="reduce")

    def colours(theme: str) -> Any:
        page.evaluate("theme => { document.documentElement.dataset.bsTheme = theme }", theme)
        return page.evaluate(COLOURS)

    page.goto("/signin")
    assert page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches")
    assert page.locator("html").get_attribute("data-bs-theme") == "auto"
    assert colours("auto") == colours("dark") != colours("light")
    enter(page.context, aiko, live_server.url)
    page.goto(reverse("members", args=[aozora.space_key]))
    assert colours("auto") == colours("dark") != colours("light")
    page.get_by_label("Theme").click()
    page.get_by_role("button", name="Light").click()
    expect(page.locator("html")).to_have_attribute("data-bs-theme", "light")
    assert fresh(aiko).account.theme == "light"


def test_a_file_is_chosen_in_the_readers_language_whatever_the_browsers(
    watched: Watched, live_server: Any, aozora: Organization, aiko: Member
) -> None:
    aiko.account.language = "ja"
    aiko.account.save(update_fields=["language"])
    page = watched.page
    enter(page.context, aiko, live_server.url)
    page.goto(reverse("members-import", args=[aozora.space_key]))
    face, chooser = page.locator(".file-face"), page.locator("input[type=file]")

    expect(face).to_have_text("ファイルを選択 選択されていません")
    assert chooser.get_attribute("title") == "ファイルを選択"
    assert chooser.bounding_box() == face.bounding_box()
    with page.expect_file_chooser() as chosen:
        face.get_by_text("ファイルを選択").click(force=True)
    chosen.value.set_files({"name": "社員.csv", "mimeType": "text/csv", "buffer": b"Email\n"})

    expect(face).to_have_text("ファイルを選択 社員.csv")
