"""Looking at a page as it stands in a browser: all that is wrong with it, in both themes, wide and narrow."""

import functools
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.cast.catalogue import translations
from tests.cast.fitting import MISFITS, misfits

DESKTOP, PHONE = {"width": 1440, "height": 900}, {"width": 390, "height": 844}
# A folder to keep pictures in, for whoever wants to look at the pages.
PICTURES = os.environ.get("SCREENSHOTS", "")
AXE = Axe().axe_script
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
# The style sheets are read again for rules that are not asked.
EVERYTHING = {
    "resultTypes": ["violations"],
    "preload": False,
    "runOnly": {"type": "tag", "values": WCAG},
    # What is read on a control is in its name: an experimental rule, for WCAG 2.5.3.
    "rules": {"label-content-name-mismatch": {"enabled": True}},
}
# Each theme is looked at in both languages and at both widths.
THEME_AT = {
    ("en", 1440): "light", ("en", 390): "dark",
    ("ja", 1440): "dark", ("ja", 390): "light",
}  # fmt: skip
RUN = "options => axe.run(options).then(found => found.violations)"
# A page at its top, drawn: after a focus that scrolled it, after another width or theme.
SETTLED = """() => new Promise((resolve) => {
  scrollTo(0, 0);
  requestAnimationFrame(() => requestAnimationFrame(resolve));
})"""
# What is read or heard; code, addresses on the wire and words marked as English may be English.
WORDS = """() => {
  const words = [];
  const foreign = (element) => element.closest("code, pre, script, style, noscript, .font-monospace, [lang=en]");
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) if (!foreign(walker.currentNode.parentElement)) words.push(walker.currentNode.data);
  for (const name of ["aria-label", "title", "placeholder", "alt"])
    for (const element of document.querySelectorAll(`[${name}]`))
      if (!foreign(element)) words.push(element.getAttribute(name));
  return [document.title, ...words].map((text) => text.trim()).filter(Boolean);
}"""
# Two words of which the second is no name, or an English date.
ENGLISH = re.compile(r"(?!SCIM id)\b[A-Za-z]{2,} [a-z]{2,}|\b[A-Z][a-z]{2} \d+, \d{4}")
# What somebody typed or a program is called is said as it is.
QUOTED = re.compile(r"「[^」]*」|manage\.py \w+")


@dataclass(frozen=True)
class Reader:
    """Somebody who has chosen a language and a theme."""

    language: str
    theme: str

    def __str__(self) -> str:
        return self.language


EACH_READER = pytest.mark.parametrize("reader", [Reader("en", "dark"), Reader("ja", "light")], ids=str)


@functools.cache
def english_texts() -> set[str]:
    """Texts that a Japanese page does not say."""
    return {text for text, japanese in translations() if text != japanese}


def look(page: Page, name: str, reader: Reader) -> list[str]:
    """Everything that is wrong with the page as it stands there, wide and narrow, in both themes."""
    # After a click that leads here, the page may have no element yet.
    page.wait_for_load_state()
    page.emulate_media(reduced_motion="reduce")
    return [f"{name}: {what}" for what in (*_misread(page, reader), *misfits(page), *_mislaid(page, name, reader))]


def look_at(page: Page, pages: dict[str, str], reader: Reader) -> list[str]:
    wrong = []
    for name, path in pages.items():
        page.goto(path)
        wrong += look(page, name, reader)
    return wrong


def violations(page: Page) -> list[str]:
    """What axe finds on the page as it stands there."""
    page.evaluate(SETTLED)
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(AXE)
        # The pages after this one have it: half a megabyte takes its time on the way there.
        page.add_init_script(AXE)
    found = page.evaluate(RUN, EVERYTHING)
    return [f"{rule['id']}: {node['html'][:200]}" for rule in found for node in rule["nodes"]]


def _misread(page: Page, reader: Reader) -> Iterator[str]:
    chosen: dict[str, str] = page.evaluate(
        "({lang: document.documentElement.lang, ...document.documentElement.dataset})"
    )
    if chosen["lang"] != reader.language:
        yield "<html lang> is wrong"
    if chosen["bsTheme"] != reader.theme:
        yield f"the theme is {chosen['bsTheme']}"
    if reader.language == "ja":
        for text in page.evaluate(WORDS):
            if text in english_texts() or ENGLISH.search(QUOTED.sub("", text)):
                yield f"English: {text}"


def _mislaid(page: Page, name: str, reader: Reader) -> Iterator[str]:
    """What axe has to say, once at each width. The theme is the browser's to change: the page is the same but for its
    attribute."""
    for size in (DESKTOP, PHONE):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        width = size["width"]
        theme = THEME_AT[reader.language, width]
        yield from (f"{width}: {what}" for what in page.evaluate(MISFITS))
        _change_theme(page, theme)
        yield from (f"{width}, {theme}: {violation}" for violation in violations(page))
        _keep_pictures(page, f"{name}-{reader}-{width}")
        _change_theme(page, reader.theme)


def _change_theme(page: Page, theme: str) -> None:
    page.evaluate("theme => { document.documentElement.dataset.bsTheme = theme }", theme)


def _keep_pictures(page: Page, name: str) -> None:
    if PICTURES:
        Path(PICTURES).mkdir(parents=True, exist_ok=True)
        for theme in ("light", "dark"):
            _change_theme(page, theme)
            page.screenshot(path=Path(PICTURES) / f"{name}-{theme}.png", full_page=True)
