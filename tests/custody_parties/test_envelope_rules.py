"""The envelope: who, with which key, which number, when, with which fields, on which heads."""

from __future__ import annotations

from typing import Any

import pytest
from ledger_world import DAY, HOUR, LedgerWorld, bare_world, code_of, key, kid, tables

from ledger.custody.control import EvidenceAttached, FindingClosed, StatementDisputed
from ledger.custody.documents import DocumentIssued, DocumentRecorded, Paper
from ledger.custody.facilities import FacilityRegistered
from ledger.custody.goods import NewLot, Part, Row
from ledger.custody.lots import Basis, LotRegistered, LotSplit
from ledger.custody.parties import (
    KeyAdded,
    KeyRotated,
    PartyRestored,
    PartySuspended,
    RootChanged,
    RuleSetAdopted,
)
from ledger.custody.subjects import Kind
from ledger.custody.transfers import Moves, TransferAccepted, TransferOffered

SHED = FacilityRegistered("farm/shed", "farm", "ZW")
SKINS = Row("Crocodylus niloticus", "SKI", 10, "NAR", "C", "ZW")


def registration(lots: int = 1) -> LotRegistered:
    return LotRegistered(Basis.OPENING_STOCK, tuple(NewLot((SKINS,)) for _ in range(lots)))


def born(world: LedgerWorld, lots: int = 1) -> tuple[str, ...]:
    statement_id = world.do(registration(lots), by="farm")
    return tuple(code_of(statement_id, i) for i in range(lots))


def test_an_enrolled_party_signs_with_its_key(world: LedgerWorld) -> None:
    assert world.rule(SHED, by="farm") == ""


@pytest.mark.parametrize(
    ("rule", "by", "common"),
    [
        pytest.param("key.unknown", "farm", {"key": "tannery"}, id="key-of-another-party"),
        pytest.param("key.unknown", "farm", {"key": "nobody"}, id="key-of-nobody"),
        pytest.param("key.unknown", "nobody", {}, id="party-that-is-not-enrolled"),
        pytest.param("party.unknown", "registrar", {"key": "registrar-0"}, id="registrar-as-party"),
        pytest.param("seq.used", "farm", {"seq": 0}, id="number-nought"),
        pytest.param("seq.too-far", "farm", {"seq": 1_001}, id="number-far-ahead"),
        pytest.param("party.not-entitled", "auditor", {}, id="auditor-as-trader"),
        pytest.param("party.not-entitled", "ranger", {}, id="officer-as-trader"),
        pytest.param("party.not-entitled", "root", {}, id="root-as-trader"),
    ],
)
def test_a_signer_is_refused(world: LedgerWorld, rule: str, by: str, common: Any) -> None:
    assert world.rule(SHED, by=by, **common) == rule


def test_a_key_ends_with_its_rotation(world: LedgerWorld) -> None:
    world.do(KeyRotated(key("farm-2"), b"", 1), by="farm")
    assert world.rule(SHED, by="farm") == "key.not-in-force"
    assert world.rule(SHED, by="farm", key="farm-2") == ""


def test_a_key_is_not_in_force_at_its_own_leaf(world: LedgerWorld) -> None:
    world.do(KeyAdded(key("farm-2"), b""), by="farm")
    assert world.rule(SHED, by="farm", key="farm-2", index=world.index - 1) == "key.not-in-force"
    assert world.rule(SHED, by="farm", key="farm-2") == ""


def test_a_suspended_party_only_disputes_and_vetoes(world: LedgerWorld) -> None:
    (lot,) = born(world)
    world.do(PartySuspended("farm", "an inquiry"), by="ranger")
    assert world.rule(SHED, by="farm") == "party.suspended"
    assert world.rule(KeyAdded(key("farm-2"), b""), by="farm") == "party.suspended"
    assert world.rule(StatementDisputed(bytes(32), (lot,), "not so"), by="farm") == ""
    world.do(PartyRestored("farm", "all is well"), by="ranger")
    assert world.rule(SHED, by="farm") == ""


@pytest.mark.parametrize(
    ("rule", "shift_s"),
    [("", -71 * HOUR), ("", 600), ("time.ahead", 601)],
)
def test_time_of_signing(world: LedgerWorld, rule: str, shift_s: int) -> None:
    assert world.rule(SHED, by="farm", iat=world.at + shift_s) == rule


