"""Whether a page fits: while it loads, at every width, on paper, in the system's colours, under the bar that stays."""

import base64
from collections.abc import Iterator
from typing import Any

from playwright.sync_api import Locator, Page

# Width and height; the last is what a zoom of 200 % leaves of 1280 × 900.
SIZES = ((360, 800), (720, 900), (800, 900), (1024, 900), (1200, 900), (1280, 900), (640, 450))
PAPER = {"width": 718, "height": 1000}  # A4 within its margins

# What scrolls sideways, leaves its card, or is cut off although it is a label.
MISFITS = """() => {
  const found = new Set();
  const page = document.documentElement;
  if (page.scrollWidth > page.clientWidth) found.add(`the page scrolls by ${page.scrollWidth - page.clientWidth}`);
  const said = (element) => `<${element.localName} class="${element.getAttribute("class") ?? ""}"> `
    + (element.innerText ?? "").trim().slice(0, 30);
  const pen = document.createElement("canvas").getContext("2d");
  const wide = (text, style) => { pen.font = style.font; return pen.measureText(text).width; };
  const room = (element, style) =>
    element.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight) + 1;
  for (const element of document.querySelectorAll("main *, .top-bar *, .sidebar *")) {
    if (!element.getClientRects().length || element.closest("svg, .visually-hidden, .menu-panel, pre")) continue;
    const style = getComputedStyle(element);
    if (["auto", "scroll"].includes(style.overflowX) && element.localName !== "textarea"
        && element.scrollWidth > element.clientWidth + 1) found.add(`scrolls: ${said(element)}`);
    const card = element.closest(".card")?.getBoundingClientRect();
    const box = element.getBoundingClientRect();
    if (card && style.clipPath === "none" && !element.closest("thead") && box.right > card.right + 1)
      found.add(`leaves its card by ${Math.round(box.right - card.right)}: ${said(element)}`);
    if (element.matches(".filters select") && wide(element.selectedOptions[0].text, style) > room(element, style))
      found.add(`cut off: ${element.selectedOptions[0].text}`);
    if (element.matches(".filters input[placeholder]") && wide(element.placeholder, style) > room(element, style))
      found.add(`cut off: ${element.placeholder}`);
    if (element.matches("td.cell-word")) {
      const words = document.createRange();
      words.selectNodeContents(element);
      if (words.getClientRects().length > 1) found.add(`broken: ${said(element)}`);
    }
    if (element.matches("td[data-label]")) {
      const label = getComputedStyle(element, "::before");
      const { label: words } = element.dataset;
      const longest = Math.max(...words.split(" ").map((word) => wide(word, label)));
      if (label.content !== "none" && label.wordBreak === "normal" && longest > parseFloat(label.width) + 1)
        found.add(`cut off: ${words}`);
    }
  }
  return [...found];
}"""

# Each control takes the focus, backwards as Shift and Tab would give it: whichever is wholly under the bar is lost.
HIDDEN_BY_THE_BAR = """() => {
  const bar = document.querySelector(".top-bar").getBoundingClientRect().bottom;
  const controls = document.querySelectorAll("main :is(a[href], button, input, select, textarea, summary, [tabindex])");
  const lost = [];
  for (const control of [...controls].reverse()) {
    if (control.closest("details:not([open])") && control.localName !== "summary") continue;
    control.focus();
    if (document.activeElement !== control) continue;
    const box = control.getBoundingClientRect();
    if (box.height < innerHeight / 2 && box.top < bar) lost.push(control.outerHTML.slice(0, 120));
  }
  return lost;
}"""

