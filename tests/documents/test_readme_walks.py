"""The README's guided paths, followed word for word: in a real browser, in both languages, at what `make run` starts.

A step is known by its English sentence, in which ** stands for what is bold; the bold words are those of the README in
hand. A changed sentence wants a step of its own here, a renamed button is not found.
"""

import re
import shlex
import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from django.utils import translation
from playwright.sync_api import Browser, BrowserContext, Locator, Page, expect

from tests.cast.clone import Clone
from tests.cast.readme import ENGLISH, JAPANESE, Sentence, fences, steps

pytestmark = [pytest.mark.browser, pytest.mark.slow]
FROM_NOTHING, BY_HAND, BY_SSO = (
    "From nothing to the first provisioned user",
    "Pushing a user by hand",
    "Signing in by SSO",
)
STOPPED_BY = {"en": signal.SIGINT, "ja": signal.SIGTERM}


class Walk:
    """Somebody with the README in one hand, at the pages of the clone."""

    def __init__(self, clone: Clone, browser: Browser, language: str) -> None:
        self.clone, self.browser, self.language = clone, browser, language
        self.desk = self.another_browser().new_page()
        self.idp = self.desk.context.new_page()
        # The page of an app that somebody has signed in to.
        self.app: Page
        # The browser of somebody who signs in by SSO, and the sentence that says how.
        self.kenji: tuple[Page, Sentence]

    def another_browser(self) -> BrowserContext:
        locale = {"en": "en-US", "ja": "ja-JP"}[self.language]
        return self.browser.new_context(locale=locale, viewport={"width": 1440, "height": 900})

    def open(self, page: Page, address: str) -> None:
        page.goto(self.clone.here(address))

    def read_in_own_language(self, page: Page, switch: str) -> None:
        button = page.get_by_role("button", name=switch, exact=True)
        expect(button).to_be_visible()
        if page.locator("html").get_attribute("lang") != self.language:
            button.click()
        expect(page.locator("html")).to_have_attribute("lang", self.language)


def press(page: Page | Locator, name: str) -> None:
    """A button or a link with exactly this name, or with a number after it as in the sidebar."""
    exactly = re.compile(rf"^\s*{re.escape(name)}\s*\d*$")
    page.get_by_role("button", name=exactly).or_(page.get_by_role("link", name=exactly)).first.click()


def follow(page: Page, way: str) -> None:
    for name in way.split(" › "):
        press(page, name)


def beside(page: Page, person: str) -> Locator:
    return page.get_by_role("row").filter(has_text=person)


def press_beside(page: Page, person: str, name: str) -> None:
    beside(page, person).get_by_text(name, exact=True).click()


# -- the steps, by their sentences

Step = Callable[[Walk, Sentence], None]
STEPS: dict[str, Step] = {}


def step(sentence: str) -> Callable[[Step], Step]:
    def register(take: Step) -> Step:
        STEPS[sentence] = take
        return take

    return register


@step("make run. It says when the site is there.")
def start(walk: Walk, said: Sentence) -> None:
    walk.clone.run(shlex.split(said.codes[0]))


@step(
    "Open http://localhost:8000/ and press **. Her pages are in English; ** at the top changes that.",
)
@step(
    "In another browser open http://localhost:8000/ and press **. His pages are in Japanese; ** at the top "
    "changes that.",
)
def enter(walk: Walk, said: Sentence) -> None:
    if not walk.desk.url.startswith("about:"):
        walk.desk = walk.another_browser().new_page()
    walk.open(walk.desk, said.addresses[0])
    press(walk.desk, said.words[0])
    walk.read_in_own_language(walk.desk, said.words[1])


@step(
    "**, tick **, **. The page shows the SCIM URL and the token, once, and waits for the first request.",
)
def enable(walk: Walk, said: Sentence) -> None:
    way, tick, save = said.words
    follow(walk.desk, way)
    walk.desk.get_by_label(tick, exact=True).check()
    press(walk.desk, save)
    expect(walk.desk.locator("#scim-token")).to_have_value(re.compile(r"\S{30,}"))


