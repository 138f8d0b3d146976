"""On which days and at which borders a document may be used, judged on the day of the act."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace
from trade_world import DAY, START, World, bred, new_world, skins

from ledger.custody.documents import (
    DocumentEndorsed,
    DocumentRow,
    DocumentState,
    Paper,
    Passed,
    Way,
)
from ledger.custody.lots import Basis, LotExported, LotImported, LotRegistered
from ledger.custody.rules.days import is_day, months_after, quota_year_end
from ledger.custody.subjects import Kind, Subject

PERMIT = "ZW/EXPORT/77"
ENTRY = "FR/IMPORT/77"
ROW = DocumentRow("Crocodylus niloticus", "SKI", 100, "NAR", "C", "ZW")
# START, 1,800,000,000 s, is 2027-01-15 at 08:00 UTC.
TODAY = "2027-01-15"


@pytest.fixture
def border() -> World:
    world = new_world(full=True)
    world.states[Subject(Kind.DOCUMENT, PERMIT)] = state()
    return world


def state(*rows: DocumentRow, **fields: Any) -> DocumentState:
    return DocumentState(status="issued", rows=rows or (ROW,), by="parks", **fields)


def put(world: World, name: str = PERMIT, *rows: DocumentRow, **fields: Any) -> None:
    world.states[Subject(Kind.DOCUMENT, name)] = state(*rows, **fields)


def lot(world: World, quantity: int = 10, **changes: Any) -> str:
    (code,) = world.tell(bred(skins(quantity, **changes)), by="farm")
    return code


def export(world: World, *, document: str = PERMIT, source: str = "ZW", **common: Any) -> str:
    code = lot(world)
    world.tell(LotExported((code,), document, source, "FR"), by="farm", **common)
    return code


def now(world: World, code: str) -> list[str]:
    return [f"{rule} {weight}" for rule, weight in world.counting(code)]


@pytest.mark.parametrize(
    ("days", "common", "expected"),
    [
        pytest.param((TODAY, "2027-01-16"), {}, [], id="first-day"),
        pytest.param(
            ("2027-01-16", None), {}, ["document.not-yet-valid stop"], id="before-the-first-day"
        ),
        pytest.param((TODAY, TODAY), {}, ["document.last-day note"], id="last-day"),
        pytest.param((None, "2027-01-14"), {}, ["document.expired stop"], id="after-the-last-day"),
        # The same moment is another day elsewhere: 08:00 UTC is 14 January in Honolulu at 22:00.
        pytest.param(
            (None, "2027-01-14"),
            {"when": START, "day": "2027-01-14"},
            ["document.last-day note"],
            id="still-the-last-day-in-the-west",
        ),
        pytest.param(
            (None, TODAY),
            {"when": START, "day": "2027-01-16"},
            ["document.expired stop"],
            id="already-the-day-after-in-the-east",
        ),
        pytest.param(
            ("2027-01-16", None), {"when": START, "day": "2027-01-16"}, [], id="valid-in-the-east"
        ),
        pytest.param(
            (None, "2027-01-14"), {"when": START - DAY}, ["document.last-day note"], id="said-later"
        ),
    ],
)
def test_days(
    border: World, days: tuple[str | None, str | None], common: dict[str, Any], expected: list[str]
) -> None:
    put(border, from_day=days[0], until_day=days[1])
    assert now(border, export(border, **common)) == expected


@pytest.mark.parametrize(
    ("name", "issued", "expected"),
    [
        pytest.param(PERMIT, "2026-07-15", ["document.last-day note"], id="six-months-to-the-day"),
        pytest.param(PERMIT, "2026-07-14", ["document.expired stop"], id="six-months-and-a-day"),
        pytest.param("ZW/INSTRUMENT/1", "2024-01-15", [], id="three-years"),
        pytest.param(
            "ZW/INSTRUMENT/1", "2024-01-14", ["document.expired stop"], id="three-years-and-a-day"
        ),
        pytest.param("ZW/PRE-CONVENTION/1", "1999-01-01", [], id="a-kind-without-a-term"),
        pytest.param(
            "ZW/OTHER/1", "1999-01-01", ["document.kind-unknown check"], id="an-unknown-kind"
        ),
    ],
)
def test_a_kind_ends_even_where_the_paper_does_not_say_so(
    border: World, name: str, issued: str, expected: list[str]
) -> None:
    put(border, name, issued_day=issued)
    assert now(border, export(border, document=name)) == expected


def test_the_officer_is_held_to_the_same_days(border: World) -> None:
    put(border, until_day="2027-01-14")
    code = lot(border)
    border.tell(DocumentEndorsed(PERMIT, Way.EXPORT, "ZW", (Passed(0, 10, code),)), by="parks")
    assert now(border, code) == ["document.expired stop"]
    border.tell(DocumentEndorsed(PERMIT, Way.EXPORT, "ZW", (Passed(0, 10),)), by="parks")
    paper = border.states[Subject(Kind.DOCUMENT, PERMIT)]
    assert [f.rule for f in paper.findings] == ["document.expired"]


def arrive(world: World, code: str, *, document: str = ENTRY) -> list[str]:
    world.tell(LotImported((code,), document, "FR"), by="farm")
    return now(world, code)


@pytest.mark.parametrize(
    ("issued", "expected"),
    [
        pytest.param("2026-08-15", [], id="within-six-months"),
        pytest.param("2026-08-14", ["document.import-late check"], id="a-day-later"),
    ],
)
def test_goods_enter_within_six_months_of_the_export_paper(
    border: World, issued: str, expected: list[str]
) -> None:
    put(border, issued_day=issued)
    put(border, ENTRY, issued_day="2026-06-01")
    code = export(border)
    border.at += 31 * DAY
    assert [rule for rule in arrive(border, code) if "not-endorsed" not in rule] == expected


def test_a_copy_that_says_no_day_of_issue_was_issued_by_its_first_day(border: World) -> None:
    put(border, from_day="2026-08-14")
    put(border, ENTRY, issued_day="2026-06-01")
    code = export(border)
    border.at += 31 * DAY
    assert "document.import-late check" in arrive(border, code)


def test_the_last_day_of_an_export_paper_is_that_of_leaving(border: World) -> None:
    put(border, until_day="2027-01-16", issued_day="2027-01-10")
    code = export(border)
    border.at += 5 * DAY
    assert arrive(border, code, document=PERMIT) == []


@pytest.mark.parametrize(
    ("papers", "expected"),
    [
        ((ENTRY,), ["document.no-export-paper check"]),
        ((PERMIT, ENTRY), []),
        ((PERMIT,), []),
    ],
)
def test_an_import_permit_needs_an_export_paper(
    border: World, papers: tuple[str, ...], expected: list[str]
) -> None:
    put(border, issued_day=TODAY)
    put(border, ENTRY, issued_day=TODAY, paper=Paper())
    goods = skins(10, facility=None, documents=papers)
    (code,) = border.tell(LotRegistered(Basis.IMPORT, (goods,)), by="tannery")
    assert [rule for rule in now(border, code) if "country" not in rule] == expected


CAVIAR = DocumentRow("Huso huso", "CAV", 5_000, "GRM", "W", "RU")


@pytest.mark.parametrize(
    ("row", "issued", "expected"),
    [
        pytest.param(CAVIAR, "2026-12-01", [], id="in-its-quota-year"),
        pytest.param(CAVIAR, "2026-02-20", ["caviar-days"], id="after-its-quota-year"),
        pytest.param(replace(CAVIAR, source="C"), "2026-02-20", [], id="farmed"),
        pytest.param(
            replace(CAVIAR, source="C", origin_day="2025-07-15"), TODAY, [], id="18-months"
        ),
        pytest.param(
            replace(CAVIAR, source="C", origin_day="2025-07-14"),
            TODAY,
            ["caviar-days"],
            id="18-months-and-a-day",
        ),
        pytest.param(
            replace(CAVIAR, term="SKI", unit="NAR"), "2026-02-20", [], id="skins-have-no-quota-year"
        ),
    ],
)
def test_caviar(border: World, row: DocumentRow, issued: str, expected: list[str]) -> None:
    put(border, "ZW/OTHER/5", row, issued_day=issued)
    found = now(border, export(border, document="ZW/OTHER/5"))
    assert [rule.split(".")[1].split()[0] for rule in found if "caviar" in rule] == expected


@pytest.mark.parametrize(
    ("origin_day", "expected"), [("2025-12-01", []), ("2025-07-14", ["document.caviar-days check"])]
)
def test_wild_caviar_is_sold_on_after_its_quota_year(
    border: World, origin_day: str, expected: list[str]
) -> None:
    # Bought within its quota year, re-exported in the next one: 18 months count, no quota year
    row = replace(CAVIAR, origin_day=origin_day)
    put(border, "ZW/RE-EXPORT/5", row, issued_day="2026-02-20")
    found = now(border, export(border, document="ZW/RE-EXPORT/5"))
    assert [rule for rule in found if "caviar" in rule] == expected


@pytest.mark.parametrize(
    ("entered_s", "fields", "expected"),
    [
        pytest.param(-5 * DAY, {}, [], id="entered-before"),
        pytest.param(0, {}, [], id="entered-that-day"),
        pytest.param(DAY, {}, [], id="entered-the-day-after"),
        pytest.param(2 * DAY, {}, ["document.back-dated check"], id="entered-two-days-after"),
        pytest.param(4 * DAY, {}, ["document.back-dated check"], id="by-an-office-offline"),
        pytest.param(5 * DAY, {}, ["document.back-dated stop"], id="entered-five-days-after"),
        pytest.param(
            2 * DAY, {"paper": Paper(retrospective="the office was flooded")}, [], id="said-so"
        ),
        pytest.param(
            2 * DAY, {"status": "recorded"}, ["document.back-dated check"], id="a-copy-entered-late"
        ),
    ],
)
def test_back_dated(
    border: World, entered_s: int, fields: dict[str, Any], expected: list[str]
) -> None:
    # The goods left at START; the statement that says so comes ten days later.
    document = replace(state(), entered_at=START + entered_s, **fields)
    border.states[Subject(Kind.DOCUMENT, PERMIT)] = document
    border.at += 10 * DAY
    assert now(border, export(border, when=START, day=TODAY)) == expected


# -- where a document is shown


def test_the_same_permit_shown_in_two_countries(border: World) -> None:
    put(border, paper=Paper(to_country="FR"))
    code = export(border)
    assert arrive(border, code, document=PERMIT) == []
    other = lot(border)
    border.tell(LotImported((other,), PERMIT, "IT"), by="farm")
    assert now(border, other) == [
        "document.other-country check",
        "document.two-countries stop",
    ]
    assert now(border, code) == []


def test_the_country_that_is_named_is_not_locked_out_by_an_earlier_one(border: World) -> None:
    put(border, paper=Paper(to_country="FR"))
    thief = lot(border)
    border.tell(LotImported((thief,), PERMIT, "IT"), by="farm")
    assert now(border, thief) == ["document.other-country check"]
    code = export(border)
    assert arrive(border, code, document=PERMIT) == []
    paper = border.states[Subject(Kind.DOCUMENT, PERMIT)]
    assert [(f.rule, f.severity.value) for f in paper.findings] == [
        ("document.two-countries", "check")
    ]


def test_an_export_permit_brings_nothing_into_its_own_country(border: World) -> None:
    code = lot(border)
    border.tell(LotImported((code,), PERMIT, "ZW"), by="farm")
    assert now(border, code) == ["document.other-country check"]


def test_goods_that_were_re_exported_travel_under_the_newest_paper(border: World) -> None:
    put(border, issued_day="2027-01-15")
    code = export(border)
    arrive(border, code, document=PERMIT)
    border.at += 240 * DAY
    again = "FR/RE-EXPORT/1"
    put(border, again, issued_day="2027-09-10")
    border.tell(LotExported((code,), again, "FR", "IT"), by="farm")
    border.tell(LotImported((code,), again, "IT"), by="farm")
    assert "document.import-late check" not in now(border, code)


def test_a_permit_of_one_country_does_not_leave_another(border: World) -> None:
    found = ["border.elsewhere check", "document.other-country check"]
    assert now(border, export(border, source="ZM")) == found


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        pytest.param(PERMIT, [], id="a-permit-in-two-flights"),
        pytest.param("ZW/FLEGT/1", ["document.used stop"], id="a-licence-for-one-shipment"),
    ],
)
def test_a_second_day(border: World, name: str, expected: list[str]) -> None:
    put(border, name)
    first, same_day = export(border, document=name), export(border, document=name)
    border.at += DAY
    second = export(border, document=name)
    assert now(border, first) == now(border, same_day) == []
    assert now(border, second) == expected


@pytest.mark.parametrize("officer_first", [False, True])
def test_the_officer_stamps_a_licence_on_the_day_after(border: World, officer_first: bool) -> None:
    name = "ZW/FLEGT/1"
    put(border, name, DocumentRow("Crocodylus niloticus", "SKI", 10, "NAR", "C", "ZW"))
    code = lot(border)
    stamp = DocumentEndorsed(name, Way.EXPORT, "ZW", (Passed(0, 10, code),))
    for turn in (True, False):
        if turn is officer_first:
            border.tell(stamp, by="parks")
        else:
            border.tell(LotExported((code,), name, "ZW", "FR"), by="farm")
        border.at += DAY
    assert now(border, code) == []
    assert now(border, export(border, document=name)) == [
        "document.used stop",
        "document.overdrawn stop",
    ]


@pytest.mark.parametrize(
    ("listed", "expected"),
    [
        pytest.param((1, 10), [], id="all-listed"),
        pytest.param((1, 9), ["document.other-marks check"], id="one-is-not"),
        pytest.param(None, [], id="the-paper-lists-none"),
    ],
)
def test_marks_on_the_paper(
    border: World, listed: tuple[int, int] | None, expected: list[str]
) -> None:
    from trade_world import tags

    put(border, PERMIT, replace(ROW, marks=tags(*listed) if listed else ()))
    (code,) = border.tell(bred(skins(10, marks=tags(1, 10))), by="farm")
    border.tell(LotExported((code,), PERMIT, "ZW", "FR"), by="farm")
    assert now(border, code) == expected


@pytest.mark.parametrize(
    ("day", "months", "last"),
    [
        ("2026-11-24", 6, "2027-05-24"),
        ("2026-08-31", 6, "2027-02-28"),
        ("2027-08-31", 6, "2028-02-29"),
        ("2026-12-31", 12, "2027-12-31"),
        ("2024-02-29", 36, "2027-02-28"),
    ],
)
def test_terms_of_months(day: str, months: int, last: str) -> None:
    assert months_after(day, months) == last


@pytest.mark.parametrize(
    ("day", "last"),
    [("2026-03-01", "2027-02-28"), ("2027-02-28", "2027-02-28"), ("2027-03-01", "2028-02-29")],
)
def test_quota_years_of_caviar(day: str, last: str) -> None:
    assert quota_year_end(day) == last


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2028-02-29", True),
        ("2027-02-29", False),
        ("0000-01-01", False),
        ("9000-01-01", False),
        ("2026-1-1", False),
        ("2026-01-01\n", False),
    ],
)
def test_days_of_the_calendar(text: str, expected: bool) -> None:
    assert is_day(text) is expected
