"""The decision table: regenerated and compared, and walked for what must hold in every cell."""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import NamedTuple

import pytest

TRADE = {
    "LotSplit",
    "LotMeasured",
    "LotTransformed",
    "LotDeparted",
    "LotRetired",
    "TransferOffered",
    "TransferReturned",
    "ContainerPacked",
}
OFFICE = {
    "LotInspected",
    "LotHeld",
    "LotReleased",
    "LotSeized",
    "LotConfiscated",
    "FindingClosed",
    "DocumentEndorsed",
    "EndorsementWithdrawn",
    "SeizureRecorded",
}
PAPERS = {
    "DocumentIssued",
    "DocumentAttested",
    "DocumentReplaced",
    "DocumentCancelled",
    "DocumentSuspended",
    "DocumentReinstated",
}
REFERENCES = {"ReferenceWithdrawn", "ReferenceRestored"}
TABLES = {"QuotaSet", "SuspensionDeclared", "ListingChanged", "BanDeclared", "YieldSet"}
VISITS = {"FacilityAttested", "StockAttested", "MarksAllotted", "BlanksReported"}
OF_PARTIES = {
    "LedgerFounded",
    "RootChanged",
    "RegistrarKeyChanged",
    "RuleSetAdopted",
    "BlockClosed",
    "PartyEnrolled",
    "PartyScopeChanged",
    "PartySuspended",
    "PartyRestored",
    "KeyAdded",
    "KeyRotated",
    "KeyRevoked",
    "KeyRecovered",
    "KeyRecoveryVetoed",
    "CustodyRecovered",
    "ApprovalGiven",
    "StatementDropped",
}
"""Events about parties and the ledger: their tables stand in tests/custody_parties."""
ANSWERS = {"TransferAccepted", "TransferDeclined"}
SENDERS = {"TransferDispatched", "TransferWithdrawn"}
ENDED = {"used", "departed", "lost", "destroyed", "seized", "confiscated"}


class Cell(NamedTuple):
    """One event in one situation, and what becomes of it."""

    event: str
    lot: str
    offer: str
    document: str
    signer: str
    outcome: str

    @property
    def enters(self) -> bool:
        return self.outcome in ("allowed", "waits")