@step(
    "In a second tab open http://localhost:8001/, the demo identity provider. Paste both, press **: "
    "the first tab says **.",
)
def connect(walk: Walk, said: Sentence) -> None:
    button, heard = said.words
    walk.open(walk.idp, said.addresses[0])
    for label, shown in {"SCIM URL": "#scim-url", "SCIM token": "#scim-token"}.items():
        walk.idp.get_by_label(label).fill(walk.desk.locator(shown).input_value())
    press(walk.idp, button)
    expect(walk.idp.get_by_text("The connection works.")).to_be_visible()
    expect(walk.desk.get_by_text(heard, exact=True)).to_be_visible(timeout=15_000)


@step("Press ** beside Mia Ito. She is under **, as Provision Managed; the call is under **, in **.")
def create(walk: Walk, said: Sentence) -> None:
    button, members, provisioning, activity = said.words
    press_beside(walk.idp, "Mia Ito", button)
    press(walk.desk, members)
    walk.desk.get_by_role("searchbox").fill("Mia Ito")
    with translation.override(walk.language):
        managed = translation.gettext("Provision Managed")
    assert managed in said.text
    expect(beside(walk.desk, "Mia Ito").filter(has_text=managed)).to_be_visible()
    press(walk.desk, provisioning)
    expect(
        walk.desk.locator("section", has=walk.desk.get_by_role("heading", name=activity, exact=True))
    ).to_contain_text("Mia Ito")


@step(
    "Press ** beside her, type another name and press **: under ** stands the request that Microsoft Entra ID sends.",
)
def change(walk: Walk, said: Sentence) -> None:
    change, send, requests = said.words
    press_beside(walk.idp, "Mia Ito", change)
    walk.idp.get_by_label("Name", exact=True).fill("Mia Another")
    press(walk.idp, send)
    expect(beside(walk.idp, "Mia Another")).to_be_visible()
    sent = walk.idp.locator(".card", has=walk.idp.get_by_role("heading", name=requests, exact=True))
    expect(sent.locator("summary", has_text="PATCH ")).to_have_count(1)


@step(
    "In another browser, or a private window, open http://localhost:8002/, Demo Backlog, an app. Press **, type "
    "mia.ito@aozora.example, press ** and, at the identity provider, ** beside her: she is in, at **."
)
def enter_the_app(walk: Walk, said: Sentence) -> None:
    sign_in, go_on, choose, issues = said.words
    walk.app = walk.another_browser().new_page()
    walk.open(walk.app, said.addresses[0])
    press(walk.app, sign_in)
    walk.app.locator("#id_identifier").fill(said.codes[0])
    press(walk.app, go_on)
    press_beside(walk.app, "Mia Another", choose)
    expect(walk.app.get_by_role("heading", name=issues, exact=True)).to_be_visible()


@step("Press ** beside her at http://localhost:8001/, and watch the app: within a second it says **.")
def throw_out(walk: Walk, said: Sentence) -> None:
    deactivate, out = said.words
    press_beside(walk.idp, "Mia Another", deactivate)
    expect(beside(walk.idp, "Mia Another")).to_contain_text("Inactive")
    # A second is for those who read; the machine of the tests may be busy.
    expect(walk.app.get_by_role("heading", name=out, exact=True)).to_be_visible(timeout=10_000)


@step("At http://localhost:8001/ press ** beside Kenji Mori.")
def create_kenji(walk: Walk, said: Sentence) -> None:
    walk.open(walk.idp, said.addresses[0])
    press_beside(walk.idp, "Kenji Mori", said.words[0])
    expect(beside(walk.idp, "Kenji Mori")).to_contain_text("Active")


@step(
    "In another browser, or a private window, open http://localhost:8000/, type kenji.mori@aozora.example, press ** "
    "and, at the identity provider, ** beside Kenji Mori: he is signed in. **, beside him at http://localhost:8001/, "
    "leads there as well. His pages are in Japanese; ** at the top changes that."
)
def sign_in(walk: Walk, said: Sentence) -> None:
    for take in (type_and_choose, begin_there):
        page = walk.another_browser().new_page()
        take(walk, page, said)
        page.wait_for_url(f"**:{walk.clone.port}/profile")
        expect(page.locator("main")).to_contain_text(said.codes[0])
    # The sign-in page after the session speaks the language of the person, too.
    walk.read_in_own_language(walk.kenji[0], said.words[3])


