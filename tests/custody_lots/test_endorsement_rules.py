"""Endorsement at the border: which word counts, how often, and what waits for the other one."""

from __future__ import annotations

from typing import Any

import pytest
from trade_world import DAY, World, bred, new_world, skins

from ledger.custody.documents import (
    DocumentEndorsed,
    DocumentRow,
    DocumentState,
    Paper,
    Passed,
    Way,
)
from ledger.custody.goods import Measure, Part
from ledger.custody.lots import LotExported, LotImported, LotSplit
from ledger.custody.parties import PartyState, Scope
from ledger.custody.rules.lines import left_of
from ledger.custody.rules.papers import draws
from ledger.custody.rules.passing import SECOND_WORD_S
from ledger.custody.state import Draft
from ledger.custody.subjects import Kind, Subject

PAPER = "ZW/EXPORT/77"
LINE = ("Crocodylus niloticus", "SKI", "NAR", "C", "ZW")


@pytest.fixture
def border() -> World:
    """A world judged by all rules, with a permit for 100 skins."""
    world = new_world(full=True)
    row = DocumentRow("Crocodylus niloticus", "SKI", 100, "NAR", "C", "ZW")
    state = DocumentState(status="issued", rows=(row,), by="parks", paper=Paper())
    world.states[Subject(Kind.DOCUMENT, PAPER)] = state
    return world


def paper(world: World) -> DocumentState:
    state = world.states[Subject(Kind.DOCUMENT, PAPER)]
    assert isinstance(state, DocumentState)
    return state


def lot(world: World, quantity: int = 60) -> str:
    (code,) = world.tell(bred(skins(quantity)), by="farm")
    return code


def endorsed(*passed: Passed, way: Way = Way.EXPORT, country: str = "ZW") -> DocumentEndorsed:
    return DocumentEndorsed(PAPER, way, country, passed)


def export(world: World, code: str) -> None:
    world.tell(LotExported((code,), PAPER, "ZW", "FR"), by="farm")


def drawn(world: World, way: str = "export") -> int:
    return sum(row.quantity for row in paper(world).drawn.get(way, ()))


def now(world: World, code: str, *, later_s: int = 0) -> list[str]:
    return [f.rule for f in world.lot(code).findings if f.from_at <= world.at + later_s]


@pytest.mark.parametrize(
    ("said", "seen", "counts", "findings"),
    [
        pytest.param(60, 60, 60, [], id="same-word"),
        pytest.param(60, 55, 60, [], id="officer-saw-less"),
        pytest.param(60, 65, 65, ["endorsement.more"], id="officer-saw-more"),
        pytest.param(
            60, 101, 101, ["endorsement.more", "document.overdrawn"], id="more-than-covered"
        ),
        pytest.param(60, 100, 100, ["endorsement.more"], id="all-that-is-covered"),
    ],
)
@pytest.mark.parametrize("officer_first", [False, True])
def test_the_larger_word_counts_once(
    border: World, said: int, seen: int, counts: int, findings: list[str], officer_first: bool
) -> None:
    code = lot(border, said)
    if officer_first:
        border.tell(endorsed(Passed(0, seen, code)), by="parks")
        export(border, code)
    else:
        export(border, code)
        border.tell(endorsed(Passed(0, seen, code)), by="parks")
    assert drawn(border) == counts
    assert sorted(now(border, code, later_s=SECOND_WORD_S)) == sorted(findings)