@pytest.fixture(scope="module")
def generator(project_root: Path) -> ModuleType:
    path = project_root / "tests" / "vectors" / "generate_decision_table.py"
    spec = importlib.util.spec_from_file_location("generate_decision_table", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def cells(project_root: Path) -> tuple[Cell, ...]:
    path = project_root / "tests" / "vectors" / "decision_table.json"
    return tuple(walk(json.loads(path.read_text(encoding="utf-8"))))


def walk(table: dict[str, dict[str, str]]) -> Iterator[Cell]:
    for event, row in table.items():
        for where, outcome in row.items():
            lot, offer, document, signer = where.split("/")
            yield Cell(event, lot, offer, document, signer, outcome)


def test_the_table_is_what_the_rules_say(generator: ModuleType, cells: tuple[Cell, ...]) -> None:
    now = set(walk(generator.table()))
    assert now ^ set(cells) == set()


def test_every_cell_has_a_named_outcome(cells: tuple[Cell, ...]) -> None:
    from ledger.custody.rules.ruleset import RULES

    known = {rule.name for rule in RULES} | {"allowed", "waits"}
    assert {cell.outcome for cell in cells} <= known
    assert len(cells) > 4_000


@pytest.mark.parametrize("lot", sorted(ENDED))
def test_what_has_ended_moves_no_more(cells: tuple[Cell, ...], lot: str) -> None:
    moving = TRADE | {"LotExported", "LotImported"} | ANSWERS | SENDERS
    assert [c for c in cells if c.lot == lot and c.event in moving and c.enters] == []


def test_only_holders_move_goods(cells: tuple[Cell, ...]) -> None:
    movers = {c.signer for c in cells if c.event in TRADE and c.enters}
    assert movers == {"holder", "holder-not-owner"}


def test_a_holder_who_is_not_the_owner_may_return_and_count(cells: tuple[Cell, ...]) -> None:
    found = {c.event for c in cells if c.signer == "holder-not-owner" and c.enters}
    assert found & TRADE == {
        "TransferReturned",
        "LotSplit",
        "LotMeasured",
        "LotRetired",
        "ContainerPacked",
    }


def test_operators_withdraw_what_they_recorded_and_offices_anything(
    cells: tuple[Cell, ...],
) -> None:
    entered = {(c.event, c.document, c.signer) for c in cells if c.event in REFERENCES and c.enters}
    offices = {"authority", "officer"}
    assert {s for e, d, s in entered if e == "ReferenceWithdrawn" and d == "issued"} == offices
    assert {s for e, _, s in entered if e == "ReferenceRestored"} == offices
    assert {d for e, d, _ in entered if e == "ReferenceRestored"} == {"withdrawn"}
    assert ("ReferenceWithdrawn", "recorded", "holder") in entered


def test_every_event_of_the_trade_has_its_rows(cells: tuple[Cell, ...]) -> None:
    from ledger.custody.events import EVENTS

    assert {cell.event for cell in cells} - {"TransferReturned"} == {
        name for name, _ in EVENTS
    } - OF_PARTIES


@pytest.mark.parametrize("event", sorted(OFFICE | PAPERS | TABLES | VISITS))
def test_only_officers_with_power_act_for_an_office(cells: tuple[Cell, ...], event: str) -> None:
    assert {c.signer for c in cells if c.event == event and c.enters} == {"officer", "authority"}


def test_what_has_ended_is_no_paper_any_more(cells: tuple[Cell, ...]) -> None:
    ended = [c for c in cells if c.event in PAPERS and c.document in ("cancelled", "replaced")]
    assert ended
    assert not any(cell.enters for cell in ended)


def test_a_copy_is_confirmed_and_nothing_else_is(cells: tuple[Cell, ...]) -> None:
    found = {c.document for c in cells if c.event == "DocumentAttested" and c.enters}
    assert found == {"recorded"}
    found = {c.document for c in cells if c.event == "DocumentReinstated" and c.enters}
    assert found == {"suspended"}


def test_nobody_takes_the_name_of_a_paper(cells: tuple[Cell, ...]) -> None:
    """Anybody may say that a paper exists; who issued it confirms a copy, once."""
    found = {c.document for c in cells if c.event == "DocumentRecorded" and c.enters}
    assert found == {"unknown"}
    found = {c.document for c in cells if c.event == "DocumentIssued" and c.enters}
    assert found == {"unknown", "recorded", "attested"}


def test_a_mark_is_replaced_by_an_officer_or_with_one(cells: tuple[Cell, ...]) -> None:
    found = {(c.signer, c.outcome) for c in cells if c.event == "MarkReplaced" and c.enters}
    assert found == {
        ("officer", "allowed"),
        ("authority", "allowed"),
        ("holder", "waits"),
        ("holder-not-owner", "waits"),
    }


def test_keepers_speak_for_their_own_places_and_marks(cells: tuple[Cell, ...]) -> None:
    """The farm is the owner of the goods where another one holds them."""
    declared = {c.signer for c in cells if c.event == "StockDeclared" and c.enters}
    assert declared == {"holder", "owner-not-holder"}
    returned = {c.signer for c in cells if c.event == "MarksReturned" and c.enters}
    assert returned == {"holder", "owner-not-holder", "officer", "authority"}


def test_only_the_addressee_answers_only_the_sender_withdraws(cells: tuple[Cell, ...]) -> None:
    assert {c.signer for c in cells if c.event in ANSWERS and c.enters} == {"receiver"}
    assert {c.signer for c in cells if c.event in SENDERS and c.enters} == {"holder"}


def test_nothing_expired_is_accepted(cells: tuple[Cell, ...]) -> None:
    late = [c for c in cells if c.offer == "expired" and c.event == "TransferAccepted"]
    assert late
    assert not any(cell.enters for cell in late)


def test_a_lot_on_offer_stays_as_it_is_offered(cells: tuple[Cell, ...]) -> None:
    on_offer = [c for c in cells if c.offer in ("open", "dispatched") and c.event in TRADE]
    assert on_offer
    assert not any(cell.enters for cell in on_offer)


def test_a_hold_is_no_lock(cells: tuple[Cell, ...]) -> None:
    """Queued work survives an alarm: a held lot moves like a live one."""
    by_place = {c[:5]: c.outcome for c in cells}
    trade = TRADE | ANSWERS | SENDERS
    for cell in cells:
        if cell.lot == "held" and cell.event in trade:
            live = by_place[cell.event, "live", cell.offer, cell.document, cell.signer]
            assert cell.outcome == live


def test_a_bad_paper_covers_nothing(cells: tuple[Cell, ...]) -> None:
    papered = {"LotRegistered", "LotExported", "LotImported", "TransferOffered"}
    bad = [c for c in cells if c.event in papered and c.document in ("cancelled", "unknown")]
    assert bad
    assert not any(cell.enters for cell in bad)


def test_the_suspended_may_only_dispute(cells: tuple[Cell, ...]) -> None:
    entered = {c.event for c in cells if c.signer == "holder-suspended" and c.enters}
    assert entered == {"StatementDisputed"}
