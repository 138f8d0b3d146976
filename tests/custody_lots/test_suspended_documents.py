"""Documents that their issuers suspend and reinstate, and what is sold and passed meanwhile."""

from __future__ import annotations

from typing import Any

import pytest
from trade_world import DAY, START, World, bred, harvested, logs, new_world, skins

from ledger.custody.certification import CertificateScope
from ledger.custody.documents import (
    DocumentReinstated,
    DocumentState,
    DocumentSuspended,
    Paper,
    SuspendedDays,
)
from ledger.custody.goods import Part
from ledger.custody.lots import LotExported, LotImported
from ledger.custody.subjects import Kind, Subject
from ledger.custody.transfers import Moves, TransferDeclined, TransferOffered

CODE = "ZW/FSC-COC/C-0101"
FOREIGN = "FR/FSC-COC/C-0101"
PERMIT = "ZW/EXPORT/77"
TIMBER = "Entandrophragma cylindricum"
# START, 1,800,000,000 s, is 2027-01-15 at 08:00 UTC.
TODAY = "2027-01-15"
STOP, CHECK = ("claim.suspended", "stop"), ("claim.suspended", "check")


@pytest.fixture
def trade() -> World:
    world = new_world(full=True)
    put(world, CODE)
    put(world, FOREIGN)
    put(world, PERMIT)
    return world


def put(world: World, name: str, *, status: str = "issued") -> None:
    paper = Paper(holder="mill", scope=CertificateScope()) if name == CODE else None
    state = DocumentState(status=status, by="parks", paper=paper)
    world.states[Subject(Kind.DOCUMENT, name)] = state


def days_of(world: World, name: str = CODE) -> tuple[SuspendedDays, ...]:
    state = world.states[Subject(Kind.DOCUMENT, name)]
    assert isinstance(state, DocumentState)
    return state.suspended


def timber(world: World) -> str:
    grown = logs(claim="FSC 100%", taxon=TIMBER, origin="CM", facility="mill/forest")
    (code,) = world.tell(harvested(grown), by="mill")
    return code


def sell(world: World, code: str, **common: Any) -> list[tuple[str, str]]:
    offer = TransferOffered(
        "maker", Moves.BOTH, 1_900_000_000, lots={code: Part()}, documents=(CODE,)
    )
    world.tell(offer, by="mill", **common)
    found = [f for f in world.findings(code) if f[0].startswith("claim.")]
    world.tell(TransferDeclined(world.last_offer(), "not now"), by="maker")
    return found


def suspend(world: World, until: str | None = None, name: str = CODE, **common: Any) -> None:
    world.tell(DocumentSuspended(name, "audit", until), by="parks", **common)


def reinstate(world: World, name: str = CODE, **common: Any) -> None:
    world.tell(DocumentReinstated(name, "closed"), by="parks", **common)


@pytest.mark.parametrize(
    ("until", "days", "found"),
    [
        pytest.param(None, 0, [STOP], id="on-its-first-day"),
        pytest.param(None, 300, [STOP], id="until-further-notice"),
        pytest.param("2027-01-17", 2, [STOP], id="on-its-last-day"),
        pytest.param("2027-01-17", 3, [], id="on-the-day-after"),
    ],
)
def test_a_claim_is_sold_while_nothing_suspends_it(
    trade: World, until: str | None, days: int, found: Any
) -> None:
    code = timber(trade)
    assert sell(trade, code) == []
    suspend(trade, until)
    trade.at += days * DAY
    assert sell(trade, code) == found


def test_a_copy_that_is_suspended_is_a_check(trade: World) -> None:
    put(trade, CODE, status="recorded")
    suspend(trade)
    assert sell(trade, timber(trade)) == [CHECK]


def test_what_was_sold_before_stays_as_it_was(trade: World) -> None:
    code = timber(trade)
    offer = TransferOffered("maker", Moves.BOTH, 1_900_000_000, {code: Part()}, documents=(CODE,))
    trade.tell(offer, by="mill")
    suspend(trade)
    assert trade.findings(code) == []


