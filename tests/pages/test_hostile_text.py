"""Hostile texts in every place where a page prints one: nothing comes out as markup."""

from __future__ import annotations

from html.parser import HTMLParser

from flask import render_template
from flask.testing import FlaskClient
from hostile_texts import TEXTS
from stall import HTML, Stall

from ledger.reader.views import Lineage, LineageNode, TimelineEntry
from ledger.verify.verdict import (
    Check,
    CheckOutcome,
    FindingShown,
    Goods,
    Kind,
    Level,
    Outcome,
    Verdict,
)
from ledger.wire.text import code_symbols
from web.page import verdict_page

CODE, OTHER = (code_symbols(number) for number in (5, 6))
ALLOWED = (
    "html head meta title link script body header footer nav main section details summary figure "
    "a p h1 h2 h3 ul ol li dl dt dd b bdi i small br span div code svg circle path rect text form "
    "input label button video"
)
TAGS_ALLOWED = frozenset(ALLOWED.split(" "))
OURS = {"template": [("id", "refuted")]}
"""Elements that stand in our pages with these attributes alone."""
ICON = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='-16 -16 32 32'%3E"
    "%3Ccircle r='11' fill='none' stroke='%230a5c2c' stroke-width='6'/%3E%3C/svg%3E"
)
"""The one address that is not a path: our own picture, word by word."""


class Markup(HTMLParser):
    """Collects what a browser would see as elements, handlers and addresses."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.wrong: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in TAGS_ALLOWED and OURS.get(tag) != attrs:
            self.wrong.append(tag)
        for name, value in attrs:
            if (tag, name, value) == ("link", "href", ICON):
                continue
            scheme = (value or "").strip().lower()
            if name.startswith("on") or name == "style":
                self.wrong.append(name)
            if name in ("href", "src", "action") and not scheme.startswith(("/", "?")):
                self.wrong.append(f"{name}={value}")
            if tag == "script" and name not in ("type", "src"):
                self.wrong.append(name)


def wrong_in(text: str) -> list[str]:
    seen = Markup()
    seen.feed(text)
    return seen.wrong


def hostile_page(text: str) -> str:
    """Render the verdict page with `text` wherever somebody else's words are printed."""
    row = {"taxon": text, "term": text, "quantity": 1, "unit": text, "source": text, "origin": text}
    mark = {"scheme": text, "before": text, "first": 0, "last": 0, "digits": 0, "after": ""}
    verdict = Verdict(
        Outcome.VERIFIED,
        Level.STOP,
        text,
        params={"rule": text, "on": text},
        checks=(Check(text, CheckOutcome.PASSED, Kind.PROVED, text),),
        findings=(FindingShown(text, text, text, 0, bytes(32), marks=(text,)),),
        goods=Goods(rows=(row,), also=(row,), marks=(mark,), claim=text, status=text),
        origin=text,
        size=1,
        root=bytes(32),
        as_of=0,
        age_s=0,
    )
    step = TimelineEntry(0, 0, None, text, text, text, text, CODE, bytes(32))
    node = LineageNode(CODE, text, (row,), 0, 0)
    other = LineageNode(OTHER, text, (row,), 1, 1)
    lineage = Lineage(CODE, (node, other), ((CODE, OTHER),))
    shown = verdict_page(
        verdict, lang="en", code=CODE, mark=text, timeline=(step,), lineage=lineage
    )
    return render_template("verdict.html", page=shown)


def test_a_verdict_page_prints_it_as_text(stall: Stall) -> None:
    assert len(TEXTS) >= 200
    with stall.app().test_request_context("/"):
        assert {text: wrong for text in TEXTS if (wrong := wrong_in(hostile_page(text)))} == {}


def test_addresses_and_fields_print_it_as_text(client: FlaskClient) -> None:
    for text in TEXTS:
        for path, query in (
            ("/find", {"code": text}),
            ("/", {"lang": text}),
            (f"/m/X/{text.replace('/', '')[:60] or 'x'}", {}),
            (f"/i/{text.replace('/', '')[:60] or 'x'}", {"lang": text}),
        ):
            answer = client.get(path, query_string=query, headers=HTML)
            assert answer.status_code < 500, (path, text)
            assert wrong_in(answer.get_data(as_text=True)) == [], (path, text)


def test_json_is_never_sniffed_as_a_page(client: FlaskClient) -> None:
    answer = client.get("/api/v1/search", query_string={"q": "<script>alert(1)</script>"})
    assert answer.mimetype == "application/json"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
