"""Pictures of the pages on a phone: `python tests/browser/screenshots.py OUT_DIR`."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "pages"))

from market import CHROMIUM, serve
from playwright.sync_api import Page, sync_playwright
from stall import PERMIT, UNKNOWN, Stall, build_stall

PHONE = {"width": 390, "height": 844}
SCALE = 1.5
SMALL = {"width": 320, "height": 640}


def pictures(stall: Stall) -> dict[str, str]:
    return {
        "scan": "/",
        "typing-error": "/find?code=51PB-1X9S-FP3K",
        "consistent": f"/i/{stall.finished}",
        "check": f"/i/{stall.skins}",
        "stop": f"/i/{stall.held}",
        "unknown": f"/i/{UNKNOWN}",
        "mark": "/m/CITES-TAG/ZW-NIL-26-000003",
        "document": f"/d/{PERMIT}",
        "consistent-fr": f"/i/{stall.finished}?lang=fr",
        "check-es": f"/i/{stall.timber}?lang=es",
    }


def shoot(page: Page, url: str, target: Path) -> None:
    page.goto(url)
    page.screenshot(path=target)


def shoot_whole(page: Page, url: str, target: Path) -> None:
    """As tall as the page, so that what sticks to the bottom stands at the end."""
    page.goto(url)
    for fold in page.query_selector_all("summary"):
        fold.click()
    height = page.evaluate("() => document.documentElement.scrollHeight")
    page.set_viewport_size({**PHONE, "height": height})
    page.screenshot(path=target)


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    stall = build_stall()
    with serve(stall) as address, sync_playwright() as play:
        browser = play.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for name, path in pictures(stall).items():
            page = browser.new_page(viewport=PHONE, device_scale_factor=SCALE)
            shoot(page, address + path, folder / f"{name}.png")
            page.close()
        whole = browser.new_page(viewport=PHONE, device_scale_factor=SCALE)
        shoot_whole(whole, f"{address}/i/{stall.finished}", folder / "whole-page.png")
        dark = browser.new_page(viewport=SMALL, device_scale_factor=SCALE, color_scheme="dark")
        shoot(dark, f"{address}/i/{stall.finished}", folder / "consistent-dark-320.png")
        stall.world.clock.advance(8 * 86_400)
        shoot(dark, f"{address}/i/{stall.finished}", folder / "cannot-tell-dark-320.png")
        light = browser.new_page(viewport=PHONE, device_scale_factor=SCALE)
        shoot(light, f"{address}/i/{stall.finished}", folder / "cannot-tell.png")
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/screenshots"))
