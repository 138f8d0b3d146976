"""Ways to have goods twice, or to keep a say over what is no longer one's own: all closed."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace
from trade_world import World, bred, deal, offer, skins, tags

from ledger.custody.control import LotReleased, LotSeized, StatementCorrected
from ledger.custody.goods import NewLot, Part
from ledger.custody.lots import (
    Basis,
    LotDeparted,
    LotExported,
    LotFound,
    LotMeasured,
    LotRegistered,
    LotSplit,
    LotStatus,
)
from ledger.custody.rules.corrections import Need, need_of
from ledger.custody.state import Draft
from ledger.custody.subjects import Kind, Subject
from ledger.custody.transfers import Moves


@pytest.fixture
def lot(world: World) -> str:
    (code,) = world.tell(bred(skins(10, marks=tags(1, 10))), by="farm")
    return code


def depart(world: World, code: str) -> None:
    world.tell(LotDeparted({code: Part()}, "abroad", country="FR"), by="farm")


def test_goods_that_came_back_are_not_seized_where_they_left(world: World, lot: str) -> None:
    """Seized and released, the old lot would live beside the one that came back."""
    depart(world, lot)
    again = replace(bred(skins(10, marks=tags(1, 10))).lots[0], facility=None)
    back = LotRegistered(basis=Basis.RE_ENTRY, lots=(again,), reference=lot)
    (new,) = world.tell(back, by="farm")
    assert world.rule(LotSeized({lot: Part()}, "no permit"), by="officer") == "lot.not-live"
    assert world.rule(LotSeized({new: Part()}, "no permit"), by="officer") == ""


def test_goods_that_left_and_stayed_away_are_seized_as_before(world: World, lot: str) -> None:
    depart(world, lot)
    world.tell(LotSeized({lot: Part()}, "no permit"), by="officer")
    world.tell(LotReleased((lot,), "papers found"), by="officer")
    assert world.lot(lot).status is LotStatus.LIVE


@pytest.mark.parametrize("moves", [Moves.TITLE, Moves.BOTH])
def test_an_agent_sells_goods_of_others_once(world: World, lot: str, moves: Moves) -> None:
    deal(world, lot, moves=Moves.CUSTODY, allows=("sell", "process"))
    deal(world, lot, by="tannery", to="maker", moves=Moves.TITLE)
    state = world.lot(lot)
    assert (state.holder, state.owner, state.allows) == ("tannery", "maker", ("process",))
    again = offer(world, lot, to="carrier", moves=moves)
    assert world.rule(again, by="tannery") == "custody.not-allowed"
    gone = LotDeparted({lot: Part()}, "retail")
    assert world.rule(gone, by="tannery") == "custody.not-allowed"


def test_whoever_sold_gets_nothing_back_without_the_new_owner(world: World, lot: str) -> None:
    deal(world, lot, moves=Moves.CUSTODY, allows=("store",))
    deal(world, lot, by="farm", to="maker", moves=Moves.TITLE)
    assert world.lot(lot).came_from is None
    back = offer(world, lot, to="farm", moves=Moves.CUSTODY)
    assert world.rule(back, by="tannery") == "custody.not-allowed"
    on = offer(world, lot, to="maker", moves=Moves.CUSTODY)
    assert world.rule(on, by="tannery") == ""


def test_an_offer_that_is_over_gives_its_receiver_no_word(world: World, lot: str) -> None:
    """Else a stranger could move the head of goods, and queued work of the holder would fail."""
    event = offer(world, lot, to="tannery", moves=Moves.BOTH)
    world.tell(event, by="farm")
    out = LotExported((lot,), "ZW/EXPORT/1", "ZW", "FR")
    assert world.rule(out, by="tannery") == ""
    world.at = event.expires + 1
    assert world.rule(out, by="tannery") == "border.not-concerned"


def test_pieces_lose_their_marks_only_with_an_officer(world: World, lot: str) -> None:
    """Else the marks would be free for other goods, and no clone would be seen."""
    head = world.lot(lot).head
    bare = StatementCorrected(of=head, lot=lot, reason="tags fell off", remove=tags(1, 10))
    assert need_of(world.signed(bare, by="farm"), Draft(world)) is Need.OFFICER
    fewer = replace(bare, contents=skins(8).contents, remove=tags(9, 10))
    assert need_of(world.signed(fewer, by="farm"), Draft(world)) is Need.NOBODY


def test_what_was_missed_in_pieces_is_not_found_in_grams(world: World) -> None:
    (code,) = world.tell(bred(skins(10)), by="farm")
    world.tell(LotMeasured(code, quantities=(7,), cause="recount"), by="farm")
    grams = (replace(skins(1, term="SKP").contents[0], quantity=900, unit="GRM"),)
    event = StatementCorrected(of=world.lot(code).head, lot=code, reason="weighed", contents=grams)
    world.tell(event, by="officer")
    assert world.lot(code).contents == grams
    assert world.rule(LotFound(code), by="farm") == "lot.not-lost"


def recounted(world: World, code: str, left: int, **changes: Any) -> None:
    world.tell(LotMeasured(code, "recount", (left,), **changes), by="farm")


def test_what_a_correction_brings_back_is_not_found_once_more(world: World) -> None:
    """A wrong count, mended by an officer: the same forty skins are there once."""
    (code,) = world.tell(bred(skins(100)), by="farm")
    recounted(world, code, 60)
    rows = skins(90).contents
    world.tell(StatementCorrected(world.lot(code).head, code, "thirty behind", rows), by="officer")
    assert world.lot(code).lacking == (10,)
    assert world.findings(code) == [("quantity.missing", "check")]
    rows = skins(100).contents
    world.tell(StatementCorrected(world.lot(code).head, code, "all there", rows), by="officer")
    assert (world.lot(code).lacking, world.findings(code)) == ((), [])
    assert world.rule(LotFound(code), by="farm") == "lot.not-lost"


def test_a_correction_to_less_leaves_what_may_be_found(world: World) -> None:
    (code,) = world.tell(bred(skins(100)), by="farm")
    recounted(world, code, 60)
    rows = skins(55).contents
    world.tell(StatementCorrected(world.lot(code).head, code, "five spoilt", rows), by="officer")
    world.tell(LotFound(code), by="farm")
    assert world.lot(code).contents == skins(95).contents


def test_marks_that_a_correction_puts_back_are_found_once(world: World) -> None:
    (code,) = world.tell(bred(skins(10, marks=tags(1, 10))), by="farm")
    recounted(world, code, 7, missing=tags(8, 10))
    rows = skins(8).contents
    event = StatementCorrected(world.lot(code).head, code, "one was there", rows, add=tags(8, 8))
    world.tell(event, by="officer")
    world.tell(LotFound(code), by="farm")
    assert (world.lot(code).contents, world.lot(code).marks) == (skins(10).contents, tags(1, 10))


def mixed(world: World) -> str:
    meat = skins(500, term="MEA", unit="GRM").contents
    both = NewLot((*skins(10).contents, *meat), marks=tags(1, 10), facility="farm/one")
    (code,) = world.tell(bred(both), by="farm")
    world.tell(LotMeasured(code, "recount", (8, 500), missing=tags(9, 10)), by="farm")
    return code


def test_a_row_that_leaves_takes_along_only_what_it_lacked(world: World) -> None:
    code = mixed(world)
    world.tell(LotSplit(code, Part(row=1)), by="farm")
    world.tell(LotFound(code), by="farm")
    assert (world.lot(code).contents, world.lot(code).marks) == (skins(10).contents, tags(1, 10))


def test_pieces_that_left_leave_no_marks_to_be_found(world: World) -> None:
    code = mixed(world)
    world.tell(LotSplit(code, Part(marks=tags(1, 8))), by="farm")
    state = world.lot(code)
    assert (state.marks, state.lacking, state.lacking_marks) == ((), (), ())


def test_goods_come_back_under_the_name_that_is_accepted_now(world: World) -> None:
    """Renamed while they were abroad: the same goods, and no more of them."""
    old = skins(10, taxon="Python reticulatus", source="W", facility=None, origin="ID")
    new = replace(
        old, contents=skins(10, taxon="Malayopython reticulatus", source="W", origin="ID").contents
    )
    (code,) = world.tell(LotRegistered(basis=Basis.HARVEST, lots=(new,)), by="farm")
    depart(world, code)
    key = Subject(Kind.LOT, code)
    world.states[key] = replace(world.lot(code), contents=old.contents)
    back = LotRegistered(basis=Basis.RE_ENTRY, lots=(new,), reference=code)
    assert world.rule(back, by="farm") == ""
    more = replace(new, contents=(replace(new.contents[0], quantity=11),))
    assert world.rule(replace(back, lots=(more,)), by="farm") == "quantity.created"