@pytest.mark.parametrize(
    ("unit", "seen", "weight"),
    [
        pytest.param("CMQ", 100_000, None, id="exactly-what-is-covered"),
        pytest.param("CMQ", 101_000, "check", id="another-scale"),
        pytest.param("CMQ", 101_001, "stop", id="more-than-two-scales-differ"),
        pytest.param("NAR", 100_001, "stop", id="pieces-have-no-slack"),
    ],
)
def test_only_what_is_measured_may_differ_a_little(
    border: World, unit: str, seen: int, weight: str | None
) -> None:
    row = DocumentRow("Swietenia macrophylla", "SAW", 100_000, unit, "W", "PE")
    state = DocumentState(status="issued", rows=(row,), by="parks", paper=Paper())
    border.states[Subject(Kind.DOCUMENT, PAPER)] = state
    border.tell(endorsed(Passed(0, seen)), by="parks")
    found = [f.severity.value for f in paper(border).findings if f.rule == "document.overdrawn"]
    assert found == ([] if weight is None else [weight])


def test_a_little_more_each_time_adds_up(border: World) -> None:
    row = DocumentRow("Swietenia macrophylla", "SAW", 100_000, "CMQ", "W", "PE")
    state = DocumentState(status="issued", rows=(row,), by="parks", paper=Paper())
    border.states[Subject(Kind.DOCUMENT, PAPER)] = state
    for _ in range(2):
        border.tell(endorsed(Passed(0, 50_400)), by="parks")
    border.tell(endorsed(Passed(0, 400)), by="parks")
    found = [f.severity.value for f in paper(border).findings if f.rule == "document.overdrawn"]
    assert found == ["check", "stop"]


def test_each_side_of_the_border_has_its_balance(border: World) -> None:
    code = lot(border)
    border.tell(endorsed(Passed(0, 60, code)), by="parks")
    border.tell(endorsed(Passed(0, 58, code), way=Way.IMPORT, country="FR"), by="parks")
    assert (drawn(border), drawn(border, "import")) == (60, 58)
    assert left_of(paper(border))[LINE] == 40


@pytest.mark.parametrize(
    ("trader", "officer", "rule"),
    [
        (True, False, "document.not-endorsed"),
        (False, True, "document.not-declared"),
        (True, True, None),
    ],
)
@pytest.mark.parametrize("way", [Way.EXPORT, Way.IMPORT])
def test_one_word_waits_thirty_days_for_the_other(
    border: World, trader: bool, officer: bool, rule: str | None, way: Way
) -> None:
    code = lot(border)
    if trader and way is Way.EXPORT:
        export(border, code)
    elif trader:
        border.tell(LotImported((code,), PAPER, "FR"), by="farm")
    if officer:
        country = "ZW" if way is Way.EXPORT else "FR"
        border.tell(endorsed(Passed(0, 60, code), way=way, country=country), by="parks")
    assert now(border, code, later_s=SECOND_WORD_S - 1) == []
    assert now(border, code, later_s=SECOND_WORD_S) == ([rule] if rule else [])


def test_the_word_on_one_side_does_not_settle_the_other(border: World) -> None:
    code = lot(border)
    export(border, code)
    border.tell(endorsed(Passed(0, 60, code), way=Way.IMPORT, country="FR"), by="parks")
    rules = ["document.not-endorsed", "document.not-declared"]
    assert now(border, code, later_s=SECOND_WORD_S) == rules


def test_a_part_counts_with_what_it_was_split_from(border: World) -> None:
    code = lot(border, 100)
    export(border, code)
    (part,) = border.tell(LotSplit(code, Part(quantity=10)), by="farm")
    border.tell(endorsed(Passed(0, 90, code), Passed(0, 10, part)), by="parks")
    assert drawn(border) == 100
    assert now(border, code) == now(border, part) == []