def type_and_choose(walk: Walk, page: Page, said: Sentence) -> None:
    walk.open(page, said.addresses[0])
    page.locator("#id_identifier").fill(said.codes[0])
    press(page, said.words[0])
    press_beside(page, "Kenji Mori", said.words[1])
    walk.kenji = page, said


def begin_there(walk: Walk, page: Page, said: Sentence) -> None:
    walk.open(page, said.addresses[1])
    press_beside(page, "Kenji Mori", said.words[2])


@step(
    "Press ** beside him, and load his page again: his session has ended. Let him sign in as before: **. "
    "Aiko reads why under **, at **."
)
def refuse(walk: Walk, said: Sentence) -> None:
    deactivate, refused, audit_log, event = said.words
    press_beside(walk.idp, "Kenji Mori", deactivate)
    page, before = walk.kenji
    page.reload()
    expect(page.locator("#id_identifier")).to_be_visible()
    type_and_choose(walk, page, before)
    expect(page.get_by_role("heading", name=refused, exact=True)).to_be_visible()
    press(walk.desk, audit_log)
    line = walk.desk.get_by_role("listitem").filter(has_text=event).filter(has_text="Kenji Mori").first
    line.get_by_text(event).click()
    with translation.override(walk.language):
        expect(line).to_contain_text(translation.gettext("Cause and remedy"))


@step("**, type hakata, press **.")
def turn_off(walk: Walk, said: Sentence) -> None:
    follow(walk.desk, said.words[0])
    walk.desk.get_by_role("textbox").fill(said.codes[0])
    press(walk.desk, said.words[1])


@step(
    "At http://localhost:8001/ press **. On the page ** choose that file and press **.",
)
def read_metadata(walk: Walk, said: Sentence) -> None:
    download, place, read = said.words
    walk.open(walk.idp, said.addresses[0])
    with walk.idp.expect_download() as file:
        press(walk.idp, download)
    press(walk.desk, place)
    walk.desk.set_input_files("[type=file]", Path(file.value.path()))
    press(walk.desk, read)


@step("**, ** beside anybody: it says **. **.")
def try_and_turn_on(walk: Walk, said: Sentence) -> None:
    test, choose, passed, turn_on = said.words
    press(walk.desk, test)
    press_beside(walk.desk, "Liam Murphy", choose)
    expect(walk.desk.get_by_text(passed, exact=True)).to_be_visible()
    press(walk.desk, turn_on)
    expect(walk.desk.get_by_role("status")).to_be_visible()


# -- the walks


def follow_path(walk: Walk, readme: str, title: str) -> None:
    for told, said in zip(steps(ENGLISH, title), steps(readme, title), strict=True):
        assert told.frame in STEPS, f"Nobody has walked this sentence yet: {told.frame}"
        assert (len(said.words), said.addresses) == (len(told.words), told.addresses), said.text
        STEPS[told.frame](walk, said)


def push_by_hand(walk: Walk, readme: str) -> None:
    """The commands as they are written, with what the first of them prints in the place of the dots."""
    (script,) = fences(readme, BY_HAND)
    issue, _, rest = script.partition("\n")
    url, token = (shlex.quote(line.split()[2]) for line in walk.clone.typed(issue).splitlines()[:2])
    answers = walk.clone.typed(rest.replace("SCIM_URL=…", f"SCIM_URL={url}").replace("TOKEN=…", f"TOKEN={token}"))

    created, found = answers[: answers.rindex('{"')], answers
    assert "nora.field@aozora.example" in created
    assert '"totalResults":1' in found.replace(" ", "")


@pytest.mark.parametrize(("readme", "language"), [(ENGLISH, "en"), (JAPANESE, "ja")])
def test_the_paths_of_the_readme_lead_where_it_says(
    browser: Browser, tmp_path: Path, readme: str, language: str
) -> None:
    clone = Clone(tmp_path)
    try:
        walk = Walk(clone, browser, language)
        for title in (FROM_NOTHING, BY_SSO):
            follow_path(walk, readme, title)
        push_by_hand(walk, readme)
        clone.stop(STOPPED_BY[language])
        assert clone.processes() == {}
    finally:
        clone.end()
