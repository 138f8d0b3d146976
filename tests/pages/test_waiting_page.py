"""What waits for an authority: the page, its words and its picture, and who may see it."""

from __future__ import annotations

import re

import pytest
from flask import render_template
from flask.testing import FlaskClient
from msgspec.structs import replace
from stall import HTML, JSON, Stall

from ledger.reader.views import Errand, WaitingView
from ledger.reader.waiting import SECTIONS
from ledger.wire.text import json_loads
from web.drawing import draw_bar
from web.errands import TITLES, waiting_page

NOW = 1_790_000_000
DAY_S = 86_400
QUOTA = Errand(
    kind="account",
    name="quota/ID-2027-1",
    about="QuotaSet",
    party="ID",
    taxon="Python breitensteini",
    terms=("LPL", "SKI"),
    period=("2027-01-01", "2027-12-31"),
    used=10_780,
    reserved=10_800,
    amount=10_800,
    unit="NAR",
    conditions=("skins and skin products",),
)
EVERYTHING = WaitingView(
    "zw-authority",
    ("ZW",),
    NOW,
    {
        "approvals": (
            Errand(
                kind="party",
                name="old-mill",
                about="CustodyRecovered",
                at=NOW - DAY_S,
                due=NOW + 29 * DAY_S,
                party="zw-authority",
                commands=("ringmark approve " + "ab" * 32,),
            ),
        ),
        "findings": (
            Errand(
                kind="lot",
                name="51PB1X9SFP3J",
                about="mark.cloned",
                at=NOW,
                due=NOW,
                severity="stop",
                party="kariba-farm",
                marks=("TAG/ZW-2026-000001-NIL",),
                commands=('ringmark finding close lot/51PB1X9SFP3J mark.cloned --reason "…"',),
            ),
        ),
        "returns": (
            Errand(
                kind="account",
                name="allotment/kariba-farm/TAG/2026",
                about="MarksAllotted",
                due=NOW + 3 * DAY_S,
                party="kariba-farm",
                used=60,
                amount=100,
                unit="NAR",
            ),
        ),
        "quotas": (
            QUOTA,
            replace(QUOTA, name="quota/ID-2027-2", used=12_000, reserved=0),
            replace(QUOTA, name="quota/ZERO", used=0, reserved=0, amount=0),
        ),
    },
    ("findings",),
)


def rendered(stall: Stall, view: WaitingView, lang: str = "en") -> str:
    with stall.app().test_request_context(f"/waiting?lang={lang}"):
        page = waiting_page(view, lang=lang, now_s=NOW + 60)
        return render_template("waiting.html", page=page)


def without_spans(html: str) -> str:
    """Commands as they are copied: each word stands in a span of its own."""
    return re.sub("</?span>", "", html)


def test_every_section_has_a_title() -> None:
    assert set(TITLES) == set(SECTIONS)


def test_the_page_shows_what_the_reader_found(stall: Stall, client: FlaskClient) -> None:
    text = client.get("/waiting?for=zw-authority", headers=HTML).get_data(as_text=True)
    assert "zw-authority" in text
    assert "An officer holds these goods." in text
    assert f"ringmark release {stall.held} --reason" in without_spans(text)
    assert "<script" not in text
    plain = json_loads(client.get("/api/v1/waiting", headers=JSON).get_data())
    assert plain["authority"] is None
    assert [row["name"] for row in plain["sections"]["findings"]][:1] == [stall.held]


def test_a_country_narrows_it_down(client: FlaskClient) -> None:
    assert "Nothing waits." in client.get("/waiting?country=fr").get_data(as_text=True)
    assert "control.held" not in client.get("/waiting?country=BR").get_data(as_text=True)
    answer = client.get("/waiting?country=%3Cx", headers=JSON)
    assert answer.status_code == 400
    assert json_loads(answer.get_data())["code"] == "request.country"


@pytest.mark.parametrize(
    "query",
    [
        "sort=name",
        "limit=0",
        "severity=red",
        "party=Farm",
        "since=-1",
        "due=x",
        "limit=9007199254740993",
    ],
)
def test_what_findings_cannot_be_asked_for_is_named(client: FlaskClient, query: str) -> None:
    answer = client.get(f"/api/v1/findings?{query}", headers=JSON)
    assert answer.status_code == 400
    assert json_loads(answer.get_data())["code"] == "request.parameter"


def test_findings_are_asked_for_page_by_page(client: FlaskClient) -> None:
    everything = json_loads(client.get("/api/v1/findings", headers=JSON).get_data())
    assert everything["next"] == ""
    assert sum(everything["counts"].values()) == len(everything["findings"]) > 1
    seen, after = [], ""
    while True:
        page = json_loads(
            client.get(
                "/api/v1/findings", query_string={"limit": 1, "after": after}, headers=JSON
            ).get_data()
        )
        seen += page["findings"]
        after = page["next"]
        if not after:
            break
    assert seen == everything["findings"]
    odd = client.get("/api/v1/findings?after=lot/X", headers=JSON)
    assert json_loads(odd.get_data())["code"] == "finding.place"


def test_a_closed_ledger_shows_nobody_what_waits(stall: Stall) -> None:
    with stall.client(is_open=False) as client:
        for path in ("/waiting", "/api/v1/waiting"):
            answer = client.get(path, headers=JSON)
            assert answer.status_code == 401, path
            assert json_loads(answer.get_data())["code"] == "access.unproved"


