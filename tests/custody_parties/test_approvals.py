"""Thresholds: grave acts wait for a second office, and are judged again when it agrees."""

from __future__ import annotations

import pytest
from ledger_world import DAY, LedgerWorld, code_of, key, kid

from ledger.custody.accounts import WaitingAccount
from ledger.custody.control import LotConfiscated, LotSeized
from ledger.custody.documents import DocumentIssued, DocumentRecorded, Paper
from ledger.custody.goods import NewLot, Part, Row
from ledger.custody.lots import Basis, LotRegistered, LotState, LotStatus
from ledger.custody.parties import (
    ApprovalGiven,
    CustodyRecovered,
    KeyRecovered,
    PartyEnrolled,
    PartyRestored,
    PartyScopeChanged,
    PartySuspended,
    Scope,
)
from ledger.custody.references import Figure, YieldSet
from ledger.custody.rules.approvals import WAITING_MAX
from ledger.custody.state import Change
from ledger.custody.subjects import Kind, Subject

LATE = Paper(retrospective="flood")
RESTORED = PartyRestored("farm", "all is well")
SKINS = Row("Crocodylus niloticus", "SKI", 10, "NAR", "C", "ZW")


def suspended(world: LedgerWorld) -> None:
    world.do(PartySuspended("farm", "an inquiry"), by="ranger")


def test_one_person_suffices_where_the_table_says_so(world: LedgerWorld) -> None:
    suspended(world)
    world.do(RESTORED, by="ranger")
    assert world.party("farm").status == "active"
    assert world.acts == {}


def test_two_officers_restore(strict: LedgerWorld) -> None:
    suspended(strict)
    proposal = strict.do(RESTORED, by="ranger")
    assert strict.party("farm").status == "suspended"
    (waiting,) = strict.party("farm").pending
    assert (waiting.id, waiting.type, waiting.given) == (proposal, "PartyRestored", 1)
    strict.do(ApprovalGiven(proposal), by="warden")
    assert strict.party("farm").status == "active"
    assert strict.party("farm").pending == ()
    assert strict.acts == {}


def test_one_officer_alone_suspends_and_never_restores(strict: LedgerWorld) -> None:
    suspended(strict)
    assert strict.party("farm").status == "suspended"
    strict.do(RESTORED, by="ranger")
    assert strict.party("farm").status == "suspended"


def test_the_completing_approval_touches_what_the_act_is_about(strict: LedgerWorld) -> None:
    suspended(strict)
    proposal = strict.do(RESTORED, by="ranger")
    outcome = strict.say(ApprovalGiven(proposal), by="warden")
    assert isinstance(outcome, Change)
    assert outcome.touched == (Subject(Kind.PARTY, "farm"),)


@pytest.mark.parametrize(
    ("rule", "by"),
    [
        pytest.param("approval.twice", "ranger", id="the-proposer-again"),
        pytest.param("approval.not-entitled", "clerk", id="officer-without-the-power"),
        pytest.param("approval.not-entitled", "tannery", id="trader"),
        pytest.param("party.suspended", "farm", id="the-judged"),
        pytest.param("party.out-of-reach", "customs", id="authority-abroad"),
        pytest.param("approval.not-entitled", "root", id="root-for-an-officer"),
        pytest.param("", "warden", id="colleague"),
        pytest.param("", "parks", id="authority"),
    ],
)
def test_who_approves(strict: LedgerWorld, rule: str, by: str) -> None:
    suspended(strict)
    proposal = strict.do(RESTORED, by="ranger")
    assert strict.rule(ApprovalGiven(proposal), by=by) == rule


def test_an_approval_of_nothing(strict: LedgerWorld) -> None:
    assert strict.rule(ApprovalGiven(bytes(32)), by="ranger") == "approval.unknown"
    assert strict.rule(ApprovalGiven(bytes(32)), by="root") == "approval.unknown"


def test_an_act_is_approved_once(strict: LedgerWorld) -> None:
    suspended(strict)
    proposal = strict.do(RESTORED, by="ranger")
    strict.do(ApprovalGiven(proposal), by="warden")
    assert strict.rule(ApprovalGiven(proposal), by="parks") == "approval.unknown"


