"""Seizures of goods without a lot: recorded by an officer, sold once, known by their marks."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace
from trade_world import World, bred, new_world, skins, tags

from ledger.custody.control import SeizureRecorded
from ledger.custody.documents import (
    DocumentCancelled,
    DocumentEndorsed,
    DocumentRow,
    DocumentState,
    Passed,
    Way,
)
from ledger.custody.lots import Basis, LotExported, LotRegistered
from ledger.custody.subjects import Kind, Subject

NAME = "ZW/SEIZURE/2026-17"
ROW = DocumentRow("Crocodylus niloticus", "SKI", 10, "NAR", "W", "ZW", marks=tags(1, 10))

BARE = replace(ROW, marks=())


@pytest.fixture
def state() -> World:
    return new_world(full=True)


def seizure(**changes: Any) -> SeizureRecorded:
    own = {"document": NAME, "reason": "no permit", "rows": (ROW,)}
    return SeizureRecorded(**{**own, **changes})


def sale(
    quantity: int = 10, *, documents: tuple[str, ...] = (NAME,), **goods: Any
) -> LotRegistered:
    new = skins(quantity, source="I", facility=None, documents=documents, **goods)
    return LotRegistered(Basis.STATE_SALE, (new,))


def document(world: World, name: str = NAME) -> DocumentState:
    found = world.states[Subject(Kind.DOCUMENT, name)]
    assert isinstance(found, DocumentState)
    return found


def stops(world: World, code: str) -> list[str]:
    return [rule for rule, weight in world.counting(code) if weight == "stop"]


def test_its_record_is_not_cancelled(state: World) -> None:
    state.tell(seizure(), by="officer")
    event = DocumentCancelled(NAME, "a slip")
    assert state.rule(event, by="parks") == "document.not-in-force"
    state.tell(sale(10), by="parks")


def test_a_seizure_stands_as_a_document(state: World) -> None:
    state.tell(seizure(basis="Act 20:14", under="ZW/EXPORT/1"), by="officer")
    assert (document(state).status, document(state).by) == ("seized", "officer")
    assert document(state).rows == (ROW,)
    found = [(f.rule, f.severity.value) for f in document(state, "ZW/EXPORT/1").findings]
    assert found == [("seizure.shown-with", "check")]


@pytest.mark.parametrize(
    ("rule", "by", "changes"),
    [
        pytest.param("seizure.name", "parks", {"document": "FR/SEIZURE/1"}, id="another-country"),
        pytest.param("seizure.name", "parks", {"document": "ZW/EXPORT/9"}, id="another-kind"),
        pytest.param("document.name", "parks", {"document": "17"}, id="no-name"),
        pytest.param("control.reason", "parks", {"reason": " "}, id="no-reason"),
        pytest.param("goods.empty", "parks", {"rows": ()}, id="nothing"),
        pytest.param("document.rows", "parks", {"rows": (BARE,) * 101}, id="101-rows"),
        pytest.param("document.unknown", "parks", {"under": "ZW/EXPORT/99"}, id="shown-with-what"),
        pytest.param("party.not-entitled", "farm", {}, id="trader"),
        pytest.param("", "officer", {}, id="an-officer-in-control"),
    ],
)
def test_a_seizure_is_refused(state: World, rule: str, by: str, changes: dict[str, Any]) -> None:
    assert state.rule(seizure(**changes), by=by) == rule


def test_a_seizure_is_recorded_once(state: World) -> None:
    state.tell(seizure(), by="parks")
    assert state.rule(seizure(), by="officer") == "document.exists"


def test_seized_tags_stop_whoever_brings_them_in(state: World) -> None:
    state.tell(seizure(), by="parks")
    (code,) = state.tell(bred(skins(2, marks=tags(10, 11))), by="farm")
    assert stops(state, code) == ["mark.seized"]
    (finding,) = [f for f in state.lot(code).findings if f.rule == "mark.seized"]
    assert finding.marks == ("CITES/ZW-2026-000010-NIL",)
    (other,) = state.tell(bred(skins(2, marks=tags(12, 13))), by="farm")
    assert stops(state, other) == []


def test_a_lot_that_bears_seized_tags_already_is_stopped(state: World) -> None:
    (code,) = state.tell(bred(skins(2, marks=tags(1, 2))), by="farm")
    (other,) = state.tell(bred(skins(2, marks=tags(20, 21))), by="farm")
    state.tell(seizure(), by="parks")
    assert stops(state, code) == ["mark.seized"]
    assert stops(state, other) == []


def test_the_state_sells_what_it_seized_once(state: World) -> None:
    state.tell(seizure(), by="parks")
    (first,) = state.tell(sale(6, marks=tags(1, 6)), by="parks")
    (rest,) = state.tell(sale(4, marks=tags(7, 10)), by="parks")
    (again,) = state.tell(sale(1), by="parks")
    assert stops(state, first) == stops(state, rest) == []
    assert stops(state, again) == ["document.overdrawn"]


def test_what_is_sold_is_what_was_seized(state: World) -> None:
    state.tell(seizure(), by="parks")
    (code,) = state.tell(sale(1, taxon="Crocodylus porosus"), by="parks")
    assert ("document.not-covered", "check") in state.counting(code)


def test_a_sale_that_names_no_seizure_is_looked_at(state: World) -> None:
    (code,) = state.tell(sale(documents=()), by="parks")
    assert ("seizure.unnamed", "check") in state.counting(code)


def test_another_authority_does_not_sell_it(state: World) -> None:
    state.tell(seizure(), by="officer")
    assert state.rule(sale(), by="customs") == "seizure.not-own"
    assert state.rule(sale(), by="parks") == ""


def test_a_seizure_is_no_permit(state: World) -> None:
    state.tell(seizure(), by="parks")
    (code,) = state.tell(bred(skins(1)), by="farm")
    exported = LotExported((code,), NAME, "ZW", "FR")
    assert state.rule(exported, by="farm") == "document.not-in-force"
    bred_under = bred(skins(1, documents=(NAME,)))
    assert state.rule(bred_under, by="farm") == "document.not-in-force"
    endorsed = DocumentEndorsed("ZW/EXPORT/1", Way.SALE, "ZW", (Passed(0, 1),))
    assert state.rule(endorsed, by="parks") == "endorsement.side"