@pytest.mark.parametrize(
    ("lang", "words"),
    [
        ("en", ("custody recovered by an officer, by zw-authority", "10 780 of 10 800")),
        ("fr", ("Quotas selon leur utilisation", "Une faute de frappe", "Échéance")),
        ("es", ("Cupos según su uso", "Un error al escribir", "Vence")),
    ],
)
def test_everything_has_words(stall: Stall, lang: str, words: tuple[str, ...]) -> None:
    text = rendered(stall, EVERYTHING, lang).replace("\N{NARROW NO-BREAK SPACE}", " ")
    for word in words:
        assert word in text, word


def test_a_picture_is_said_in_words_too(stall: Stall) -> None:
    text = rendered(stall, EVERYTHING).replace("\N{NARROW NO-BREAK SPACE}", " ")
    assert "10 780 of 10 800 pieces used (99 %) · 10 800 reserved by permits" in text
    assert "12 000 of 10 800 pieces used (111 %) · 1200 too many" in text
    assert "0 of 0 pieces used" in text
    assert text.count("<svg") == text.count("<figcaption>") == 4


def test_one_skin_too_many_is_said_though_it_is_a_hundred_per_cent(stall: Stall) -> None:
    row = replace(QUOTA, used=10_801, amount=10_800, reserved=0)
    view = WaitingView(None, (), NOW, {"quotas": (row,)})
    with stall.app().test_request_context("/waiting"):
        (section,) = waiting_page(view, lang="en", now_s=NOW).sections
    assert section.rows[0].use.endswith("(100 %) · 1 too many")


@pytest.mark.parametrize(
    "command",
    [
        'ringmark release 51PB1X9SFP3J --reason "…"',
        "ringmark document endorse 'ZW/EXPORT PERMIT/1' 51PB1X9SFP3J --export ZW",
        "ringmark mark return TAG/2026 'ZW-1..ZW-9,ZW-12'",
        'odd " quote',
    ],
)
def test_a_command_is_its_words(stall: Stall, command: str) -> None:
    row = replace(QUOTA, commands=(command,))
    view = WaitingView(None, (), NOW, {"quotas": (row,)})
    with stall.app().test_request_context("/waiting"):
        (shown,) = waiting_page(view, lang="en", now_s=NOW).sections[0].rows
    (said,) = shown.commands
    assert " ".join(said) == command
    assert not any(word.startswith("-") and " " in word for word in said)


def test_what_may_be_innocent_is_said_once_for_a_rule(stall: Stall) -> None:
    (one,) = EVERYTHING.sections["findings"]
    rows = (one, replace(one, name="7K3M9QXF2W50"), replace(one, about="control.held"))
    text = rendered(stall, replace(EVERYTHING, sections={"findings": rows}))
    assert text.count('href="#findings-mark.cloned"') == 2
    assert text.count('id="findings-mark.cloned"') == 1
    assert text.count('id="findings-control.held"') == 1
    assert text.count("It may be innocent") == 1


def test_a_long_list_says_how_many_and_leads_on(stall: Stall) -> None:
    view = replace(
        EVERYTHING, counts={"stop": 500, "check": 21_010, "note": 0}, next="1:2:r:ab:lot:X"
    )
    text = rendered(stall, view).replace("\N{NARROW NO-BREAK SPACE}", " ")
    assert "21 510: stop 500, check 21 010" in text
    assert "section=findings&amp;after=1%3A2%3Ar%3Aab%3Alot%3AX" in text
    assert "There are more" not in text


def test_a_part_leads_back_to_everything(client: FlaskClient) -> None:
    text = client.get("/waiting?country=ZW&section=findings").get_data(as_text=True)
    assert 'href="?country=ZW"' in text
    assert 'id="quotas"' not in text
    assert "Everything that waits" not in client.get("/waiting").get_data(as_text=True)


def test_a_section_that_is_cut_says_so(stall: Stall) -> None:
    assert "There are more" in rendered(stall, EVERYTHING)
    assert "There are more" not in rendered(stall, replace(EVERYTHING, cut=()))


def test_hostile_names_stay_text(stall: Stall) -> None:
    bad = "<img src=x onerror=alert(1)>"
    row = replace(QUOTA, name=bad, taxon=bad, party=bad, conditions=(bad,), commands=(bad,))
    sections = {name: (replace(row, about=bad, severity=bad),) for name in SECTIONS}
    text = rendered(stall, WaitingView(bad, (bad,), NOW, sections, ()))
    assert "<img" not in text


@pytest.mark.parametrize(
    ("used", "amount", "reserved", "filled", "end"),
    [
        (0, 100, 0, 0, 319),
        (50, 100, 0, 160, 319),
        (100, 100, 0, 320, 319),
        (200, 100, 0, 320, 159),
        (0, 0, 0, 0, 0),
        (5, 0, 0, 320, 0),
        (10, 100, 200, 16, 159),
    ],
)
def test_a_bar_ends_where_the_amount_ends(
    used: int, amount: int, reserved: int, filled: int, end: int
) -> None:
    drawn = str(draw_bar(used, amount, reserved=reserved))
    assert f'class="used" width="{filled}"' in drawn
    assert f'class="end" x="{end}"' in drawn
    over = max(used, reserved) > amount
    assert re.search(r'class="(over|within)"', drawn)[1] == ("over" if over else "within")


def test_the_language_links_keep_what_was_asked(client: FlaskClient) -> None:
    text = client.get("/waiting?for=zw-authority&country=ZW").get_data(as_text=True)
    assert 'href="?for=zw-authority&amp;country=ZW&amp;lang=fr"' in text