@pytest.mark.parametrize(
    ("part", "taken_along", "left"),
    [
        pytest.param(40, 40, None, id="all-that-passed"),
        pytest.param(60, 40, None, id="more-than-passed"),
        pytest.param(10, 10, 30, id="some-of-what-passed"),
    ],
)
def test_what_passed_is_shared_out_when_a_lot_is_split(
    border: World, part: int, taken_along: int, left: int | None
) -> None:
    """An officer saw 40 of 100 pass: the other 60 need a word of their own."""
    code = lot(border, 100)
    border.tell(endorsed(Passed(0, 40, code)), by="parks")
    (away,) = border.tell(LotSplit(code, Part(quantity=part)), by="farm")
    assert [row.quantity for p in border.lot(away).passages for row in p.seen] == [taken_along]
    kept = [row.quantity for p in border.lot(code).passages for row in p.seen]
    assert kept == ([] if left is None else [left])
    for piece in (away, code):
        export(border, piece)
    assert drawn(border) == 100
    unseen = ["document.not-endorsed"] if left is None else []
    assert "document.not-endorsed" not in now(border, away, later_s=SECOND_WORD_S)
    assert [r for r in now(border, code, later_s=SECOND_WORD_S) if r in unseen] == unseen


def test_a_word_in_another_unit_is_shared_by_proportion(border: World) -> None:
    row = DocumentRow("Crocodylus niloticus", "SKI", 250, "GRM", "C", "ZW")
    state = DocumentState(status="issued", rows=(row,), by="parks", paper=Paper())
    border.states[Subject(Kind.DOCUMENT, PAPER)] = state
    code = lot(border, 100)
    border.tell(endorsed(Passed(0, 250, code)), by="parks")
    (away,) = border.tell(LotSplit(code, Part(quantity=33)), by="farm")
    shares = [border.lot(c).passages[0].seen[0].quantity for c in (away, code)]
    assert shares == [82, 168]


@pytest.mark.parametrize(
    ("event", "rules"),
    [
        pytest.param(LotExported, ["document.other-country", "document.two-countries"], id="on"),
        pytest.param(LotImported, ["border.elsewhere", "document.two-countries"], id="into"),
    ],
)
def test_goods_go_on_under_a_paper_of_their_own(
    border: World, event: Any, rules: list[str]
) -> None:
    """What came in under the export permit is not re-exported under it (F05, F14)."""
    code = lot(border)
    export(border, code)
    border.tell(LotImported((code,), PAPER, "FR"), by="farm")
    assert now(border, code) == []
    border.at += DAY
    route = ("FR", "CH") if event is LotExported else ("CH",)
    border.tell(event((code,), PAPER, *route), by="farm")
    assert now(border, code) == rules


def test_a_crossing_told_twice_is_one(border: World) -> None:
    code = lot(border)
    for _ in range(2):
        border.tell(LotImported((code,), PAPER, "FR"), by="farm")
    assert drawn(border, "import") == 60
    assert "document.two-countries" not in now(border, code)


def test_goods_without_a_lot_draw_too_and_stop_the_document(border: World) -> None:
    border.tell(endorsed(Passed(0, 100)), by="parks")
    assert drawn(border) == 100
    assert paper(border).findings == ()
    border.tell(endorsed(Passed(0, 1)), by="parks")
    assert [(f.rule, f.severity.value) for f in paper(border).findings] == [
        ("document.overdrawn", "stop")
    ]


def test_goods_that_no_line_covers_are_a_check(border: World) -> None:
    (code,) = border.tell(bred(skins(10, source="F")), by="farm")
    border.tell(endorsed(Passed(0, 10, code)), by="parks")
    assert now(border, code) == ["document.not-covered"]


def test_heads_stay_and_the_officer_is_noted(border: World) -> None:
    code = lot(border)
    head = border.lot(code).head
    border.tell(endorsed(Passed(0, 60, code)), by="parks", seen={code: head})
    assert border.lot(code).head == head
    assert [s.party for s in border.lot(code).signers] == ["farm", "parks"]
    assert border.lot(code).documents == (PAPER,)


def test_a_draw_is_a_function_that_others_may_call(border: World) -> None:
    code = lot(border)
    export(border, code)
    event = endorsed(Passed(0, 70, code), Passed(0, 5))
    found = draws(border.signed(event, by="parks"), Draft(border))
    assert [(d.code, d.line, d.quantity) for d in found] == [(code, LINE, 10), (None, LINE, 5)]


