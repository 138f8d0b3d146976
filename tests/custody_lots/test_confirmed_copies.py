"""Goods that entered on the word of a copy: what they wait for ends when the copy is confirmed."""

from __future__ import annotations

from typing import Any

import pytest
from trade_world import World, deal, skins

from ledger.custody.control import FindingClosed, LotInspected
from ledger.custody.documents import (
    DocumentAttested,
    DocumentIssued,
    DocumentRow,
    DocumentState,
    Paper,
)
from ledger.custody.effects.confirming import WAITING_MAX
from ledger.custody.goods import Part
from ledger.custody.lots import Basis, LotRegistered, LotSplit, LotTransformed
from ledger.custody.subjects import Kind, Subject

COPY, OTHER = "ZW/EXPORT/2", "ZA/EXPORT/9"
RULE = "basis.not-confirmed"
ROW = DocumentRow("Crocodylus niloticus", "SKI", 10_000, "NAR", "W", "ZW")


@pytest.fixture
def entered(world: World) -> World:
    """Two copies of permits for such skins."""
    for name in (COPY, OTHER):
        world.states[Subject(Kind.DOCUMENT, name)] = DocumentState("recorded", rows=(ROW,))
    return world


def enter(world: World, *names: str, pieces: int = 10, by: str = "tannery") -> str:
    new = skins(pieces, facility=None, source="W", documents=names)
    (code,) = world.tell(LotRegistered(Basis.OTHER_LEDGER, (new,)), by=by)
    return code


def tan(world: World, *codes: str) -> str:
    out = skins(10, facility=None, source="W")
    event = LotTransformed("tanning", {code: Part() for code in codes}, (out,))
    (code,) = world.tell(event, by="tannery")
    return code


def attest(world: World, name: str = COPY) -> None:
    world.tell(DocumentAttested(name, "original"), by="officer")


def waits(world: World, code: str) -> int:
    return sum(rule == RULE for rule, _ in world.findings(code))


@pytest.mark.parametrize(
    ("by", "event"),
    [
        pytest.param("officer", DocumentAttested(COPY, "original"), id="an-officer-saw-it"),
        pytest.param("parks", DocumentIssued(COPY, Paper(rows=(ROW,))), id="its-issuer-entered-it"),
    ],
)
def test_it_ends_with_the_copy(entered: World, by: str, event: Any) -> None:
    code = enter(entered, COPY)
    assert waits(entered, code) == 1
    entered.tell(event, by=by)
    assert waits(entered, code) == 0
    assert waits(entered, enter(entered, COPY)) == 0


def test_one_of_several_copies_is_enough(entered: World) -> None:
    code = enter(entered, COPY, OTHER)
    attest(entered, OTHER)
    assert waits(entered, code) == 0


def test_other_goods_and_other_papers_wait_on(entered: World) -> None:
    code = enter(entered, OTHER)
    attest(entered)
    assert waits(entered, code) == 1


def test_parts_and_what_was_made_of_them_go_along(entered: World) -> None:
    code = enter(entered, COPY, pieces=30)
    (part,) = entered.tell(LotSplit(code, Part(quantity=10)), by="tannery")
    tanned = tan(entered, part)
    deal(entered, code, by="tannery", to="maker")
    attest(entered)
    assert [waits(entered, each) for each in (code, part, tanned)] == [0, 0, 0]


def test_what_was_made_twice_goes_along_too(entered: World) -> None:
    code = tan(entered, tan(entered, enter(entered, COPY)))
    attest(entered)
    assert waits(entered, code) == 0


def test_what_was_mixed_waits_for_somebody_who_looks(entered: World) -> None:
    # Given skins of two copies, of which only one is genuine, made into one lot
    code = tan(entered, enter(entered, COPY), enter(entered, OTHER))
    attest(entered)
    assert waits(entered, code) == 2
    entered.tell(LotInspected((code,), "matches"), by="officer")
    assert waits(entered, code) == 0


def test_two_lots_of_one_statement_are_not_confirmed_by_one_of_their_papers(entered: World) -> None:
    goods = [skins(10, facility=None, source="W", documents=(name,)) for name in (COPY, OTHER)]
    event = LotRegistered(Basis.OTHER_LEDGER, tuple(goods))
    mixed = tan(entered, *entered.tell(event, by="tannery"))
    attest(entered)
    assert waits(entered, mixed) == 1


def test_what_an_officer_closed_is_left_alone(entered: World) -> None:
    code = enter(entered, COPY)
    (finding,) = entered.lot(code).findings
    entered.tell(FindingClosed(f"lot/{code}", RULE, finding.cause, "seen"), by="officer")
    before = entered.lot(code)
    attest(entered)
    assert entered.lot(code) == before


def test_a_copy_remembers_so_many(entered: World) -> None:
    goods = tuple(skins(1, facility=None, source="W", documents=(COPY,)) for _ in range(501))
    codes = entered.tell(LotRegistered(Basis.OTHER_LEDGER, goods), by="tannery")
    attest(entered)
    assert sum(waits(entered, code) for code in codes) == 501 - WAITING_MAX


def test_strangers_take_no_place_of_the_party_that_it_names(entered: World) -> None:
    # Given a copy that names the tannery, on which somebody else registers goods first
    named = DocumentState(
        status="recorded", rows=(ROW,), by="tannery", paper=Paper(holder="tannery")
    )
    entered.states[Subject(Kind.DOCUMENT, COPY)] = named
    stranger, own = enter(entered, COPY, by="maker"), enter(entered, COPY)
    state = entered.states[Subject(Kind.DOCUMENT, COPY)]
    assert isinstance(state, DocumentState)
    assert [one.lot for one in state.waiting] == [own]
    attest(entered)
    assert (waits(entered, stranger), waits(entered, own)) == (1, 0)
