"""Sums beyond what a number can be: they stand at the largest one, and work goes on."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from msgspec import Struct
from msgspec.structs import asdict
from trade_world import DAY, World, bred, harvested, logs, skins

from ledger.custody.documents import DocumentRow, DocumentState
from ledger.custody.facilities import FacilityState
from ledger.custody.goods import NewLot, Part, Row
from ledger.custody.lots import Basis, LotExported, LotRegistered, LotTransformed
from ledger.custody.rules.goods import QUANTITY_MAX
from ledger.custody.stocks import SizeClass, StockAccount, StockAttested, StockDeclared
from ledger.custody.subjects import Kind, Subject
from ledger.custody.yields import YieldAccount

NILE = "Crocodylus niloticus"
FARM, MILL = "farm/one", "mill/yard"


def numbers(value: Any) -> Iterator[int]:
    if isinstance(value, Struct):
        value = asdict(value)
    if isinstance(value, dict):
        value = tuple(value.values())
    if isinstance(value, tuple):
        for item in value:
            yield from numbers(item)
    elif isinstance(value, int):
        yield value


def all_fit(world: World) -> bool:
    found = [n for state in world.states.values() for n in numbers(state)]
    return max(found) == QUANTITY_MAX and min(found) >= -QUANTITY_MAX


def farm(world: World) -> None:
    for _ in range(3):
        world.tell(bred(skins(QUANTITY_MAX)), by="farm")


def stocks(world: World) -> None:
    """Below zero, and above: declared, counted, hatched in one year and folded with the next."""
    many = {"hatched": QUANTITY_MAX, "bought": QUANTITY_MAX, "eggs": QUANTITY_MAX}
    world.tell(StockDeclared(FARM, NILE, females=1), by="farm")
    for _ in range(2):
        world.tell(bred(skins(QUANTITY_MAX)), by="farm")
    for _ in range(13):
        for _ in range(3):
            world.tell(StockDeclared(FARM, NILE, **many, sold=QUANTITY_MAX), by="farm")
        world.at += 366 * DAY
    classes = tuple(SizeClass(name, QUANTITY_MAX) for name in ("small", "large"))
    world.tell(StockDeclared(FARM, NILE, counts=classes), by="farm")
    world.tell(StockAttested(FARM, NILE, "matches", classes), by="parks")


def mill(world: World) -> None:
    for _ in range(13):
        for _ in range(2):
            (timber,) = world.tell(harvested(logs(QUANTITY_MAX)), by="mill")
            row = Row("Swietenia macrophylla", "SAW", QUANTITY_MAX // 4, "CMQ", "W", "PE")
            waste = (Row("Swietenia macrophylla", "LOG", QUANTITY_MAX // 4, "CMQ", "W", "PE"),)
            out = LotTransformed("sawing", {timber: Part()}, (NewLot((row,)),), waste, MILL)
            world.tell(out, by="mill")
        world.at += 366 * DAY


def credits(world: World) -> None:
    for _ in range(3):
        (timber,) = world.tell(harvested(logs(QUANTITY_MAX, claim="FSC 100%")), by="mill")
        row = Row("Swietenia macrophylla", "SAW", QUANTITY_MAX // 2, "CMQ", "W", "PE")
        out = LotTransformed("sawing", {timber: Part()}, (NewLot((row,)),), facility=MILL)
        world.tell(out, by="mill")


def papers(world: World) -> None:
    row = DocumentRow(NILE, "SKI", 10, "NAR", "C", "ZW")
    state = DocumentState(status="issued", rows=(row,), by="parks")
    world.states[Subject(Kind.DOCUMENT, "ZW/EXPORT/77")] = state
    lot = skins(QUANTITY_MAX, facility=None, documents=("ZW/EXPORT/77",))
    for _ in range(2):
        (code,) = world.tell(bred(skins(QUANTITY_MAX)), by="farm")
        world.tell(LotExported((code,), "ZW/EXPORT/77", "ZW", "FR"), by="farm")
        world.tell(LotRegistered(Basis.IMPORT, (lot,)), by="tannery")


@pytest.mark.parametrize("story", [farm, stocks, mill, credits, papers])
def test_no_record_holds_more_than_a_number_can_be(world: World, story: Any) -> None:
    story(world)
    assert all_fit(world)


def test_the_sums_stand_at_the_largest(world: World) -> None:
    farm(world)
    stocks(world)
    place = world.states[Subject(Kind.FACILITY, FARM)]
    assert isinstance(place, FacilityState)
    assert QUANTITY_MAX in {row.quantity for row in place.throughput}
    stock = world.states[Subject(Kind.ACCOUNT, f"stock/{FARM}/{NILE}")]
    assert isinstance(stock, StockAccount)
    assert (stock.count, stock.grown, stock.sold) == (QUANTITY_MAX,) * 3
    mill(world)
    name = f"yield/{MILL}/LOG CMQ Swietenia macrophylla/-"
    account = world.states[Subject(Kind.ACCOUNT, name)]
    assert isinstance(account, YieldAccount)
    assert account.years[0].drawn == account.years[-1].drawn == QUANTITY_MAX