def test_the_act_itself_is_not_ahead_of_the_log(world: LedgerWorld) -> None:
    assert world.rule(SHED, by="farm", when=world.at + 600) == ""
    assert world.rule(SHED, by="farm", when=world.at + 601) == "time.ahead"


# 1,790,000,000 s is 2026-09-21T14:13:20Z.
@pytest.mark.parametrize(
    ("rule", "day"),
    [
        ("", "2026-09-20"),
        ("", "2026-09-21"),
        ("", "2026-09-22"),
        ("time.day", "2026-09-19"),
        ("time.day", "2026-09-23"),
        ("time.day", "2025-09-21"),
    ],
)
def test_the_day_fits_the_time(world: LedgerWorld, rule: str, day: str) -> None:
    assert world.rule(SHED, by="farm", when=1_790_000_000, day=day) == rule


@pytest.mark.parametrize("when", [-1, -(2**40), 1 - 2**53])
@pytest.mark.parametrize("day", [None, "2026-09-21", "0001-01-01"])
def test_a_time_before_all_days_is_refused_and_no_fault_of_ours(
    world: LedgerWorld, when: int, day: str | None
) -> None:
    assert world.rule(SHED, by="farm", when=when, day=day) == "time.day"


def test_late_is_noted_on_the_lots_that_are_born(world: LedgerWorld) -> None:
    statement_id = world.do(registration(), by="farm", iat=world.at - 72 * HOUR - 1)
    assert ("time.late", "check") in world.findings(Kind.LOT, code_of(statement_id, 0))
    assert world.findings(Kind.PARTY, "farm") == []


def test_late_is_noted_on_the_lots_of_the_offer_that_is_answered(world: LedgerWorld) -> None:
    (lot,) = born(world)
    head = world.last_id
    offer = TransferOffered("tannery", Moves.BOTH, world.at + DAY, lots={lot: Part()})
    offered = world.do(offer, by="farm", prev={lot: head})
    world.do(TransferAccepted(offered), by="tannery", iat=world.at - 100 * HOUR)
    assert ("time.late", "check") in world.findings(Kind.LOT, lot)


def test_late_is_noted_on_the_party_where_nothing_else_is_named(world: LedgerWorld) -> None:
    world.do(KeyAdded(key("farm-2"), b""), by="farm", iat=world.at - 100 * HOUR)
    assert world.findings(Kind.PARTY, "farm") == [("time.late", "check")]


def test_late_is_noted_on_the_ledger_for_root(world: LedgerWorld) -> None:
    world.do(RuleSetAdopted("ringmark-1", tables()), by="root", iat=world.at - 100 * HOUR)
    assert world.findings(Kind.LEDGER, "") == [("time.late", "check")]


def test_72_hours_are_not_late(world: LedgerWorld) -> None:
    world.do(SHED, by="farm", iat=world.at - 72 * HOUR)
    assert world.findings(Kind.FACILITY, "farm/shed") == []


@pytest.mark.parametrize(
    ("field", "event", "by", "common"),
    [
        pytest.param("prev", SHED, "farm", {"prev": {"0" * 12: bytes(32)}}, id="prev-of-no-move"),
        pytest.param("seen", SHED, "farm", {"seen": {"0" * 12: bytes(32)}}, id="seen-of-no-look"),
        pytest.param("when", KeyAdded(key("n"), b""), "farm", {"when": 1}, id="when-of-a-key"),
        pytest.param("day", SHED, "farm", {"day": "2026-09-21"}, id="day-without-when"),
    ],
)
def test_a_field_that_does_not_belong(
    world: LedgerWorld, field: str, event: Any, by: str, common: Any
) -> None:
    refusal = world.say(event, by=by, **common)
    assert refusal.rule == "envelope.field-not-allowed"  # type: ignore[union-attr]
    assert refusal.params["field"] == field  # type: ignore[union-attr]


def test_seen_may_be_old_and_touches_what_it_names(world: LedgerWorld) -> None:
    (lot,) = born(world)
    event = EvidenceAttached(bytes(32), 1, "image/png", (lot,))
    outcome = world.say(event, by="ranger", seen={lot: bytes(32)})
    assert [s.name for s in outcome.touched] == [lot]  # type: ignore[union-attr]


