"""Findings that a slip left on others go once the slip is set right."""

from __future__ import annotations

from typing import Any

import pytest
from test_mark_rules import allotted, tags
from test_mark_rules import lot as tagged
from trade_world import World

from ledger.custody.control import StatementCorrected
from ledger.custody.documents import (
    DocumentCancelled,
    DocumentIssued,
    DocumentReplaced,
    DocumentRow,
    DocumentState,
    Paper,
)
from ledger.custody.parties import ApprovalGiven
from ledger.custody.subjects import Kind, Subject


def take_off(world: World, code: str, first: int, last: int, add: int | None = None) -> None:
    """Let an officer agree that a lot never bore some tags, and bears as many others."""
    add = first + 400 if add is None else add
    of = world.lot(code).head
    event = StatementCorrected(
        of, code, "typing error", remove=tags(first, last), add=tags(add, add + last - first)
    )
    act = world.signed(event, by="farm")
    world.tell(event, by="farm")
    world.tell(ApprovalGiven(act.id), by="officer")


def cloned(world: World, code: str) -> list[str]:
    found = [f for f in world.lot(code).findings if f.rule == "mark.cloned"]
    return sorted({mark for f in found for mark in f.marks})


def test_a_rival_claim_that_is_taken_back_stops_nobody(trade: World) -> None:
    honest, slip = tagged(trade, 1, 10), tagged(trade, 6, 15)
    assert len(cloned(trade, honest)) == len(cloned(trade, slip)) == 5
    take_off(trade, slip, 6, 15)
    assert cloned(trade, honest) == cloned(trade, slip) == []
    assert trade.counting(honest) == []


def test_what_is_still_claimed_twice_stays(trade: World) -> None:
    honest, slip = tagged(trade, 1, 10), tagged(trade, 6, 15)
    take_off(trade, slip, 6, 8)
    assert len(cloned(trade, honest)) == len(cloned(trade, slip)) == 2


def test_of_three_claims_two_are_a_clone_still(trade: World) -> None:
    one, two, three = (tagged(trade, 1, 10) for _ in range(3))
    take_off(trade, three, 1, 10)
    assert len(cloned(trade, one)) == len(cloned(trade, two)) == 10
    assert cloned(trade, three) == []


def test_a_mark_outside_the_allotment_goes_with_its_correction(trade: World) -> None:
    trade.tell(allotted(1, 500), by="parks")
    code = tagged(trade, 501, 510)
    assert [rule for rule, _ in trade.counting(code)] == ["mark.outside-allotment"]
    take_off(trade, code, 501, 510, add=11)
    assert trade.counting(code) == []


# -- documents that shared tags or a stamp


ONE, TWO, THREE = (f"ZW/EXPORT/7{n}" for n in (1, 2, 3))


def issue(world: World, name: str, first: int, last: int, *, stamp: str | None = None) -> None:
    world.tell(DocumentIssued(name, paper(first, last, stamp=stamp)), by="parks")


def paper(first: int, last: int, *, stamp: str | None = None) -> Paper:
    marks = tags(first, last)
    row = DocumentRow("Crocodylus niloticus", "SKI", 10, "NAR", "C", "ZW", marks=marks)
    return Paper(rows=(row,), stamp=stamp)


def shared(world: World, name: str) -> dict[str, int]:
    state = world.states[Subject(Kind.DOCUMENT, name)]
    assert isinstance(state, DocumentState)
    rules = ("mark.two-permits", "blank.twice")
    return {f.rule: len(f.marks) for f in state.findings if f.rule in rules}


@pytest.mark.parametrize("by_replacement", [False, True])
@pytest.mark.parametrize("gone", [ONE, TWO])
def test_of_two_permits_one_is_ended(trade: World, gone: str, *, by_replacement: bool) -> None:
    issue(trade, ONE, 1, 10, stamp="ZW000120")
    issue(trade, TWO, 6, 15, stamp="ZW000120")
    kept = TWO if gone == ONE else ONE
    assert shared(trade, kept) == {"mark.two-permits": 5, "blank.twice": 0}
    event: Any = DocumentCancelled(gone, "a slip")
    if by_replacement:
        event = DocumentReplaced("ZW/EXPORT/99", gone, "a slip", paper(101, 110))
    trade.tell(event, by="parks")
    assert shared(trade, kept) == {}


def test_what_a_third_one_shares_stays(trade: World) -> None:
    issue(trade, ONE, 1, 10)
    issue(trade, TWO, 6, 15)
    issue(trade, THREE, 9, 18)
    trade.tell(DocumentCancelled(TWO, "a slip"), by="parks")
    assert shared(trade, ONE) == shared(trade, THREE) == {"mark.two-permits": 2}