def test_an_act_lapses_after_30_days(strict: LedgerWorld) -> None:
    suspended(strict)
    at = strict.at
    proposal = strict.do(RESTORED, by="ranger")
    strict.at = at + 30 * DAY
    assert strict.rule(ApprovalGiven(proposal), by="warden") == ""
    strict.at += 1
    assert strict.rule(ApprovalGiven(proposal), by="warden") == "approval.lapsed"
    again = strict.do(RESTORED, by="ranger")
    assert [act.id for act in strict.party("farm").pending] == [again]
    assert set(strict.acts) == {again}


def test_who_proposed_must_still_be_in_office(strict: LedgerWorld) -> None:
    suspended(strict)
    proposal = strict.do(RESTORED, by="ranger")
    strict.do(PartySuspended("ranger", "bribed"), by="parks")
    assert strict.rule(ApprovalGiven(proposal), by="warden") == "approval.not-entitled"


def test_who_proposed_must_still_have_the_power(strict: LedgerWorld) -> None:
    suspended(strict)
    proposal = strict.do(RESTORED, by="ranger")
    strict.do(PartyScopeChanged("ranger", ("officer",), Scope(("documents",))), by="parks")
    assert strict.rule(ApprovalGiven(proposal), by="warden") == "approval.not-entitled"


def test_an_act_is_judged_on_the_state_of_its_completion(strict: LedgerWorld) -> None:
    suspended(strict)
    one = strict.do(RESTORED, by="ranger")
    other = strict.do(RESTORED, by="warden")
    strict.do(ApprovalGiven(one), by="warden")
    assert strict.rule(ApprovalGiven(other), by="ranger") == "party.state"


def test_two_officers_recover_a_key_that_then_waits(strict: LedgerWorld) -> None:
    proposal = strict.do(KeyRecovered("farm", key("farm-9"), b""), by="ranger")
    assert kid("farm-9") not in strict.party("farm").keys
    strict.do(ApprovalGiven(proposal), by="warden")
    assert kid("farm-9") in strict.party("farm").keys


def test_a_key_that_was_enrolled_meanwhile_is_not_recovered(strict: LedgerWorld) -> None:
    proposal = strict.do(KeyRecovered("farm", key("n"), b""), by="ranger")
    strict.enrol("other", "farm", by="parks", key=key("n"))
    assert strict.rule(ApprovalGiven(proposal), by="warden") == "key.reused"


def stocked(world: LedgerWorld) -> str:
    event = LotRegistered(Basis.OPENING_STOCK, (NewLot((SKINS,)),))
    return code_of(world.do(event, by="farm"), 0)


def lot(world: LedgerWorld, code: str) -> LotState:
    state = world.states[Subject(Kind.LOT, code)]
    assert isinstance(state, LotState)
    return state


def test_two_officers_recover_custody(strict: LedgerWorld) -> None:
    code = stocked(strict)
    recovery = CustodyRecovered("farm", "tannery", (code,), "died")
    proposal = strict.do(recovery, by="ranger")
    assert lot(strict, code).holder == "farm"
    assert [act.id for act in lot(strict, code).pending] == [proposal]
    assert strict.findings(Kind.LOT, code) == [("basis.not-attested", "check")]
    strict.do(ApprovalGiven(proposal), by="warden")
    state = lot(strict, code)
    assert (state.holder, state.head, state.pending) == ("tannery", proposal, ())
    assert ("recovery.moved", "note") in strict.findings(Kind.LOT, code)


def waiting(world: LedgerWorld, party: str) -> list[bytes]:
    state = world.states.get(Subject(Kind.ACCOUNT, f"waiting/{party}"))
    assert isinstance(state, WaitingAccount)
    return [act.id for act in state.pending]


def test_what_is_not_in_the_ledger_yet_waits_in_an_account_of_its_proposer(
    strict: LedgerWorld,
) -> None:
    before = strict.ledger()
    event = YieldSet((Figure("x", 1, 2, "2026-01-01", "confirmed", "a study"),))
    proposal = strict.do(event, by="ranger")
    assert waiting(strict, "ranger") == [proposal]
    strict.do(ApprovalGiven(proposal), by="warden")
    assert waiting(strict, "ranger") == []
    assert strict.ledger() == before


def test_an_act_stays_where_it_began_to_wait(strict: LedgerWorld) -> None:
    """A copy was recorded meanwhile: the act ends in its account all the same."""
    proposal = strict.do(DocumentIssued("ZW/EXPORT/1", LATE), by="ranger")
    strict.do(DocumentRecorded("ZW/EXPORT/1", Paper()), by="farm")
    strict.do(ApprovalGiven(proposal), by="warden")
    assert waiting(strict, "ranger") == []


