"""What an officer takes along: two hundred findings on a few sheets, commands that can be typed."""

from __future__ import annotations

import re
from pathlib import Path

from flask import render_template
from playwright.sync_api import Page
from stall import Stall

from ledger.reader.views import Errand, WaitingView
from web.errands import waiting_page

NOW = 1_790_000_000
SHEETS_MAX = 6
ROWS = tuple(
    Errand(
        kind="lot",
        name="51PB1X9SFP3J",
        about=("mark.cloned", "transfer.short", "time.late", "control.held")[i % 4],
        at=NOW,
        severity=("stop", "check")[i % 2],
        party="kariba-farm",
        commands=('ringmark finding close lot/51PB1X9SFP3J mark.cloned --reason "…"',),
    )
    for i in range(200)
)


def shown(stall: Stall, page: Page, project_root: Path) -> None:
    view = WaitingView("zw-parks", ("ZW",), NOW, {"findings": ROWS}, ("findings",))
    with stall.app().test_request_context("/waiting"):
        html = render_template("waiting.html", page=waiting_page(view, lang="en", now_s=NOW))
    static = project_root / "web" / "static"
    style = "".join((static / f"{n}.css").read_text("utf-8") for n in ("ringmark", "waiting"))
    page.set_content(html.replace("</head>", f"<style>{style}</style></head>"))


def test_two_hundred_findings_print_on_a_few_sheets(
    stall: Stall, phone, project_root: Path
) -> None:
    page = phone(width=1366)
    shown(stall, page, project_root)
    printed = page.pdf(format="A4", margin=dict.fromkeys(("top", "right", "bottom", "left"), "1cm"))
    assert 2 <= len(re.findall(rb"/Type\s*/Page[^s]", printed)) <= SHEETS_MAX


def test_no_line_of_a_command_ends_within_an_option(stall: Stall, phone, project_root) -> None:
    page = phone(width=320)
    shown(stall, page, project_root)
    torn = """() => [...document.querySelectorAll('.command span')]
        .filter(word => word.textContent.startsWith('--'))
        .map(word => { const text = document.createRange();
                       text.selectNodeContents(word);
                       return new Set([...text.getClientRects()].map(line => line.top)).size; })"""
    for width in range(320, 960, 20):
        page.set_viewport_size({"width": width, "height": 800})
        lines = page.evaluate(torn)
        assert len(lines) == len(ROWS)
        assert set(lines) == {1}, width
    page.set_viewport_size({"width": 320, "height": 800})
    copied = """() => { const text = document.createRange();
        text.selectNodeContents(document.querySelector('.command'));
        getSelection().removeAllRanges(); getSelection().addRange(text);
        return getSelection().toString(); }"""
    assert page.evaluate(copied) == ROWS[0].commands[0]
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
