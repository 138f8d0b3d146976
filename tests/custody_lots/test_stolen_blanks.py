"""Security stamps and blank forms that an authority reports, and the documents that bear them."""

from __future__ import annotations

from typing import Any

import pytest
from trade_world import World, new_world

from ledger.custody.blanks import BlanksReported, BlankStatus
from ledger.custody.documents import (
    DocumentCancelled,
    DocumentIssued,
    DocumentRecorded,
    DocumentReplaced,
    DocumentState,
    Paper,
)
from ledger.custody.goods import MarkRange
from ledger.custody.subjects import Kind, Subject

ONE, TWO = "ZW/EXPORT/2026-0901", "ZW/EXPORT/2026-0902"
STOLEN, TWICE = ("blank.stolen", "stop"), ("blank.twice", "check")


@pytest.fixture
def office() -> World:
    return new_world(full=True)


def numbers(first: int, last: int, *, of: str = "STAMP", before: str = "ZW") -> Any:
    return (MarkRange(of, before, first, last, 6, ""),)


def report(
    first: int, last: int, *, found: bool = False, country: str = "ZW", **changes: Any
) -> BlanksReported:
    status = BlankStatus.FOUND if found else BlankStatus.STOLEN
    reason = changes.pop("reason", "a break-in")
    return BlanksReported(country, status, numbers(first, last, **changes), reason)


def on(world: World, name: str = ONE) -> list[tuple[str, str]]:
    state = world.states[Subject(Kind.DOCUMENT, name)]
    assert isinstance(state, DocumentState)
    found = [(f.rule, f.severity.value) for f in state.findings]
    return [each for each in found if each[0].startswith("blank.")]


def enter(world: World, name: str = ONE, *, stamp: str = "ZW000120", copy: bool = True) -> None:
    paper = Paper(stamp=stamp)
    event = DocumentRecorded(name, paper) if copy else DocumentIssued(name, paper)
    world.tell(event, by="farm" if copy else "parks")


@pytest.mark.parametrize("entered_first", [True, False])
@pytest.mark.parametrize(
    ("stamp", "found"),
    [
        pytest.param("ZW000120", [STOLEN], id="the-first"),
        pytest.param("ZW000130", [STOLEN], id="the-last"),
        pytest.param("zw000125", [STOLEN], id="as-it-was-typed"),
        pytest.param("ZW000131", [], id="the-one-after"),
        pytest.param("US000125", [], id="another-series"),
        pytest.param("illegible?", [], id="no-number"),
    ],
)
def test_what_bears_a_stolen_stamp_stops(
    office: World, stamp: str, found: list[tuple[str, str]], *, entered_first: bool
) -> None:
    if entered_first:
        enter(office, stamp=stamp)
    office.tell(report(120, 130), by="officer")
    if not entered_first:
        enter(office, stamp=stamp)
    assert on(office) == found


def test_stamps_of_another_country_are_other_stamps(office: World) -> None:
    office.tell(report(120, 130), by="parks")
    enter(office, "FR/EXPORT/1")
    assert on(office, "FR/EXPORT/1") == []


def test_what_is_found_stops_nothing_any_more(office: World) -> None:
    enter(office)
    office.tell(report(120, 130), by="parks")
    office.tell(report(120, 125, found=True), by="parks")
    assert on(office) == []
    enter(office, TWO, stamp="ZW000121")
    enter(office, "ZW/EXPORT/33", stamp="ZW000126")
    assert (on(office, TWO), on(office, "ZW/EXPORT/33")) == ([], [STOLEN])


@pytest.mark.parametrize("entered_first", [True, False])
def test_a_blank_form_by_its_number(office: World, *, entered_first: bool) -> None:
    event = BlanksReported(
        "ZW", BlankStatus.STOLEN, (MarkRange("EXPORT", "2026-", 901, 901, 4, ""),), "a lost book"
    )
    if entered_first:
        enter(office, stamp="ZW1")
    office.tell(event, by="parks")
    if not entered_first:
        enter(office, stamp="ZW1")
    enter(office, TWO, stamp="ZW2")
    assert (on(office), on(office, TWO)) == ([STOLEN], [])


@pytest.mark.parametrize(
    ("first_copy", "second_copy", "found"),
    [
        pytest.param(False, False, [[TWICE], [TWICE]], id="both-issued"),
        pytest.param(False, True, [[], [TWICE]], id="a-copy-says-nothing-of-the-other"),
        pytest.param(True, False, [[], [TWICE]], id="the-first-was-a-copy"),
    ],
)
def test_one_stamp_on_two_documents(
    office: World, found: list[Any], *, first_copy: bool, second_copy: bool
) -> None:
    enter(office, copy=first_copy)
    enter(office, TWO, copy=second_copy)
    assert [on(office), on(office, TWO)] == found


def test_a_stamp_of_a_paper_that_is_gone_is_free(office: World) -> None:
    enter(office, copy=False)
    office.tell(DocumentReplaced(TWO, ONE, "torn", Paper(stamp="ZW000120")), by="parks")
    assert on(office, TWO) == []
    office.tell(DocumentCancelled(TWO, "torn as well"), by="parks")
    enter(office, "ZW/EXPORT/33", copy=False)
    assert on(office, "ZW/EXPORT/33") == []


@pytest.mark.parametrize(
    ("event", "by", "rule"),
    [
        pytest.param(report(1, 1_000), "parks", "", id="a-thousand"),
        pytest.param(report(1, 1_001), "parks", "mark.too-many", id="one-more"),
        pytest.param(report(1, 2, reason=" "), "parks", "blank.report", id="no-reason"),
        pytest.param(report(1, 2, of="LETTER"), "parks", "blank.report", id="no-such-form"),
        pytest.param(report(1, 2, before="zw"), "parks", "mark.form", id="small-letters"),
        pytest.param(report(1, 2, country="FR"), "parks", "blank.not-own", id="of-another"),
        pytest.param(report(1, 2), "farm", "party.not-entitled", id="a-trader"),
        pytest.param(
            BlanksReported("ZW", BlankStatus.STOLEN, (), "why"), "parks", "blank.report", id="none"
        ),
    ],
)
def test_reports(office: World, event: BlanksReported, by: str, rule: str) -> None:
    assert office.rule(event, by=by) == rule