# On paper: what is left that does something, what is not as wide as the paper, what is not dark on white.
PRINTED = """() => {
  const wrong = [];
  const seen = (element) => element.checkVisibility();
  for (const element of document.querySelectorAll(".top-bar, nav, .btn, button, summary.icon-button, [type=search]"))
    if (seen(element)) wrong.push(`is printed: ${element.outerHTML.slice(0, 100)}`);
  const { scrollWidth, clientWidth } = document.documentElement;
  const { width } = document.querySelector("main").getBoundingClientRect();
  if (width < clientWidth - 1) wrong.push(`is ${width} px wide`);
  if (scrollWidth > clientWidth) wrong.push("is wider than the paper");
  for (const region of document.querySelectorAll(".table-region"))
    if (getComputedStyle(region.firstElementChild).display !== "table") wrong.push("a table is no table");
  for (const element of document.querySelectorAll("html, body, .card"))
    if (!["rgb(255, 255, 255)", "rgba(0, 0, 0, 0)"].includes(getComputedStyle(element).backgroundColor))
      wrong.push(`is not white: ${element.outerHTML.slice(0, 80)}`);
  const words = document.createTreeWalker(document.querySelector("main"), NodeFilter.SHOW_TEXT);
  while (words.nextNode()) {
    const element = words.currentNode.parentElement;
    const [red, green, blue] = getComputedStyle(element).color.match(/[\\d.]+/g).map(Number);
    if (words.currentNode.data.trim() && seen(element) && Math.max(red, green, blue) > 0x66)
      wrong.push(`is pale: ${words.currentNode.data.trim().slice(0, 40)}`);
  }
  return [...new Set(wrong)];
}"""

SHIFTS = """() => new Promise((resolve) => {
  const seen = (entry) => !entry.hadRecentInput && entry.value > 0;
  const moved = (entries) => entries.filter(seen).map((entry) => entry.value);
  const observer = new PerformanceObserver((list) => resolve(moved(list.getEntries())));
  observer.observe({ type: "layout-shift", buffered: true });
  setTimeout(resolve, 150, []);
})"""
# The words of a chosen option, and the room that they have before the chevron.
UNDER_THE_CHEVRON = """() => [...document.querySelectorAll("select.form-select")].filter((select) => {
  const looks = getComputedStyle(select);
  const pen = document.createElement("canvas").getContext("2d");
  pen.font = looks.font;
  const words = pen.measureText(select.selectedOptions[0]?.label ?? "").width;
  const [left, right] = [parseFloat(looks.paddingLeft), parseFloat(looks.paddingRight)];
  return right < 28 || (words > select.clientWidth - left - right && looks.textOverflow !== "ellipsis");
}).map((select) => select.name)"""
# In two lines, or over the edge of its place.
BROKEN_TIMES = """() => [...document.querySelectorAll("time")].filter((time) => {
  const end = time.getBoundingClientRect().right;
  return time.getClientRects().length > 1 || end > time.closest(":not(time, a)").getBoundingClientRect().right + 1;
}).map((time) => time.textContent)"""

COLOURS = """async (picture) => {
  const image = await createImageBitmap(await (await fetch(picture)).blob());
  const pen = new OffscreenCanvas(image.width, image.height).getContext("2d");
  pen.drawImage(image, 0, 0);
  const dots = new Uint32Array(pen.getImageData(0, 0, image.width, image.height).data.buffer);
  return new Set(dots).size;
}"""


def misfits(page: Page) -> list[str]:
    """What does not fit at one of the widths, of the page as it is loaded."""
    wrong = []
    for width, height in SIZES:
        page.set_viewport_size({"width": width, "height": height})
        wrong += [f"{width}: {what}" for what in page.evaluate(MISFITS)]
    return wrong


def unsteady(page: Page) -> Iterator[str]:
    """What has moved since the page began to load, and words that leave their places."""
    yield from (f"moved by {value}" for value in page.evaluate(SHIFTS))
    yield from (f"{field} runs under its chevron" for field in page.evaluate(UNDER_THE_CHEVRON))
    yield from (f"broken: {time}" for time in page.evaluate(BROKEN_TIMES))


def lost_under_the_bar(page: Page) -> list[str]:
    page.set_viewport_size({"width": 640, "height": 450})
    lost: list[str] = page.evaluate(HIDDEN_BY_THE_BAR)
    return lost


def misprints(page: Page) -> list[str]:
    page.set_viewport_size(PAPER)  # type: ignore[arg-type]
    page.emulate_media(media="print")
    wrong: list[str] = page.evaluate(PRINTED)
    page.emulate_media(media="screen")
    return wrong


def colours(blank: Page, mark: Locator) -> int:
    """How many colours are seen of the mark: one is nothing to see. A page without a policy counts them."""
    picture = "data:image/png;base64," + base64.b64encode(mark.screenshot()).decode()
    count: Any = blank.evaluate(COLOURS, picture)
    return int(count)
