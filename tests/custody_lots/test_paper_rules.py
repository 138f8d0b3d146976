"""The use of documents: on their days, for their rows, no more than they cover, each lot once."""

from __future__ import annotations

from typing import Any

import pytest
from trade_world import World, bred, deal, skins

from ledger.custody.documents import DocumentRow, DocumentState, Paper
from ledger.custody.goods import Measure, NewLot, Part
from ledger.custody.lots import Basis, LotExported, LotImported, LotRegistered, LotSplit
from ledger.custody.subjects import Kind, Subject

PAPER = "ZW/EXPORT/77"
OVERDRAWN = [("document.overdrawn", "stop")]


def permit(world: World, quantity: int = 100, **changes: Any) -> None:
    row = {"taxon": "Crocodylus niloticus", "term": "SKI", "unit": "NAR", "source": "C"}
    row["origin"] = "ZW"
    row |= {k: changes.pop(k) for k in list(changes) if k in row}
    rows = (DocumentRow(quantity=quantity, **row),)
    document = DocumentState(status="issued", rows=rows, by="parks", **changes)
    world.states[Subject(Kind.DOCUMENT, PAPER)] = document


def drawn(world: World, way: str = "export") -> int:
    state = world.states[Subject(Kind.DOCUMENT, PAPER)]
    assert isinstance(state, DocumentState)
    return sum(row.quantity for row in state.drawn.get(way, ()))


def lot(world: World, quantity: int, **changes: Any) -> str:
    (code,) = world.tell(bred(skins(quantity, **changes)), by="farm")
    return code


def export(world: World, *codes: str, **common: Any) -> None:
    world.tell(LotExported(codes, PAPER, "ZW", "FR"), by="farm", **common)


def test_all_that_a_document_covers_passes(world: World) -> None:
    permit(world)
    one, two = lot(world, 60), lot(world, 40)
    export(world, one, two)
    assert world.counting(one) == world.counting(two) == []
    assert drawn(world) == 100


def test_what_goes_beyond_stops_and_the_rest_does_not(world: World) -> None:
    permit(world)
    one, two = lot(world, 60), lot(world, 41)
    export(world, one, two)
    assert world.counting(one) == []
    assert world.counting(two) == OVERDRAWN


def test_a_second_shipment_under_the_same_paper(world: World) -> None:
    permit(world)
    export(world, lot(world, 100))
    again = lot(world, 1)
    export(world, again)
    assert world.counting(again) == OVERDRAWN


def test_one_shipment_counts_once(world: World) -> None:
    permit(world)
    code = lot(world, 100)
    export(world, code)
    world.tell(LotImported((code,), PAPER, "FR"), by="farm")
    (part,) = world.tell(LotSplit(code, Part(quantity=10)), by="farm")
    assert world.counting(code) == world.counting(part) == []
    assert drawn(world) == drawn(world, "import") == 100


def test_naming_a_paper_at_birth_is_not_using_it(world: World) -> None:
    permit(world)
    code = lot(world, 100, documents=(PAPER,))
    assert drawn(world) == 0
    export(world, code)
    assert drawn(world) == 100


def test_import_on_one_permit_by_two_parties(world: World) -> None:
    """It names nobody: which of the two it was issued for is for an officer to say."""
    permit(world)
    goods = skins(80, facility=None, documents=(PAPER,))
    (first,) = world.tell(LotRegistered(Basis.IMPORT, (goods,)), by="tannery")
    (second,) = world.tell(LotRegistered(Basis.IMPORT, (goods,)), by="maker")
    assert world.counting(first) == []
    assert world.counting(second) == [("document.overdrawn", "check")]


@pytest.mark.parametrize(
    "changes",
    [
        {"taxon": "Crocodylus porosus"},
        {"term": "SID"},
        {"unit": "GRM"},
        {"source": "W"},
        {"origin": "ZM"},
    ],
)
def test_goods_without_a_row(world: World, changes: dict[str, str]) -> None:
    permit(world, **changes)
    code = lot(world, 10)
    export(world, code)
    assert world.counting(code) == [("document.not-covered", "check")]
    assert drawn(world) == 0


def test_a_paper_in_kilograms_covers_pieces_that_were_weighed(world: World) -> None:
    permit(world, 5_000, unit="GRM")
    code = lot(world, 10, also=(Measure(5_000, "GRM"),))
    export(world, code)
    assert world.counting(code) == []
    assert drawn(world) == 5_000


def test_two_rows_of_one_lot_draw_on_one_line(world: World) -> None:
    permit(world)
    rows = skins(60).contents * 2
    (code,) = world.tell(bred(NewLot(rows, facility="farm/one")), by="farm")
    export(world, code)
    assert world.counting(code) == OVERDRAWN


def test_the_paper_of_another_is_not_used_up(world: World) -> None:
    permit(world, paper=Paper(holder="farm"))
    goods = skins(80, facility=None, documents=(PAPER,))
    (stranger,) = world.tell(LotRegistered(Basis.IMPORT, (goods,)), by="tannery")
    assert world.counting(stranger) == [("document.other-holder", "check")]
    code = lot(world, 100)
    export(world, code)
    assert world.counting(code) == []


def test_who_receives_goods_shows_the_exporters_permit(world: World) -> None:
    permit(world, paper=Paper(holder="farm"))
    code, other = lot(world, 60), lot(world, 40)
    export(world, code)
    for one in (code, other):
        deal(world, one)
        world.tell(LotImported((one,), PAPER, "FR"), by="tannery")
    assert world.counting(code) == []
    # Goods that never left under it are a stranger's: they draw nothing.
    assert world.counting(other) == [("document.other-holder", "check")]
    state = world.states[Subject(Kind.DOCUMENT, PAPER)]
    assert isinstance(state, DocumentState)
    assert [row.quantity for row in state.drawn["import"]] == [60]


def test_a_paper_without_rows_has_no_balance_and_covers_nothing(world: World) -> None:
    world.states[Subject(Kind.DOCUMENT, PAPER)] = DocumentState(status="recorded")
    code = lot(world, 10)
    export(world, code)
    assert world.counting(code) == [("document.not-covered", "check")]
