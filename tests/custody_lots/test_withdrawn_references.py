"""A due-diligence reference that is withdrawn or rejected, and what rests on it."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace
from trade_world import DAY, START, World, new_world

from ledger.custody.documents import (
    DocumentRecorded,
    DocumentRow,
    DocumentState,
    Paper,
    ReferenceEnd,
    ReferenceRestored,
    ReferenceWithdrawn,
    Withdrawal,
)
from ledger.custody.goods import NewLot, Row
from ledger.custody.lots import Basis, LotRegistered
from ledger.custody.parties import PartyState, Scope
from ledger.custody.subjects import Kind, Subject

REFERENCE, NEXT = "ZW/DDS/24ZWIOBORU2228", "ZW/DDS/24ZWIOBORU2229"
PERMIT = "ZW/EXPORT/77"
TREE = "Khaya anthotheca"
CUBIC_METRE = 1_000_000
ROW = DocumentRow(TREE, "LOG", 50 * CUBIC_METRE, "CMQ", "W", "CM")
# START, 1,800,000,000 s, is 2027-01-15 at 08:00 UTC.
TODAY = "2027-01-15"
USED = ("reference.used-after", "stop")


@pytest.fixture
def market(world: World) -> World:
    """The mill's reference for 50 m3 of logs, which a stranger in another country recorded."""
    del world
    market = new_world(full=True)
    paper = Paper(holder="mill", rows=(ROW,))
    market.tell(DocumentRecorded(REFERENCE, paper), by="mill")
    market.tell(DocumentRecorded(PERMIT, Paper(rows=(ROW,))), by="mill")
    return market


def state_of(world: World, name: str = REFERENCE) -> DocumentState:
    state = world.states[Subject(Kind.DOCUMENT, name)]
    assert isinstance(state, DocumentState)
    return state


def on_it(world: World, name: str = REFERENCE) -> list[tuple[str, str]]:
    found = state_of(world, name).findings
    return [(f.rule, f.severity.value) for f in found if f.rule.startswith("reference.")]


def fell(world: World, *, under: str = REFERENCE, **common: Any) -> str:
    row = Row(TREE, "LOG", CUBIC_METRE, "CMQ", "W", "CM")
    new = NewLot((row,), facility="mill/plot", documents=(under,))
    (code,) = world.tell(LotRegistered(Basis.HARVEST, (new,)), by="mill", **common)
    return code


def odd(world: World, code: str) -> list[tuple[str, str]]:
    return [found for found in world.counting(code) if found[0].startswith("reference.")]


def withdraw(world: World, *, by: str = "parks", **common: Any) -> None:
    status = ReferenceEnd.WITHDRAWN if by == "mill" else ReferenceEnd.REJECTED
    world.tell(ReferenceWithdrawn(REFERENCE, status, "wrong plots"), by=by, **common)


@pytest.mark.parametrize(("by", "severity"), [("parks", "stop"), ("mill", "check")])
def test_what_rests_on_it_and_what_uses_it_afterwards(
    market: World, by: str, severity: str
) -> None:
    before = fell(market)
    withdraw(market, by=by)
    after = fell(market)
    assert on_it(market) == [("reference.withdrawn", severity)]
    assert (odd(market, before), odd(market, after)) == ([], [USED])
    assert REFERENCE in market.lot(before).documents


def test_the_day_of_the_act_counts_and_not_that_of_the_log(market: World) -> None:
    market.at += 2 * DAY
    withdraw(market, when=market.at - DAY, day="2027-01-16")
    honest = fell(market, when=START, day=TODAY)
    late = fell(market, when=START + DAY, day="2027-01-16")
    assert (odd(market, honest), odd(market, late)) == ([], [USED])


@pytest.mark.parametrize("by", ["parks", "mill"])
def test_it_is_restored_and_used_again(market: World, by: str) -> None:
    withdraw(market, by=by)
    market.tell(ReferenceRestored(REFERENCE, "another number was meant"), by=by)
    assert on_it(market) == []
    assert state_of(market).withdrawn is None
    assert odd(market, fell(market)) == []


def test_one_that_rests_on_a_withdrawn_one_is_a_check(market: World) -> None:
    market.tell(
        DocumentRecorded(NEXT, Paper(holder="mill", rows=(ROW,), rests_on=(REFERENCE,))), by="mill"
    )
    assert odd(market, fell(market, under=NEXT)) == []
    withdraw(market)
    assert odd(market, fell(market, under=NEXT)) == [("reference.used-after", "check")]


def test_what_is_withdrawn_is_not_amended(market: World) -> None:
    again = DocumentRecorded(REFERENCE, Paper(holder="mill", rows=(ROW,)))
    assert market.rule(again, by="mill") == ""
    withdraw(market, by="mill")
    assert market.rule(again, by="mill") == "document.amended"


def test_a_copy_that_its_issuer_confirms_stays_withdrawn(market: World) -> None:
    withdraw(market)
    state = replace(state_of(market), status="attested")
    market.states[Subject(Kind.DOCUMENT, REFERENCE)] = state
    assert state.withdrawn == Withdrawal(TODAY, ReferenceEnd.REJECTED)
    assert odd(market, fell(market)) == [USED]


@pytest.mark.parametrize(
    ("by", "rule"),
    [
        pytest.param("parks", "", id="an-authority-of-its-country"),
        pytest.param("officer", "", id="its-officer"),
        pytest.param("mill", "", id="its-operator"),
        pytest.param("maker", "reference.not-own", id="another-trader"),
        pytest.param("auditor", "reference.not-own", id="an-auditor"),
    ],
)
def test_who_withdraws(market: World, by: str, rule: str) -> None:
    event = ReferenceWithdrawn(REFERENCE, ReferenceEnd.WITHDRAWN, "wrong plots")
    assert market.rule(event, by=by) == rule


def test_an_office_of_another_country_does_not(market: World) -> None:
    parks = Subject(Kind.PARTY, "parks")
    office = market.states[parks]
    assert isinstance(office, PartyState)
    market.states[parks] = replace(office, scope=Scope(("documents",), ("FR",)))
    event = ReferenceWithdrawn(REFERENCE, ReferenceEnd.REJECTED, "wrong plots")
    assert market.rule(event, by="parks") == "reference.not-own"


def test_its_operator_does_not_undo_what_an_office_said(market: World) -> None:
    withdraw(market)
    restored = ReferenceRestored(REFERENCE, "it was right")
    assert market.rule(restored, by="mill") == "reference.not-own"
    assert market.rule(restored, by="officer") == ""


@pytest.mark.parametrize(
    ("event", "rule"),
    [
        (ReferenceWithdrawn(PERMIT, ReferenceEnd.WITHDRAWN, "why"), "reference.kind"),
        (ReferenceWithdrawn("ZW/DDS/9", ReferenceEnd.WITHDRAWN, "why"), "document.unknown"),
        (ReferenceWithdrawn(REFERENCE, ReferenceEnd.WITHDRAWN, " "), "reference.reason"),
        (ReferenceRestored(REFERENCE, "why"), "reference.state"),
    ],
)
def test_refused(market: World, event: Any, rule: str) -> None:
    assert market.rule(event, by="parks") == rule


def test_it_is_withdrawn_once(market: World) -> None:
    withdraw(market)
    event = ReferenceWithdrawn(REFERENCE, ReferenceEnd.WITHDRAWN, "why")
    assert market.rule(event, by="parks") == "reference.state"
