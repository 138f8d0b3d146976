"""Goods on their way when their document is cancelled or replaced: they arrive all the same."""

from __future__ import annotations

from typing import Any

import pytest
from trade_world import DAY, START, World, bred, new_world, skins

from ledger.custody.documents import (
    DocumentCancelled,
    DocumentEndorsed,
    DocumentIssued,
    DocumentReplaced,
    DocumentRow,
    DocumentState,
    Paper,
    Passed,
    Way,
)
from ledger.custody.lots import LotExported, LotImported
from ledger.custody.subjects import Kind, Subject

OLD, NEW, OTHER = "ZW/EXPORT/77", "ZW/EXPORT/78", "ZW/EXPORT/90"
GONE = ("document.gone-on-way", "check")
NOT_SEEN = ("document.not-endorsed", "check")


def paper(quantity: int) -> Paper:
    row = DocumentRow("Crocodylus niloticus", "SKI", quantity, "NAR", "C", "ZW")
    return Paper(holder="farm", rows=(row,), to_country="FR")


@pytest.fixture
def border() -> World:
    """A world judged by all rules: the farm's permit is for 100 skins, of the first day."""
    world = new_world(full=True)
    world.tell(DocumentIssued(OLD, paper(100)), by="parks")
    return world


def shipped(world: World, quantity: int = 60, *, seen: bool = True) -> str:
    """Return a lot that left under the permit, by the trader's word and the officer's."""
    (code,) = world.tell(bred(skins(quantity)), by="farm")
    world.tell(LotExported((code,), OLD, "ZW", "FR"), by="farm")
    if seen:
        item = Passed(0, quantity, code)
        world.tell(DocumentEndorsed(OLD, Way.EXPORT, "ZW", (item,)), by="parks")
    world.at += DAY
    return code


def cancel(world: World) -> None:
    world.tell(DocumentCancelled(OLD, "wrong form"), by="parks")
    world.at += 2 * DAY


def replace_for(world: World, quantity: int) -> None:
    world.tell(DocumentReplaced(NEW, OLD, "for the rest", paper(quantity)), by="parks")
    world.at += 2 * DAY


def arrives(code: str, name: str = OLD) -> LotImported:
    return LotImported((code,), name, "FR")


def seen_there(code: str, quantity: int = 60, name: str = OLD) -> DocumentEndorsed:
    return DocumentEndorsed(name, Way.IMPORT, "FR", (Passed(0, quantity, code),))


def drawn(world: World, name: str, way: str) -> int:
    state = world.states[Subject(Kind.DOCUMENT, name)]
    assert isinstance(state, DocumentState)
    return sum(row.quantity for row in state.drawn.get(way, ()))


def ends(world: World, how: str) -> None:
    if how == "cancelled":
        cancel(world)
    else:
        replace_for(world, 40)


@pytest.mark.parametrize("by_officer", [False, True])
def test_under_one_that_is_the_same_permit_they_arrive_without_a_check(
    border: World, by_officer: bool
) -> None:
    code = shipped(border)
    replace_for(border, 100)
    event, by = (seen_there, "customs") if by_officer else (arrives, "farm")
    assert border.rule(event(code), by=by) == "document.not-in-force"
    border.tell(event(code, name=NEW), by=by)
    assert border.counting(code) == []


@pytest.mark.parametrize("how", ["cancelled", "for-the-rest"])
def test_what_left_before_arrives_and_a_finding_says_so(border: World, how: str) -> None:
    code = shipped(border)
    ends(border, how)
    border.tell(arrives(code), by="farm")
    assert border.counting(code) == [GONE]
    assert drawn(border, OLD, "import") == 60
    border.tell(seen_there(code), by="customs")
    assert border.counting(code) == []
    border.at += 31 * DAY
    assert border.counting(code) == []


@pytest.mark.parametrize("how", ["cancelled", "for-the-rest"])
def test_the_officer_at_the_other_end_may_come_first(border: World, how: str) -> None:
    code = shipped(border)
    ends(border, how)
    border.tell(seen_there(code), by="customs")
    border.tell(arrives(code), by="farm")
    assert border.counting(code) == []


def test_what_is_left_of_a_replaced_permit_is_no_less_for_what_arrives(border: World) -> None:
    code = shipped(border)
    replace_for(border, 40)
    border.tell(arrives(code), by="farm")
    border.tell(seen_there(code), by="customs")
    (rest,) = border.tell(bred(skins(40)), by="farm")
    for event in (LotExported((rest,), NEW, "ZW", "FR"), arrives(rest, NEW)):
        border.tell(event, by="farm")
        assert border.counting(rest) == []


def _not_left(world: World, code: str) -> str:
    (other,) = world.tell(bred(skins(5)), by="farm")
    return other


def _left_under_another(world: World, code: str) -> str:
    (other,) = world.tell(bred(skins(5)), by="farm")
    world.tell(DocumentIssued(OTHER, paper(5)), by="parks")
    world.tell(LotExported((other,), OTHER, "ZW", "FR"), by="farm")
    return other


@pytest.mark.parametrize("other", [_not_left, _left_under_another])
@pytest.mark.parametrize("by_officer", [False, True])
def test_other_goods_do_not(border: World, other: Any, by_officer: bool) -> None:
    code = shipped(border)
    cancel(border)
    wrong = other(border, code)
    event, by = (seen_there(wrong, 5), "customs") if by_officer else (arrives(wrong), "farm")
    assert border.rule(event, by=by) == "document.not-in-force"


def test_nothing_leaves_under_it_any_more(border: World) -> None:
    code = shipped(border)
    cancel(border)
    assert border.rule(LotExported((code,), OLD, "ZW", "FR"), by="farm") == "document.not-in-force"
    again = DocumentEndorsed(OLD, Way.EXPORT, "ZW", (Passed(0, 60, code),))
    assert border.rule(again, by="parks") == "document.not-in-force"


def test_goods_without_a_lot_do_not(border: World) -> None:
    shipped(border)
    cancel(border)
    event = DocumentEndorsed(OLD, Way.IMPORT, "FR", (Passed(0, 60),))
    assert border.rule(event, by="customs") == "document.not-in-force"


def test_one_that_did_not_leave_spoils_the_statement(border: World) -> None:
    code = shipped(border)
    cancel(border)
    both = (code, _not_left(border, code))
    assert border.rule(LotImported(both, OLD, "FR"), by="farm") == "document.not-in-force"


def test_a_stranger_still_tells_nothing(border: World) -> None:
    code = shipped(border)
    cancel(border)
    assert border.rule(arrives(code), by="mill") == "border.not-concerned"


def test_a_document_in_force_leaves_no_such_check(border: World) -> None:
    code = shipped(border)
    border.tell(arrives(code), by="farm")
    assert GONE not in border.counting(code)
    cancel(border)
    assert GONE not in border.counting(code)


def test_an_arrival_before_it_went_is_told_late(border: World) -> None:
    code = shipped(border)
    cancel(border)
    border.tell(arrives(code), by="farm", when=START + DAY, day="2027-01-16")
    assert border.counting(code) == [("document.told-late", "check")]
