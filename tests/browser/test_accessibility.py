"""Every page in every language, on a phone: what axe finds, and whether anything is cut off."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import axe_playwright_python
import pytest
from market import CHROMIUM, FLAGS
from playwright.sync_api import Browser, Page, Playwright
from stall import PERMIT, UNKNOWN, Stall

AXE = Path(axe_playwright_python.__file__).with_name("axe.min.js").read_text(encoding="utf-8")
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
ASK = """async (rules) => {
  const found = await axe.run(document, {runOnly: rules});
  return found.violations.flatMap(v => v.nodes.map(n => `${v.id}: ${n.target.join(" ")}`));
}"""
Pages = Callable[[Stall], tuple[str, ...]]


def every_page(stall: Stall) -> tuple[str, ...]:
    """One address for each template, and for each level of a verdict that the stall has."""
    return (
        "/",
        "/find?code=51PB-1X9S-FP3K",
        f"/i/{stall.skins}",
        f"/i/{stall.finished}",
        f"/i/{stall.timber}",
        f"/i/{stall.held}",
        f"/i/{UNKNOWN}",
        "/m/CITES-TAG/ZW-NIL-26-000009",
        f"/d/{PERMIT}",
        "/d/ZW/EXPORT-PERMIT/NONE",
        "/waiting",
        "/nowhere",
    )


@pytest.fixture(scope="module")
def browser(player: Playwright) -> Iterator[Browser]:
    browser = player.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
    yield browser
    browser.close()


def faults(page: Page, address: str) -> list[str]:
    """What axe finds on a page with everything unfolded, and what is wider than the screen."""
    page.goto(address)
    for fold in page.query_selector_all("details:not([open]) > summary"):
        fold.click()
    page.evaluate(AXE)
    found: list[str] = page.evaluate(ASK, RULES)
    wide = page.evaluate("() => document.documentElement.scrollWidth - innerWidth")
    return [*found, *(["wider than the screen"] if wide > 0 else [])]


@pytest.mark.parametrize(("lang", "scheme"), [("en", "light"), ("fr", "dark"), ("es", "light")])
def test_axe_finds_nothing_on_any_page(
    stall: Stall, address: str, browser: Browser, lang: str, scheme: str
) -> None:
    phone = {"width": 390, "height": 844}
    page = browser.new_page(viewport=phone, color_scheme=scheme)  # type: ignore[arg-type]
    paths = (f"{path}{'&' if '?' in path else '?'}lang={lang}" for path in every_page(stall))
    found = {path: faults(page, address + path) for path in paths}
    page.close()
    assert {path: wrong for path, wrong in found.items() if wrong} == {}


def test_axe_sees_what_is_wrong(address: str, browser: Browser) -> None:
    page = browser.new_page()
    page.goto(address)
    page.evaluate("() => { document.documentElement.lang = ''; }")
    page.evaluate(AXE)
    assert any(fault.startswith("html-has-lang") for fault in page.evaluate(ASK, RULES))
    page.close()


LARGE = "--blink-settings=defaultFontSize=32"
"""Twice the usual size, as somebody sets it who sees badly."""
SEEN = """() => {
  const word = document.querySelector("#verdict .word span").getBoundingClientRect();
  const top = document.elementFromPoint(word.left + 9, word.bottom - 9);
  const words = document.querySelector("#verdict .word").textContent.trim().split(" ").length;
  const lines = Math.round(word.height / parseFloat(getComputedStyle(top).lineHeight));
  return word.bottom <= innerHeight && top.closest("#verdict") !== null && lines <= words;
}"""


@pytest.mark.parametrize(
    ("size", "lang"),
    [((320, 568), "en"), ((320, 568), "es"), ((320, 568), "fr"), ((568, 320), "fr")],
)
def test_large_letters_leave_the_verdict_what_is_seen_first(
    phone: Callable[..., Page], stall: Stall, address: str, size: tuple[int, int], lang: str
) -> None:
    page = phone(LARGE, width=size[0])
    page.set_viewport_size({"width": size[0], "height": size[1]})
    for path in (*every_page(stall), "/m/ZW26000002NIL"):
        page.goto(f"{address}{path}?lang={lang}" if "?" not in path else address + path)
        assert page.evaluate("() => getComputedStyle(document.documentElement).fontSize") == "32px"
        assert page.evaluate("() => document.documentElement.scrollWidth") <= size[0], path
        if page.query_selector("#verdict") is not None:
            assert page.evaluate(SEEN), path


def test_buttons_have_an_edge_in_high_contrast(
    stall: Stall, address: str, browser: Browser
) -> None:
    """Colours of ours are gone there: without an edge a button is a word among others."""
    page = browser.new_page(forced_colors="active")
    for path, button in ((f"/i/{stall.skins}", ".again .button"), ("/", "#codeform button")):
        page.goto(address + path)
        edge = "(button) => getComputedStyle(document.querySelector(button)).borderTopStyle"
        assert page.evaluate(edge, button) == "solid"
    page.close()
