"""A due-diligence reference covers what it declares, for the operator that submitted it."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace
from trade_world import DAY, World

from ledger.custody.documents import DocumentRecorded, DocumentRow, DocumentState, Paper
from ledger.custody.facilities import FacilityState
from ledger.custody.goods import NewLot, Part, Row
from ledger.custody.lots import Basis, LotDeparted, LotExported, LotRegistered, LotTransformed
from ledger.custody.subjects import Kind, Subject

REFERENCE = "FR/DDS/24FRIOBORU2228"
CUBIC_METRE = 1_000_000
TREE = "Khaya anthotheca"


@pytest.fixture
def declared(world: World) -> World:
    """The mill's reference for 50 m3 of sawn wood, as a copy: the EU's system never joins."""
    row = DocumentRow(TREE, "SAW", 50 * CUBIC_METRE, "CMQ", "W", "CM")
    paper = Paper(holder="mill", rows=(row,), verification="SFFCB4Y3")
    state = DocumentState(status="recorded", rows=(row,), paper=paper, by="mill")
    world.states[Subject(Kind.DOCUMENT, REFERENCE)] = state
    return world


def bring_in(world: World, cubic_metres: int, *, by: str = "mill", **changes: Any) -> str:
    row = Row(
        **{"taxon": TREE, "term": "SAW", "unit": "CMQ", "source": "W", "origin": "CM"}
        | {"quantity": cubic_metres * CUBIC_METRE, **changes}
    )
    lots = (NewLot((row,), documents=(REFERENCE,)),)
    (code,) = world.tell(LotRegistered(Basis.IMPORT, lots), by=by)
    return code


def drawn(world: World) -> int:
    state = world.states[Subject(Kind.DOCUMENT, REFERENCE)]
    assert isinstance(state, DocumentState)
    return sum(row.quantity for row in state.drawn.get("import", ())) // CUBIC_METRE


def test_two_consignments_within_one_reference(declared: World) -> None:
    first, second = bring_in(declared, 30), bring_in(declared, 20)
    assert declared.counting(first) == declared.counting(second) == []
    assert drawn(declared) == 50


def test_the_reference_used_again_beyond_what_it_declares(declared: World) -> None:
    first, again = bring_in(declared, 50), bring_in(declared, 30)
    assert declared.counting(first) == []
    assert declared.counting(again) == [("document.overdrawn", "stop")]


def test_a_scale_that_differs_by_less_than_one_in_a_hundred(declared: World) -> None:
    row = 50 * CUBIC_METRE + CUBIC_METRE // 4
    code = bring_in(declared, 50, quantity=row)
    assert declared.counting(code) == [("document.overdrawn", "check")]


def test_the_reference_of_another_operator(declared: World) -> None:
    code = bring_in(declared, 30, by="maker")
    assert declared.counting(code) == [("document.other-holder", "check")]
    assert drawn(declared) == 0
    own = bring_in(declared, 50)
    assert declared.counting(own) == []


@pytest.mark.parametrize(
    ("status", "by", "expected"),
    [
        pytest.param("recorded", "mill", [], id="who-recorded-it"),
        pytest.param("recorded", "maker", ["check"], id="another-operator"),
        pytest.param("issued", "maker", [], id="an-office-that-names-nobody"),
    ],
)
def test_a_reference_that_names_nobody_is_of_who_recorded_it(
    declared: World, status: str, by: str, expected: list[str]
) -> None:
    subject = Subject(Kind.DOCUMENT, REFERENCE)
    state = declared.states[subject]
    assert isinstance(state, DocumentState)
    assert state.paper is not None
    nameless = replace(state, status=status, paper=replace(state.paper, holder=None))
    declared.states[subject] = nameless
    code = bring_in(declared, 3, by=by)
    found = [level for rule, level in declared.findings(code) if rule == "document.other-holder"]
    assert found == expected


@pytest.mark.parametrize(
    "changes", [{"origin": "GA"}, {"term": "LOG"}, {"taxon": "Khaya ivorensis"}]
)
def test_goods_that_the_reference_does_not_declare(
    declared: World, changes: dict[str, str]
) -> None:
    code = bring_in(declared, 10, **changes)
    assert ("document.not-covered", "check") in declared.counting(code)


# -- the plots that a reference names


PLOTS = ("mill/plot", "mill/other")


@pytest.fixture
def grown(world: World) -> World:
    """Two plots of the mill at home, and a reference for 50 m3 of logs that names the first."""
    other = FacilityState(kind="plot", country="ZW", status="declared")
    world.states[Subject(Kind.FACILITY, PLOTS[1])] = other
    refer(world)
    return world


def refer(world: World, *, status: str = "recorded", plots: tuple[str, ...] = PLOTS[:1]) -> None:
    row = DocumentRow(TREE, "LOG", 50 * CUBIC_METRE, "CMQ", "W", "CM")
    paper = Paper(holder="mill", rows=(row,), plots=plots)
    state = DocumentState(status=status, rows=(row,), paper=paper, by="mill", entered_at=world.at)
    world.states[Subject(Kind.DOCUMENT, REFERENCE)] = state


def fell(world: World, cubic_metres: int = 10, *, plot: str = PLOTS[0], **changes: Any) -> str:
    row = Row(TREE, "LOG", cubic_metres * CUBIC_METRE, "CMQ", "W", "CM")
    new = NewLot((row,), facility=plot, **{"documents": (REFERENCE,), **changes})
    (code,) = world.tell(LotRegistered(Basis.HARVEST, (new,)), by="mill")
    return code


def odd(world: World, code: str) -> list[tuple[str, str]]:
    return [found for found in world.counting(code) if found[0].startswith("document.")]


@pytest.mark.parametrize(
    ("status", "plots", "plot", "found"),
    [
        pytest.param("recorded", PLOTS[:1], PLOTS[0], [], id="the-one-it-names"),
        pytest.param("recorded", PLOTS, PLOTS[1], [], id="one-of-those"),
        pytest.param("recorded", (), PLOTS[1], [], id="it-names-none"),
        pytest.param(
            "recorded", PLOTS[:1], PLOTS[1], [("document.other-plot", "check")], id="another"
        ),
        pytest.param(
            "attested", PLOTS[:1], PLOTS[1], [("document.other-plot", "stop")], id="confirmed"
        ),
    ],
)
def test_goods_from_a_plot_that_the_reference_does_not_name(
    grown: World, status: str, plots: tuple[str, ...], plot: str, found: list[tuple[str, str]]
) -> None:
    refer(grown, status=status, plots=plots)
    assert odd(grown, fell(grown, plot=plot)) == found


@pytest.mark.parametrize(
    ("second", "found"),
    [(PLOTS[0], []), (PLOTS[1], [("document.other-plot", "check")])],
)
def test_the_plots_of_what_goods_were_made_of(
    grown: World, second: str, found: list[tuple[str, str]]
) -> None:
    logs = [fell(grown, plot=plot, documents=()) for plot in (PLOTS[0], second)]
    row = Row(TREE, "SAW", 5 * CUBIC_METRE, "CMQ", "W", "CM")
    event = LotTransformed("saw", {code: Part() for code in logs}, (NewLot((row,)),))
    (sawn,) = grown.tell(event, by="mill")
    covered = DocumentRow(TREE, "SAW", 50 * CUBIC_METRE, "CMQ", "W", "CM")
    paper = Paper(holder="mill", rows=(covered,), plots=PLOTS[:1])
    state = DocumentState(status="recorded", rows=(covered,), paper=paper, by="mill")
    grown.states[Subject(Kind.DOCUMENT, REFERENCE)] = state
    grown.tell(LotExported((sawn,), REFERENCE, "ZW", "FR"), by="mill")
    assert odd(grown, sawn) == found


@pytest.mark.parametrize(
    ("amounts", "last"), [((30, 20), []), ((30, 21), [("document.overdrawn", "stop")])]
)
def test_goods_of_a_plot_at_home_draw_on_it_too(
    grown: World, amounts: tuple[int, ...], last: list[tuple[str, str]]
) -> None:
    first, second = (fell(grown, amount) for amount in amounts)
    assert drawn(grown) == sum(amounts)
    assert odd(grown, first) == []
    assert odd(grown, second) == last


def test_what_comes_back_is_not_counted_again(grown: World) -> None:
    code = fell(grown, 50)
    grown.tell(LotDeparted({code: Part()}, "non-member"), by="mill")
    row = Row(TREE, "LOG", 50 * CUBIC_METRE, "CMQ", "W", "CM")
    back = LotRegistered(Basis.RE_ENTRY, (NewLot((row,), documents=(REFERENCE,)),), reference=code)
    grown.tell(back, by="mill")
    assert drawn(grown) == 50


# -- amended under its number


def said(quantity: int = 40, **changes: Any) -> Paper:
    row = DocumentRow(TREE, "LOG", quantity * CUBIC_METRE, "CMQ", "W", "CM")
    return Paper(holder="mill", rows=(row,), **changes)


@pytest.mark.parametrize(
    ("later_s", "by", "rule"),
    [
        pytest.param(0, "mill", "", id="at-once"),
        pytest.param(3 * DAY, "mill", "", id="after-72-hours"),
        pytest.param(3 * DAY + 1, "mill", "document.amended", id="a-second-later"),
        pytest.param(0, "maker", "document.exists", id="by-somebody-else"),
    ],
)
def test_a_reference_is_amended_within_72_hours(
    grown: World, later_s: int, by: str, rule: str
) -> None:
    grown.at += later_s
    event = DocumentRecorded(REFERENCE, said(plots=PLOTS))
    assert grown.rule(event, by=by) == rule
    if not rule:
        grown.tell(event, by=by)
        state = grown.states[Subject(Kind.DOCUMENT, REFERENCE)]
        assert isinstance(state, DocumentState)
        assert state.paper is not None
        assert (state.paper.plots, state.rows[0].quantity) == (PLOTS, 40 * CUBIC_METRE)
        assert [f.rule for f in state.findings] == ["document.not-confirmed"]


def test_not_once_goods_rest_on_it(grown: World) -> None:
    fell(grown)
    assert grown.rule(DocumentRecorded(REFERENCE, said()), by="mill") == "document.amended"


def test_not_once_another_one_names_it(grown: World) -> None:
    other = DocumentRecorded("FR/DDS/24FRIOBORU9999", said(rests_on=(REFERENCE,)))
    grown.tell(other, by="mill")
    assert grown.rule(DocumentRecorded(REFERENCE, said()), by="mill") == "document.amended"


@pytest.mark.parametrize("status", ["issued", "attested", "cancelled"])
def test_not_once_it_was_confirmed(grown: World, status: str) -> None:
    refer(grown, status=status)
    assert grown.rule(DocumentRecorded(REFERENCE, said()), by="mill") == "document.amended"


def test_no_other_kind_is_amended(grown: World) -> None:
    permit = DocumentRecorded("ZW/EXPORT/2026-001", Paper())
    grown.tell(permit, by="mill")
    assert grown.rule(permit, by="mill") == "document.exists"


@pytest.mark.parametrize(
    ("plots", "rule"),
    [
        (PLOTS, ""),
        ((PLOTS[0], PLOTS[0]), "document.plots"),
        (("mill/yard",), "document.plots"),
        (("mill/none",), "facility.unknown"),
        (tuple(f"mill/p{i}" for i in range(501)), "document.plots"),
    ],
)
def test_plots_that_are_named(grown: World, plots: tuple[str, ...], rule: str) -> None:
    event = DocumentRecorded("FR/DDS/24FRIOBORU9999", said(plots=plots))
    assert grown.rule(event, by="mill") == rule
