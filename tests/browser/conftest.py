"""A phone on the market: the server in this process, Chromium outside."""

from __future__ import annotations

import datetime
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "pages"))
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "verify"))

from market import CHROMIUM, FLAGS, serve
from playwright.sync_api import Page, Playwright, sync_playwright
from stall import Stall, build_stall

Phone = Callable[..., Page]


@pytest.fixture(scope="module")
def stall() -> Stall:
    return build_stall(seed=41)


@pytest.fixture(scope="module")
def address(stall: Stall) -> Iterator[str]:
    with serve(stall) as address:
        yield address


@pytest.fixture(scope="module")
def player() -> Iterator[Playwright]:
    if not Path(CHROMIUM).exists():
        pytest.skip("there is no chromium on this machine")
    with sync_playwright() as player:
        yield player


@pytest.fixture
def phone(player: Playwright, stall: Stall) -> Iterator[Phone]:
    """Open pages on phones whose clock is the stall's: they judge ages by themselves."""
    opened, now = [], datetime.datetime.fromtimestamp(stall.world.clock.now_s(), datetime.UTC)

    def make(*flags: str, width: int = 390, **options: object) -> Page:
        browser = player.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, *flags])
        opened.append(browser)
        viewport = {"width": width, "height": 844}
        page = browser.new_page(viewport=viewport, **options)  # type: ignore[arg-type]
        if options.get("java_script_enabled", True):
            page.clock.set_fixed_time(now)
        return page

    yield make
    for browser in opened:
        browser.close()