def test_seen_names_nothing_but_what_the_statement_is_about(world: LedgerWorld) -> None:
    """Else anybody could stretch the history of goods that are none of his business."""
    lot, other = born(world, 2)
    event = EvidenceAttached(bytes(32), 1, "image/png", (lot,))
    assert world.rule(event, by="ranger", seen={other: bytes(32)}) == "custody.seen-other"
    both = {lot: bytes(32), other: bytes(32)}
    assert world.rule(event, by="ranger", seen=both) == "custody.seen-other"
    assert world.rule(event, by="ranger", seen={lot: bytes(32)}) == ""


@pytest.mark.parametrize(
    ("subject", "rule"), [("lot/{0}", "finding.unknown"), ("lot/{1}", "custody.seen-other")]
)
def test_who_closes_a_finding_may_say_what_lot_it_saw(
    world: LedgerWorld, subject: str, rule: str
) -> None:
    lots = born(world, 2)
    event = FindingClosed(subject.format(*lots), "mark.cloned", bytes(32), "looked")
    assert world.rule(event, by="ranger", seen={lots[0]: bytes(32)}) == rule


def test_prev_names_exactly_what_moves(world: LedgerWorld) -> None:
    one, other = born(world, 2)
    head = world.last_id
    split = LotSplit(one, Part(quantity=3))
    assert world.rule(split, by="farm", prev={one: head}) == ""
    assert world.rule(split, by="farm") == "custody.prev-missing"
    assert world.rule(split, by="farm", prev={one: head, other: head}) == "custody.prev-missing"
    assert world.rule(split, by="farm", prev={other: head}) == "custody.prev-missing"


def test_a_head_that_moved_says_who_moved_it(world: LedgerWorld) -> None:
    (lot,) = born(world)
    head = world.last_id
    world.do(LotSplit(lot, Part(quantity=3)), by="farm", prev={lot: head})
    refusal = world.say(LotSplit(lot, Part(quantity=2)), by="farm", prev={lot: head})
    assert refusal.rule == "custody.head-moved"  # type: ignore[union-attr]
    assert refusal.params == {"lot": lot, "by": "farm"}  # type: ignore[union-attr]


def test_a_lot_that_does_not_exist_is_named_as_such(world: LedgerWorld) -> None:
    lot = "0" * 12
    assert world.rule(LotSplit(lot, Part(1)), by="farm", prev={lot: bytes(32)}) == "lot.unknown"


def test_at_most_1000_subjects(world: LedgerWorld) -> None:
    lots = tuple(f"{i:012d}" for i in range(1_001))
    event = EvidenceAttached(bytes(32), 1, "image/png", lots)
    assert world.rule(event, by="ranger") == "envelope.too-many-subjects"


def test_a_lot_named_with_its_head_is_one_subject(world: LedgerWorld) -> None:
    lots = born(world, 600)
    seen = dict.fromkeys(lots, world.last_id)
    event = EvidenceAttached(bytes(32), 1, "image/png", lots)
    assert world.rule(event, by="ranger", seen=seen) == ""


def test_papers_and_places_are_subjects_too(world: LedgerWorld) -> None:
    papers = tuple(f"ZW/EXPORT/{i:05d}" for i in range(1_001))
    lot = NewLot((SKINS,), documents=papers)
    many = LotRegistered(Basis.OPENING_STOCK, (lot,))
    assert world.rule(many, by="farm") == "envelope.too-many-subjects"


def test_nothing_comes_before_the_founding() -> None:
    world = LedgerWorld()
    world.owners[kid("root-1")] = "root"
    assert world.rule(RootChanged((key("root-1"),), 1), by="root") == "founding.leaf"


def test_a_statement_touches_what_its_payload_names(world: LedgerWorld) -> None:
    world.do(DocumentIssued("ZW/EXPORT/1", Paper()), by="ranger")
    lot = NewLot((SKINS,), documents=("ZW/EXPORT/1",))
    outcome = world.say(LotRegistered(Basis.OPENING_STOCK, (lot,)), by="farm")
    kinds = {str(subject).partition("/")[0] for subject in outcome.touched}  # type: ignore[union-attr]
    assert kinds == {"lot", "document", "party"}


def test_signing_alone_touches_no_party(world: LedgerWorld) -> None:
    outcome = world.say(DocumentRecorded("FR/IMPORT/1", Paper()), by="farm")
    touched = ["document/FR/IMPORT/1", "reference/numbers/FR/1"]
    assert [str(subject) for subject in outcome.touched] == touched  # type: ignore[union-attr]


def test_bare_world_has_no_party() -> None:
    assert bare_world().rule(SHED, by="farm") == "key.unknown"