def only_in_france(world: World) -> None:
    officer = world.states[Subject(Kind.PARTY, "inspector")]
    assert isinstance(officer, PartyState)
    scope = Scope(powers=("control",), countries=("FR",))
    world.states[Subject(Kind.PARTY, "inspector")] = PartyState(
        "FR", ("officer",), "active", officer.keys, scope=scope, acts_for="customs"
    )


@pytest.mark.parametrize(
    ("rule", "by", "change"),
    [
        pytest.param("endorsement.empty", "parks", {"passed": ()}, id="nothing"),
        pytest.param("endorsement.empty", "parks", {"passed": (Passed(0, 1),) * 1001}, id="1001"),
        pytest.param("endorsement.line", "parks", {"passed": (Passed(1, 1),)}, id="no-such-line"),
        pytest.param("endorsement.line", "parks", {"passed": (Passed(-1, 1),)}, id="line-below"),
        pytest.param("quantity.zero", "parks", {"passed": (Passed(0, 0),)}, id="zero"),
        pytest.param("quantity.range", "parks", {"passed": (Passed(0, 2**53),)}, id="too-large"),
        pytest.param(
            "endorsement.twice", "parks", {"passed": (Passed(0, 1), Passed(0, 2))}, id="line-twice"
        ),
        pytest.param(
            "lot.unknown", "parks", {"passed": (Passed(0, 1, "0" * 12),)}, id="unknown-lot"
        ),
        pytest.param("country.unknown", "parks", {"country": "QQ"}, id="no-such-country"),
        pytest.param("document.unknown", "parks", {"document": "ZW/EXPORT/9"}, id="no-document"),
        pytest.param("document.not-in-force", "parks", {"document": "ZW/EXPORT/3"}, id="cancelled"),
        pytest.param("office.other-country", "inspector", {}, id="officer-of-another-country"),
        pytest.param("party.not-entitled", "farm", {}, id="trader"),
        pytest.param("", "inspector", {"way": Way.IMPORT, "country": "FR"}, id="at-its-own-border"),
    ],
)
def test_an_endorsement_is_refused(
    border: World, rule: str, by: str, change: dict[str, Any]
) -> None:
    only_in_france(border)
    own = {"document": PAPER, "way": Way.EXPORT, "country": "ZW", "passed": (Passed(0, 1),)}
    assert border.rule(DocumentEndorsed(**{**own, **change}), by=by) == rule


def test_a_lot_is_endorsed_once_on_each_side(border: World) -> None:
    code = lot(border)
    border.tell(endorsed(Passed(0, 40, code)), by="parks")
    assert border.rule(endorsed(Passed(0, 20, code)), by="officer") == "endorsement.again"
    other = endorsed(Passed(0, 40, code), way=Way.IMPORT, country="FR")
    assert border.rule(other, by="parks") == ""


@pytest.mark.parametrize(
    ("seen_g", "split", "found"),
    [
        pytest.param(100_000, False, [], id="as-weighed"),
        pytest.param(120_000, False, ["endorsement.more"], id="more-than-weighed"),
        pytest.param(90_000, True, ["endorsement.not-compared"], id="a-part-nobody-weighed"),
    ],
)
def test_what_a_lot_has_no_measure_of_is_not_compared(
    border: World, seen_g: int, split: bool, found: list[str]
) -> None:
    row = DocumentRow("Crocodylus niloticus", "SKI", 500_000, "GRM", "C", "ZW")
    state = DocumentState(status="issued", rows=(row,), by="parks", paper=Paper())
    border.states[Subject(Kind.DOCUMENT, PAPER)] = state
    (code,) = border.tell(bred(skins(60, also=(Measure(100_000, "GRM"),))), by="farm")
    if split:
        (code,) = border.tell(LotSplit(code, Part(quantity=20)), by="farm")
    border.tell(endorsed(Passed(0, seen_g, code)), by="parks")
    assert now(border, code) == found
