"""Goods that cross a border in the hands of a keeper: a forwarder, a museum with a loan."""

from __future__ import annotations

import pytest
from trade_world import World, bred, deal, new_world, skins

from ledger.custody.documents import (
    DocumentEndorsed,
    DocumentIssued,
    DocumentRow,
    DocumentState,
    Paper,
    Passed,
    Way,
)
from ledger.custody.lots import LotExported
from ledger.custody.subjects import Kind, Subject
from ledger.custody.transfers import Moves

PERMIT = "ZW/EXPORT/77"
OTHER = ("document.other-holder", "check")


@pytest.fixture
def world() -> World:
    """A world judged by all rules."""
    return new_world(full=True)


def issued(world: World, *, holder: str | None = "farm", name: str = PERMIT) -> None:
    row = DocumentRow("Crocodylus niloticus", "SKI", 10, "NAR", "C", "ZW")
    world.tell(DocumentIssued(name, Paper(holder=holder, rows=(row,), to_country="FR")), by="parks")


def carried(world: World, *, moves: Moves = Moves.CUSTODY) -> str:
    (code,) = world.tell(bred(skins(10)), by="farm")
    allows = ("carry",) if moves is Moves.CUSTODY else ()
    deal(world, code, to="carrier", moves=moves, allows=allows)
    return code


def told(world: World, code: str, *, by: str = "carrier", name: str = PERMIT) -> int:
    """Tell that the lot left; return what was drawn."""
    world.tell(LotExported((code,), name, "ZW", "FR"), by=by)
    state = world.states[Subject(Kind.DOCUMENT, name)]
    assert isinstance(state, DocumentState)
    return sum(row.quantity for row in state.drawn.get("export", ()))


@pytest.mark.parametrize("name", [PERMIT, "ZW/EXHIBITION/5"])
def test_a_keeper_tells_the_export_of_goods_under_their_owners_document(
    world: World, name: str
) -> None:
    issued(world, name=name)
    code = carried(world)
    assert told(world, code, name=name) == 10
    assert world.counting(code) == []
    seen = DocumentEndorsed(name, Way.EXPORT, "ZW", (Passed(0, 10, code),))
    world.tell(seen, by="parks")
    assert world.findings(code) == []


@pytest.mark.parametrize("holder", ["maker", "tannery"])
def test_under_the_document_of_another_it_draws_nothing(world: World, holder: str) -> None:
    issued(world, holder=holder)
    code = carried(world)
    assert told(world, code) == 0
    assert world.counting(code) == [OTHER]


def test_who_bought_the_goods_does_not_use_the_sellers_document(world: World) -> None:
    issued(world)
    code = carried(world, moves=Moves.BOTH)
    assert told(world, code) == 0
    assert world.counting(code) == [OTHER]


def test_nor_does_a_keeper_once_the_title_is_sold(world: World) -> None:
    issued(world)
    code = carried(world)
    deal(world, code, to="maker", moves=Moves.TITLE)
    assert told(world, code) == 0
    assert world.counting(code) == [OTHER]
