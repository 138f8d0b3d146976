"""Permits that name nobody: whoever types their number first locks nobody out."""

from __future__ import annotations

from typing import Any

import pytest
from trade_world import World, bred, deal, new_world, skins

from ledger.custody.documents import (
    DocumentEndorsed,
    DocumentIssued,
    DocumentReplaced,
    DocumentRow,
    Paper,
    Passed,
    Way,
)
from ledger.custody.lots import Basis, LotExported, LotImported, LotRegistered
from ledger.custody.rules.unnamed import SEVERAL
from ledger.custody.subjects import Kind, Subject

PERMIT, AGAIN = "ZW/EXPORT/77", "ZW/EXPORT/78"
OVERDRAWN = "document.overdrawn"


def paper(**changes: Any) -> Paper:
    row = DocumentRow("Crocodylus niloticus", "SKI", 100, "NAR", "C", "ZW")
    return Paper(rows=(row,), to_country="FR", **changes)


@pytest.fixture
def border() -> World:
    world = new_world(full=True)
    world.tell(DocumentIssued(PERMIT, paper()), by="parks")
    return world


def bring(world: World, quantity: int, *, by: str, name: str = PERMIT) -> str:
    lot = skins(quantity, documents=(name,), facility=None)
    (code,) = world.tell(LotRegistered(Basis.IMPORT, (lot,)), by=by)
    return code


def see(world: World, code: str | None, quantity: int, way: Way = Way.IMPORT) -> None:
    passed = (Passed(0, quantity, code),)
    country, officer = ("FR", "customs") if way is Way.IMPORT else ("ZW", "parks")
    world.tell(DocumentEndorsed(PERMIT, way, country, passed), by=officer)


def weights(world: World, code: str) -> list[str]:
    return [severity for rule, severity in world.counting(code) if rule == OVERDRAWN]


def test_who_comes_after_a_stranger_waits_and_is_not_stopped(border: World) -> None:
    stranger, honest = bring(border, 100, by="maker"), bring(border, 100, by="tannery")
    assert (weights(border, stranger), weights(border, honest)) == ([], ["check"])


def test_who_goes_beyond_it_alone_is_stopped(border: World) -> None:
    first, second = bring(border, 60, by="tannery"), bring(border, 41, by="tannery")
    assert (weights(border, first), weights(border, second)) == ([], ["stop"])


def test_a_stranger_that_fills_it_up_between_stops_nobody(border: World) -> None:
    bring(border, 50, by="tannery")
    bring(border, 50, by="maker")
    assert weights(border, bring(border, 50, by="tannery")) == ["check"]


def test_goods_that_left_under_it_are_no_claim(border: World) -> None:
    """The farm exported them under it: what the tannery brings in beyond them is too much."""
    (code,) = border.tell(bred(skins(100)), by="farm")
    border.tell(LotExported((code,), PERMIT, "ZW", "FR"), by="farm")
    deal(border, code)
    border.tell(LotImported((code,), PERMIT, "FR"), by="tannery")
    assert weights(border, bring(border, 1, by="maker")) == ["stop"]


def test_an_officer_who_sees_the_goods_of_the_other_stops_nobody(border: World) -> None:
    (code,) = border.tell(bred(skins(100)), by="farm")
    border.tell(LotExported((code,), PERMIT, "ZW", "FR"), by="farm")
    deal(border, code)
    bring(border, 100, by="maker")
    see(border, code, 100)
    assert weights(border, code) == ["check"]


def test_a_permit_that_names_its_holder_is_used_up_by_nobody_else() -> None:
    world = new_world(full=True)
    world.tell(DocumentIssued(PERMIT, paper(holder="tannery")), by="parks")
    stranger = bring(world, 100, by="maker")
    assert ("document.other-holder", "check") in world.counting(stranger)
    first, second = bring(world, 100, by="tannery"), bring(world, 1, by="tannery")
    assert (weights(world, first), weights(world, second)) == ([], ["stop"])


def test_a_permit_in_its_place_knows_who_used_it(border: World) -> None:
    bring(border, 100, by="maker")
    border.tell(DocumentReplaced(AGAIN, PERMIT, "lost in the post", paper()), by="parks")
    state = border.states[Subject(Kind.DOCUMENT, AGAIN)]
    assert state.claimed_by == "maker"
    assert weights(border, bring(border, 10, by="tannery", name=AGAIN)) == ["check"]
    assert border.states[Subject(Kind.DOCUMENT, AGAIN)].claimed_by == SEVERAL