def test_the_day_of_the_act_counts_and_not_of_the_log(trade: World) -> None:
    code = timber(trade)
    trade.at += 2 * DAY
    suspend(trade)
    trade.at += DAY
    assert sell(trade, code, when=START + DAY, day="2027-01-16") == []
    assert sell(trade, code) == [STOP]


def test_from_the_day_of_its_reinstatement_it_is_in_force(trade: World) -> None:
    code = timber(trade)
    suspend(trade)
    trade.at += 5 * DAY
    reinstate(trade)
    assert days_of(trade) == (SuspendedDays(TODAY, "2027-01-19"),)
    assert sell(trade, code) == []
    assert sell(trade, code, when=START + 4 * DAY, day="2027-01-19") == [STOP]


def test_suspended_in_error_and_reinstated_the_same_day(trade: World) -> None:
    suspend(trade)
    reinstate(trade)
    assert days_of(trade) == ()
    assert sell(trade, timber(trade)) == []


def test_a_suspension_that_runs_gets_another_last_day(trade: World) -> None:
    suspend(trade, "2027-01-17")
    trade.at += DAY
    suspend(trade, "2027-02-28")
    assert days_of(trade) == (SuspendedDays(TODAY, "2027-02-28"),)
    trade.at += 60 * DAY
    suspend(trade)
    assert days_of(trade)[1:] == (SuspendedDays("2027-03-17"),)


def test_a_document_keeps_the_last_fifty_suspensions(trade: World) -> None:
    for _ in range(51):
        suspend(trade)
        trade.at += DAY
        reinstate(trade)
    assert len(days_of(trade)) == 50
    assert days_of(trade)[0] == SuspendedDays("2027-01-16", "2027-01-16")


@pytest.mark.parametrize(
    ("rule", "by", "event"),
    [
        ("", "parks", DocumentSuspended(CODE, "audit", TODAY)),
        ("document.days", "parks", DocumentSuspended(CODE, "audit", "2027-01-14")),
        ("document.days", "parks", DocumentSuspended(CODE, "audit", "2027-02-30")),
        ("document.reason", "parks", DocumentSuspended(CODE, " ")),
        ("document.unknown", "parks", DocumentSuspended("ZW/FSC-COC/9", "audit")),
        ("document.not-issued-by", "parks", DocumentSuspended(FOREIGN, "audit")),
        ("party.not-entitled", "mill", DocumentSuspended(CODE, "audit")),
        ("document.not-suspended", "parks", DocumentReinstated(CODE, "closed")),
        ("document.unknown", "parks", DocumentReinstated("ZW/FSC-COC/9", "closed")),
        ("document.not-issued-by", "parks", DocumentReinstated(FOREIGN, "closed")),
    ],
)
def test_who_suspends_and_reinstates(trade: World, rule: str, by: str, event: Any) -> None:
    assert trade.rule(event, by=by) == rule


@pytest.mark.parametrize("status", ["cancelled", "replaced", "seized"])
def test_what_is_in_force_no_more_is_not_suspended(trade: World, status: str) -> None:
    put(trade, CODE, status=status)
    assert trade.rule(DocumentSuspended(CODE, "audit"), by="parks") == "document.not-in-force"


@pytest.mark.parametrize(
    ("rule", "by", "reason"),
    [
        ("document.reason", "parks", ""),
        ("party.not-entitled", "mill", "closed"),
        ("", "parks", "closed"),
    ],
)
def test_a_reinstatement_is_refused(trade: World, rule: str, by: str, reason: str) -> None:
    suspend(trade)
    assert trade.rule(DocumentReinstated(CODE, reason), by=by) == rule


def test_a_suspended_permit_lets_nothing_leave_but_what_has_left_arrive(trade: World) -> None:
    early, late = (trade.tell(bred(skins(10)), by="farm")[0] for _ in range(2))
    trade.tell(LotExported((early,), PERMIT, "ZW", "FR"), by="farm")
    suspend(trade, name=PERMIT)
    trade.tell(LotExported((late,), PERMIT, "ZW", "FR"), by="farm")
    trade.tell(LotImported((early,), PERMIT, "FR"), by="farm")
    assert "document.suspended" not in [rule for rule, _ in trade.counting(early)]
    assert ("document.suspended", "stop") in trade.counting(late)
