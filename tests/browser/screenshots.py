"""Pictures of the running demo on a phone: `python tests/browser/screenshots.py OUT_DIR`."""

from __future__ import annotations

import io
import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "pages"))
sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "verify"))

from market import CHROMIUM, FLAGS
from PIL import Image
from playwright.sync_api import Browser, Page, Route, sync_playwright
from proof_files import rebuilt, unpacked
from served import serve

from ledger.ambient import SystemClock
from ledger.wire.text import format_time

PHONE = {"width": 390, "height": 844}
SMALL = {"width": 320, "height": 640}
SCALE = 1.5
DAY_S = 86_400
UNKNOWN = "51PB1X9SFP3J"
PAGES = {
    "scan": "/",
    "typing-error": "/find?code=51PB-1X9S-FP3K",
    "consistent": "/i/{leather}",
    "check": "/i/{missing}",
    "stop": "/i/{stopped}",
    "departed": "/i/{bag}",
    "unknown": f"/i/{UNKNOWN}",
    "consistent-fr": "/i/{sawn}?lang=fr",
    "stop-es": "/i/{seized}?lang=es",
    "document": "/d/ZW/EXPORT/2026-0412",
    "waiting": "/waiting",
}


def play(folder: Path) -> Mapping[str, str]:
    """Play the demo's cases into a folder; return the codes of its lots by name."""
    start = "from cli.main import main; main()"
    words = [sys.executable, "-c", start, "--json", "demo", "--dir", str(folder), "--no-serve"]
    printed = subprocess.run(words, capture_output=True, check=True, text=True).stdout
    lots = json.loads(printed.strip().splitlines()[-1])["lots"]
    return {lot["name"]: lot["code"] for lot in lots}


def shoot(page: Page, url: str, target: Path) -> None:
    page.goto(url)
    settle(page)
    take(page, target)


def settle(page: Page) -> None:
    """Wait until the phone has proved the verdict, where there is one."""
    if page.query_selector("#proof") is not None:
        page.wait_for_selector("#proof[data-state]")


def shoot_refuted(page: Page, url: str, target: Path) -> None:
    """What a phone shows where the card does not hold: one bit of a record is another."""

    def forge(route: Route) -> None:
        card = route.fetch().body()
        record = bytearray(unpacked(card)["records"][0]["record"])
        record[-1] ^= 1
        route.fulfill(status=200, body=rebuilt(card, ("records", 0, "record"), bytes(record)))

    page.route(re.compile("/card$"), forge)
    shoot(page, url, target)
    page.unroute_all()


def take(page: Page, target: Path) -> None:
    """Keep a picture in 48 colours: pages have few, and a repository keeps pictures for good."""
    with Image.open(io.BytesIO(page.screenshot())) as picture:
        picture.convert("RGB").quantize(48).save(target, "PNG", optimize=True)


def shoot_whole(page: Page, url: str, target: Path) -> None:
    """As tall as the page, so that what sticks to the bottom stands at the end."""
    page.goto(url)
    settle(page)
    for fold in page.query_selector_all("summary"):
        fold.click()
    height = page.evaluate("() => document.documentElement.scrollHeight")
    page.set_viewport_size({**PHONE, "height": height})
    take(page, target)


def shoot_fresh(browser: Browser, address: str, codes: Mapping[str, str], folder: Path) -> None:
    page = browser.new_page(viewport=PHONE, device_scale_factor=SCALE)
    for name, path in PAGES.items():
        shoot(page, address + path.format(**codes), folder / f"{name}.png")
    shoot_whole(page, f"{address}/i/{codes['leather']}", folder / "whole-page.png")
    page.set_viewport_size(PHONE)
    shoot_refuted(page, f"{address}/d/ZW/EXPORT/2026-0412", folder / "refuted.png")
    dark = browser.new_page(viewport=SMALL, device_scale_factor=SCALE, color_scheme="dark")
    shoot(dark, f"{address}/i/{codes['bag']}", folder / "dark-320.png")


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary, sync_playwright() as player:
        demo = Path(temporary) / "demo"
        codes = play(demo)
        browser = player.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        with serve(demo, "--read-only") as address:
            shoot_fresh(browser, address, codes, folder)
        later = format_time(SystemClock().now_s() + 8 * DAY_S)
        with serve(demo, "--read-only", "--now", later) as address:
            page = browser.new_page(viewport=PHONE, device_scale_factor=SCALE)
            page.clock.set_fixed_time(later)
            shoot(page, f"{address}/i/{codes['leather']}", folder / "cannot-tell.png")
        browser.close()


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "docs/screenshots"))
