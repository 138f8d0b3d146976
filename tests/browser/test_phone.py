"""What a phone sees: weight, width, camera, links, hostile texts, no JavaScript at all."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from hostile_texts import TEXTS
from market import CAMERA
from PIL import Image
from playwright.sync_api import Page, Response
from stall import PERMIT, UNKNOWN, Stall, altered

from ledger.printing import draw_png
from ledger.wire.text import format_code, parse_code

Phone = Callable[..., Page]
REQUESTS_MAX = 8
BYTES_MAX = 30_000


def verdict(page: Page) -> tuple[str | None, str | None]:
    page.wait_for_selector("#verdict")
    level = page.get_attribute("#verdict", "data-level")
    return level, page.get_attribute("#verdict", "data-reason")


def footage(folder: Path, url: str) -> Path:
    """Write a clip as a camera would see a label that is held in front of it."""
    label = Image.open(io.BytesIO(draw_png(url=url, code="LABEL"))).convert("L")
    clip = folder / "label.mjpeg"
    with clip.open("wb") as out:
        for _ in range(10):
            frame = Image.new("L", (1280, 720), 150)
            frame.paste(label.resize((560, 560 * label.height // label.width)), (300, 40))
            frame.convert("RGB").save(out, "JPEG", quality=90)
    return clip


def test_a_label_link_is_light(stall: Stall, address: str, phone: Phone) -> None:
    page, answers = phone(), list[Response]()
    page.on("response", lambda answer: answers.append(answer))  # noqa: PLW0108 - it marks its handlers
    page.goto(stall.label.replace("https://localhost", address))
    # Two answers show the verdict; the phone proves it afterwards (test_proof_on_the_phone.py).
    assert verdict(page)[0] == "check"
    page.wait_for_selector("#proof[data-state]")
    page.wait_for_load_state("networkidle")
    weight = sum(
        answer.request.sizes()["responseBodySize"] + answer.request.sizes()["responseHeadersSize"]
        for answer in answers
    )
    assert len(answers) <= REQUESTS_MAX, [answer.url for answer in answers]
    assert weight <= BYTES_MAX


@pytest.mark.parametrize("scheme", ["http://", ""], ids=["whole", "without-its-scheme"])
def test_the_fragment_of_a_label_never_reaches_the_server(
    stall: Stall, address: str, phone: Phone, scheme: str
) -> None:
    page, asked = phone(), list[str]()
    page.on("request", lambda request: asked.append(request.url))
    fragment = stall.label.partition("#")[2]
    link = stall.label.replace("https://localhost", address)
    page.goto(address)
    page.fill("#code", link.replace("http://", scheme))
    page.press("#code", "Enter")
    assert verdict(page)[0] == "check"
    assert page.evaluate("() => location.hash.slice(1)") == fragment
    assert [url for url in asked if fragment in url.partition("#")[0]] == []


def test_nothing_overflows_a_small_phone(stall: Stall, address: str, phone: Phone) -> None:
    page = phone(width=320)
    paths = (
        "/",
        f"/i/{stall.skins}",
        f"/i/{stall.finished}?lang=fr",
        f"/i/{stall.held}?lang=es",
        f"/i/{UNKNOWN}",
        f"/d/{PERMIT}",
    )
    for path in paths:
        page.goto(address + path)
        for fold in page.query_selector_all("summary"):
            fold.click()
        assert page.evaluate("() => document.documentElement.scrollWidth") <= 320, path


def test_the_page_is_whole_without_javascript(stall: Stall, address: str, phone: Phone) -> None:
    page = phone(java_script_enabled=False)
    page.goto(address)
    page.fill("#code", format_code(parse_code(stall.held)))
    page.press("#code", "Enter")
    assert verdict(page) == ("stop", "control.held")
    assert page.is_visible("text=Does it match the goods?")


def test_a_misread_code_is_told_at_the_field(address: str, phone: Phone) -> None:
    page = phone()
    page.goto(address)
    page.fill("#code", "51PB-1X9S-FP3K")
    page.press("#code", "Enter")
    page.wait_for_selector("#codeerr:not([hidden])")
    assert "One letter or digit is wrong." in page.inner_text("#codeerr")
    assert page.input_value("#code") == "51PB-1X9S-FP3K"


def test_the_camera_reads_a_label(stall: Stall, address: str, phone: Phone, tmp_path: Path) -> None:
    clip = footage(tmp_path, stall.label).resolve()
    page = phone(*CAMERA, f"--use-file-for-fake-video-capture={clip}")
    page.goto(address)
    page.click("#scan")
    assert verdict(page) == ("check", "basis.not-attested")
    assert page.url.endswith(stall.label.partition("#")[2])


def test_the_camera_stops_at_an_altered_label(
    stall: Stall, address: str, phone: Phone, tmp_path: Path
) -> None:
    clip = footage(tmp_path, altered(stall.label)).resolve()
    page = phone(*CAMERA, f"--use-file-for-fake-video-capture={clip}")
    page.goto(address)
    page.click("#scan")
    assert verdict(page) == ("stop", "label.altered")


@pytest.mark.parametrize(
    ("flags", "name"),
    [
        (
            ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream=deny"),
            "NotAllowedError",
        ),
        ((), "NotFoundError"),
    ],
    ids=["denied", "none"],
)
def test_a_camera_that_does_not_start_says_why(
    address: str, phone: Phone, flags: tuple[str, ...], name: str
) -> None:
    page = phone(*flags)
    page.goto(address)
    page.click("#scan")
    page.wait_for_selector("#camerr:not([hidden])")
    assert page.get_attribute("#camerr", "data-err") == name
    assert page.inner_text("#camerr")
    assert page.evaluate("() => document.activeElement.id") == "code"


def test_a_photo_is_read(stall: Stall, address: str, phone: Phone, tmp_path: Path) -> None:
    picture = tmp_path / "label.png"
    picture.write_bytes(draw_png(url=stall.label, code=format_code(parse_code(stall.skins))))
    page = phone()
    page.goto(address)
    page.set_input_files("#photo", picture)
    assert verdict(page)[0] == "check"


def test_hostile_texts_do_nothing_in_a_browser(address: str, phone: Phone) -> None:
    page, alarms = phone(), list[str]()
    page.on("dialog", lambda dialog: (alarms.append("dialog"), dialog.dismiss()))
    page.on("console", lambda message: alarms.append(message.text))
    for text in TEXTS[:: len(TEXTS) // 24]:
        page.goto(f"{address}/")
        page.fill("#code", text)
        page.press("#code", "Enter")
        page.wait_for_load_state("load")
    assert [alarm for alarm in alarms if "status of 40" not in alarm] == []


def test_no_page_breaks_its_own_policy(stall: Stall, address: str, phone: Phone) -> None:
    page, said = phone(), list[str]()
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    for path in ("/", f"/i/{stall.skins}", f"/i/{stall.held}?lang=fr", f"/d/{PERMIT}"):
        page.goto(address + path)
    assert said == []


def test_a_long_mark_breaks_within_a_narrow_page(stall: Stall, address: str, phone: Phone) -> None:
    page = phone(width=320)
    page.goto(f"{address}/i/{stall.skins}")
    page.evaluate("() => { document.querySelector('ul.marks b').textContent = 'A'.repeat(90); }")
    assert page.evaluate("() => document.documentElement.scrollWidth") <= 320
