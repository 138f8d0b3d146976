"""Goods that enter a union of countries through another one of it than they are bound for."""

from __future__ import annotations

import pytest
from trade_world import World, bred, new_world, skins

from ledger.custody.documents import (
    DocumentEndorsed,
    DocumentIssued,
    DocumentRow,
    Paper,
    Passed,
    Way,
)
from ledger.custody.lots import LotExported, LotImported

PERMIT = "ZW/EXPORT/77"
ODD = {("border.elsewhere", "check"), ("document.other-country", "check")}


@pytest.fixture
def world() -> World:
    """A world judged by all rules, with the farm's permit for Italy."""
    world = new_world(full=True)
    row = DocumentRow("Crocodylus niloticus", "SKI", 10, "NAR", "C", "ZW")
    world.tell(
        DocumentIssued(PERMIT, Paper(holder="farm", rows=(row,), to_country="IT")), by="parks"
    )
    return world


def shipped(world: World) -> str:
    (code,) = world.tell(bred(skins(10)), by="farm")
    world.tell(LotExported((code,), PERMIT, "ZW", "IT"), by="farm")
    return code


@pytest.mark.parametrize(
    ("entered", "odd"), [("IT", set()), ("FR", set()), ("CH", ODD), ("GB", ODD)]
)
def test_goods_bound_for_italy_are_cleared_in_paris(
    world: World, entered: str, odd: set[tuple[str, str]]
) -> None:
    code = shipped(world)
    world.tell(LotImported((code,), PERMIT, entered), by="farm")
    assert set(world.counting(code)) == odd
    assert world.lot(code).country == entered


def test_so_does_the_officer_there(world: World) -> None:
    code = shipped(world)
    seen = DocumentEndorsed(PERMIT, Way.IMPORT, "FR", (Passed(0, 10, code),))
    world.tell(seen, by="customs")
    assert world.counting(code) == []


def test_what_came_in_does_not_come_in_once_more(world: World) -> None:
    code = shipped(world)
    world.tell(LotImported((code,), PERMIT, "IT"), by="farm")
    world.tell(LotImported((code,), PERMIT, "FR"), by="farm")
    assert ("border.elsewhere", "check") in world.counting(code)
