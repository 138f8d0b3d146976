"""A due-diligence reference covers what it declares, for the operator that submitted it."""

from __future__ import annotations

from typing import Any

import pytest
from trade_world import World

from ledger.custody.documents import DocumentRow, DocumentState, Paper
from ledger.custody.goods import NewLot, Row
from ledger.custody.lots import Basis, LotRegistered
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
    "changes", [{"origin": "GA"}, {"term": "LOG"}, {"taxon": "Khaya ivorensis"}]
)
def test_goods_that_the_reference_does_not_declare(
    declared: World, changes: dict[str, str]
) -> None:
    code = bring_in(declared, 10, **changes)
    assert ("document.not-covered", "check") in declared.counting(code)
