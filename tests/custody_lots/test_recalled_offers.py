"""Owners whose goods stand in the offer of a keeper: they take them out of it."""

from __future__ import annotations

import pytest
from trade_world import DAY, World, bred, deal, new_world, offer, skins

from ledger.custody.goods import Part
from ledger.custody.transfers import (
    Moves,
    TransferAccepted,
    TransferDispatched,
    TransferWithdrawn,
)

FAR = 10_000 * DAY


@pytest.fixture
def world() -> World:
    """A world judged by all rules."""
    return new_world(full=True)


def kept(world: World, *, by: str = "farm") -> str:
    """Return a lot of a party that the tannery keeps, with leave to have it carried."""
    (code,) = world.tell(bred(skins(10)), by="farm")
    if by != "farm":
        deal(world, code, to=by)
    deal(world, code, by=by, moves=Moves.CUSTODY, allows=("store", "carry"))
    return code


def far_ahead(world: World, *codes: str, **changes: object) -> bytes:
    """Let the tannery offer what it keeps to a carrier, for 27 years; return the offer's id."""
    own = {"to": "carrier", "moves": Moves.CUSTODY, "expires": world.at + FAR, "allows": ("carry",)}
    world.tell(offer(world, *codes, **(own | changes)), by="tannery")
    return world.last_offer()


def recall(of: bytes) -> TransferWithdrawn:
    return TransferWithdrawn(of, "not to be moved")


def test_a_keepers_offer_does_not_keep_the_owner_from_selling(world: World) -> None:
    code = kept(world)
    of = far_ahead(world, code)
    sale = offer(world, code, to="maker", moves=Moves.TITLE)
    assert world.rule(sale, by="farm") == "transfer.open-offer"
    world.tell(recall(of), by="farm")
    assert world.offer(of) is None
    assert world.counting(code) == []
    deal(world, code, to="maker", moves=Moves.TITLE)
    assert (world.lot(code).owner, world.lot(code).holder) == ("maker", "tannery")


def test_an_offer_of_a_part_as_well(world: World) -> None:
    code = kept(world)
    of = far_ahead(world, lots={code: Part(quantity=1)})
    world.tell(recall(of), by="farm")
    assert (world.offer(of), world.lot(code).offer) == (None, None)


def test_the_goods_of_other_owners_stay_in_the_offer(world: World) -> None:
    mine, other = kept(world), kept(world, by="maker")
    of = far_ahead(world, mine, other)
    world.tell(recall(of), by="farm")
    assert (world.lot(mine).offer, world.lot(other).offer) == (None, of)
    world.tell(TransferAccepted(of), by="carrier")
    assert (world.lot(mine).holder, world.lot(other).holder) == ("tannery", "carrier")


def test_what_is_on_its_way_is_recalled_with_a_check(world: World) -> None:
    mine, other = kept(world), kept(world, by="maker")
    of = far_ahead(world, mine, other)
    world.tell(TransferDispatched(of, due=world.at + DAY), by="tannery")
    world.tell(recall(of), by="farm")
    world.at += 2 * DAY
    assert world.counting(mine) == [("transfer.recalled", "check")]
    assert world.counting(other) == [("transfer.overdue", "check")]


@pytest.mark.parametrize("by", ["maker", "carrier"])
def test_nobody_else_ends_an_offer(world: World, by: str) -> None:
    code = kept(world)
    assert world.rule(recall(far_ahead(world, code)), by=by) == "transfer.not-sender"


def test_who_sold_them_does_not(world: World) -> None:
    code = kept(world)
    deal(world, code, to="maker", moves=Moves.TITLE)
    of = far_ahead(world, code)
    assert world.rule(recall(of), by="farm") == "transfer.not-sender"
    assert world.rule(recall(of), by="maker") == ""
