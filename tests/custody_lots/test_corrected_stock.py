"""Skins that a correction adds to a lot of bred goods come of animals of the farm, too."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace
from trade_world import World, bred, skins

from ledger.custody.control import StatementCorrected
from ledger.custody.parties import ApprovalGiven
from ledger.custody.stocks import SizeClass, StockAccount, StockAttested, StockDeclared
from ledger.custody.subjects import Kind, Subject

FARM, NILE = "farm/one", "Crocodylus niloticus"
BELOW = "stock.below-zero"


@pytest.fixture
def stocked(world: World) -> World:
    """A farm of a hundred animals that an officer counted."""
    herd = (SizeClass("all", 100),)
    world.tell(StockDeclared(FARM, NILE, females=100, counts=herd), by="farm")
    world.tell(StockAttested(FARM, NILE, "matches", herd), by="officer")
    return world


def correct(world: World, code: str, **changes: Any) -> None:
    lot = world.lot(code)
    rows = (replace(lot.contents[0], **changes),)
    world.tell(StatementCorrected(lot.head, code, "a slip", contents=rows), by="farm")
    for act in tuple(world.acts):
        world.tell(ApprovalGiven(act), by="officer")
    assert world.lot(code).contents == rows


def stock(world: World) -> tuple[int, int]:
    state = world.states[Subject(Kind.ACCOUNT, f"stock/{FARM}/{NILE}")]
    assert isinstance(state, StockAccount)
    return state.count, state.taken


@pytest.mark.parametrize(
    ("changes", "expected", "found"),
    [
        pytest.param({"quantity": 100}, (0, 100), set(), id="all-animals-there-are"),
        pytest.param({"quantity": 101}, (-1, 101), {"check", "stop"}, id="one-more"),
        pytest.param({"quantity": 5}, (90, 10), set(), id="less-is-not-given-back"),
        pytest.param({"term": "SID"}, (90, 10), set(), id="sides-need-no-more-animals"),
        pytest.param({"source": "F"}, (90, 10), set(), id="the-same-skins-of-another-source"),
        pytest.param({"term": "SID", "quantity": 30}, (85, 15), set(), id="more-sides"),
    ],
)
def test_what_is_added_comes_of_animals(
    stocked: World, changes: dict[str, Any], expected: tuple[int, int], found: set[str]
) -> None:
    (code,) = stocked.tell(bred(skins(10)), by="farm")
    assert stock(stocked) == (90, 10)
    correct(stocked, code, **changes)
    assert stock(stocked) == expected
    weights = {f.severity.value for f in stocked.lot(code).findings if f.rule == BELOW}
    assert weights == found


def test_late_word_of_a_hatch_explains_what_was_added(stocked: World) -> None:
    """The stop waits 72 hours, as at a registration: what happened before may still arrive."""
    (code,) = stocked.tell(bred(skins(10)), by="farm")
    correct(stocked, code, quantity=101)
    (due,) = [f for f in stocked.lot(code).findings if f.severity.value == "stop"]
    assert due.from_at > stocked.at
    stocked.tell(StockDeclared(FARM, NILE, hatched=1), by="farm")
    assert [f for f in stocked.lot(code).findings if f.rule == BELOW] == []