def test_nobody_has_more_than_twenty_acts_wait_in_an_account(strict: LedgerWorld) -> None:
    for number in range(WAITING_MAX):
        strict.do(DocumentIssued(f"ZW/EXPORT/{number}", LATE), by="ranger")
    more = DocumentIssued("ZW/EXPORT/99", LATE)
    assert strict.rule(more, by="ranger") == "approval.too-many"
    assert strict.rule(more, by="warden") == ""


def test_who_proposed_signed_where_the_proposal_stands(strict: LedgerWorld) -> None:
    """Not where the approval completed it: its key may have ended since."""
    code = stocked(strict)
    place = strict.index
    proposal = strict.do(CustodyRecovered("farm", "tannery", (code,), "died"), by="ranger")
    strict.do(ApprovalGiven(proposal), by="warden")
    (row,) = [s for s in lot(strict, code).signers if s.party == "ranger"]
    assert row.last == place


def test_title_passes_by_two_of_the_authority_that_seized(strict: LedgerWorld) -> None:
    code = stocked(strict)
    strict.do(LotSeized({code: Part()}, "no papers"), by="ranger")
    proposal = strict.do(LotConfiscated((code,), "a court decided"), by="ranger")
    assert lot(strict, code).status is LotStatus.SEIZED
    # Another authority and officers without the power are no second voice.
    assert strict.rule(ApprovalGiven(proposal), by="customs") == "custody.not-holder"
    assert strict.rule(ApprovalGiven(proposal), by="clerk") == "office.no-power"
    strict.do(ApprovalGiven(proposal), by="warden")
    assert lot(strict, code).status is LotStatus.CONFISCATED


def enrolment(name: str) -> PartyEnrolled:
    return PartyEnrolled(name, "FR", ("authority",), key(name), b"")


def test_root_acts_need_the_root_threshold(strict: LedgerWorld) -> None:
    proposal = strict.do(enrolment("ma-fr"), by="root")
    assert Subject(Kind.PARTY, "ma-fr") not in strict.states
    assert [act.id for act in strict.ledger().pending] == [proposal]
    assert strict.rule(ApprovalGiven(proposal), by="root") == "approval.twice"
    assert strict.rule(ApprovalGiven(proposal), by="parks") == "approval.not-entitled"
    strict.do(ApprovalGiven(proposal), by="root", key="root-2")
    assert strict.party("ma-fr").roles == ("authority",)
    assert strict.ledger().pending == ()


def test_two_proposals_of_one_name_end_in_one_party(strict: LedgerWorld) -> None:
    one = strict.do(enrolment("ma-fr"), by="root")
    other = strict.do(enrolment("ma-fr"), by="root", key="root-2")
    strict.do(ApprovalGiven(one), by="root", key="root-2")
    assert strict.rule(ApprovalGiven(other), by="root") == "party.exists"


def test_one_root_key_alone_suspends(strict: LedgerWorld) -> None:
    strict.do(PartySuspended("parks", "bribed"), by="root")
    assert strict.party("parks").status == "suspended"


def test_at_most_20_acts_wait_on_one_subject(strict: LedgerWorld) -> None:
    for i in range(WAITING_MAX):
        strict.do(enrolment(f"ma-{i}"), by="root")
    assert strict.rule(enrolment("ma-fr"), by="root") == "approval.too-many"
    strict.at += 31 * DAY
    assert strict.rule(enrolment("ma-fr"), by="root") == ""


def test_nobody_fills_the_room_of_others(strict: LedgerWorld) -> None:
    for i in range(WAITING_MAX):
        strict.do(enrolment(f"ma-{i}"), by="root")
    assert strict.rule(enrolment("ma-fr"), by="root", key="root-2") == ""
    assert strict.rule(enrolment("ma-fr"), by="root") == "approval.too-many"


@pytest.mark.parametrize("is_said", [False, True])
def test_a_proposal_may_say_what_it_saw(strict: LedgerWorld, is_said: bool) -> None:
    code = stocked(strict)
    recovery = CustodyRecovered("farm", "tannery", (code,), "died")
    seen = {code: bytes(32)} if is_said else {}
    assert strict.rule(recovery, by="ranger", seen=seen) == ""
