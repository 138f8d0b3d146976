"""Corrections: what may be said anew, by whom, and who must agree."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace
from trade_world import DAY, POWERS, World, bred, harvested, new_world, skins, tags

from ledger.custody.control import LotInspected, StatementCorrected
from ledger.custody.documents import DocumentEndorsed, DocumentRow, DocumentState, Passed, Way
from ledger.custody.goods import Measure, Part
from ledger.custody.lots import LotExported, LotSplit, LotTransformed
from ledger.custody.parties import ApprovalGiven, PartyState, Scope
from ledger.custody.rules.corrections import Need, may_approve, need_of
from ledger.custody.state import Change, Draft
from ledger.custody.subjects import Kind, Subject
from ledger.custody.transfers import Moves, TransferAccepted, TransferOffered


@pytest.fixture
def lot(world: World) -> str:
    (code,) = world.tell(bred(skins(10, marks=tags(1, 10))), by="farm")
    return code


def correction(world: World, code: str, **changes: Any) -> StatementCorrected:
    fields = {"of": world.lot(code).head, "lot": code, "reason": "a slip"} | changes
    return StatementCorrected(**fields)


def fewer(world: World, code: str, **changes: Any) -> StatementCorrected:
    fields = {"contents": skins(8).contents, "remove": tags(1, 2)} | changes
    return correction(world, code, **fields)


def need(world: World, event: StatementCorrected, *, by: str = "farm") -> Need:
    return need_of(world.signed(event, by=by), Draft(world))


def approvers(world: World, event: StatementCorrected, *, by: str = "farm") -> set[str]:
    proposal, draft = world.signed(event, by=by), Draft(world)
    names = ("farm", "tannery", "maker", "officer", "parks", "auditor")
    return {name for name in names if may_approve(proposal, draft, party=name)}


def sell(world: World, code: str) -> None:
    offer = TransferOffered("tannery", Moves.BOTH, world.at + DAY, {code: Part()})
    world.tell(offer, by="farm")
    world.tell(TransferAccepted(world.last_offer()), by="tannery")


def test_the_signer_alone_says_less_of_its_head(world: World, lot: str) -> None:
    head = world.lot(lot).head
    event = fewer(world, lot)
    assert need(world, event) is Need.NOBODY
    world.tell(event, by="farm")
    state = world.lot(lot)
    assert (state.contents[0].quantity, state.marks) == (8, tags(3, 10))
    assert (state.corrected, state.head, state.holder) == (1, head, "farm")
    mark = world.states[Subject(Kind.MARK, "CITES/ZW-2026-000001-NIL")]
    assert (mark.claims, mark.lots) == (0, ())  # type: ignore[union-attr]


MORE = {
    "more-quantity": {"contents": skins(11).contents},
    "another-taxon": {"contents": skins(10, taxon="Crocodylus porosus").contents},
    "another-term": {"contents": skins(10, term="SID").contents},
    "another-source": {"contents": skins(10, source="W").contents},
    "another-origin": {"contents": skins(10, origin="ZM").contents},
    "one-row-more": {"contents": skins(5).contents * 2},
    "marks-added": {"contents": skins(10).contents, "add": tags(11, 11)},
}


@pytest.mark.parametrize("case", MORE)
def test_saying_more_always_needs_an_officer(world: World, lot: str, case: str) -> None:
    event = correction(world, lot, **MORE[case])
    assert need(world, event) is Need.OFFICER
    assert approvers(world, event) == {"officer", "parks"}


def test_another_year_needs_someone_else(world: World, lot: str) -> None:
    assert need(world, correction(world, lot, year=2025)) is Need.COUNTERPARTY
    assert need(world, correction(world, lot, also=(Measure(5, "GRM"),))) is Need.NOBODY


def test_before_acceptance_the_sender_after_it_both(world: World, lot: str) -> None:
    birth = world.lot(lot).head
    sell(world, lot)
    event = fewer(world, lot, of=birth)
    assert need(world, event) is Need.COUNTERPARTY
    assert approvers(world, event) == {"tannery", "officer", "parks"}
    own = fewer(world, lot)
    assert need(world, own, by="tannery") is Need.NOBODY
    back = fewer(world, lot, of=birth)
    assert approvers(world, back, by="tannery") == {"farm", "officer", "parks"}


def test_who_built_on_its_own_statement_asks_an_officer(world: World, lot: str) -> None:
    birth = world.lot(lot).head
    world.tell(LotSplit(lot, Part(marks=tags(9, 10))), by="farm")
    event = correction(world, lot, of=birth, contents=skins(7).contents, remove=tags(1, 1))
    assert need(world, event) is Need.COUNTERPARTY
    assert approvers(world, event) == {"officer", "parks"}


def test_an_officer_proposes_and_the_holder_agrees(world: World, lot: str) -> None:
    event = fewer(world, lot)
    assert need(world, event, by="officer") is Need.HOLDER
    assert approvers(world, event, by="officer") == {"farm", "parks"}


@pytest.mark.parametrize(
    ("rule", "by", "changes"),
    [
        ("lot.unknown", "farm", {"lot": "0" * 12}),
        ("correction.not-concerned", "tannery", {"year": 2025}),
        ("correction.empty", "farm", {}),
        ("correction.empty", "farm", {"year": 2025, "reason": " "}),
        ("goods.year", "farm", {"year": 2100}),
        ("taxon.unknown", "farm", {"contents": skins(10, taxon="Dragon").contents}),
        ("quantity.zero", "farm", {"also": (Measure(0, "GRM"),)}),
        ("mark.not-here", "farm", {"remove": tags(11, 11)}),
        ("mark.twice", "farm", {"add": tags(1, 1)}),
        ("mark.form", "farm", {"remove": tags(2, 2) + tags(1, 1)}),
        ("mark.count", "farm", {"remove": tags(1, 1)}),
        ("mark.count", "farm", {"contents": skins(9).contents}),
    ],
)
def test_refused(world: World, lot: str, rule: str, by: str, changes: dict[str, Any]) -> None:
    event = replace(correction(world, lot), **changes)
    assert world.rule(event, by=by) == rule


def test_what_was_used_up_stays_as_it_was_said(world: World, lot: str) -> None:
    tanned = skins(10, facility=None)
    world.tell(LotTransformed("tan", {lot: Part()}, (tanned,)), by="farm")
    assert world.rule(fewer(world, lot), by="farm") == "correction.ended"


def test_an_added_mark_of_another_lot_is_a_clone(world: World, lot: str) -> None:
    world.tell(bred(skins(1, marks=tags(50, 50))), by="farm")
    event = correction(world, lot, remove=tags(10, 10), add=tags(50, 50))
    world.tell(event, by="farm")
    assert world.findings(lot) == [("mark.cloned", "stop")]


def test_a_correction_that_waits_stops_nobody() -> None:
    world = new_world(full=True)
    (lot,) = world.tell(bred(skins(10, marks=tags(1, 10))), by="farm")
    (other,) = world.tell(
        harvested(skins(1, source="W", facility=None, marks=tags(50, 50))), by="maker"
    )
    event = correction(world, lot, remove=tags(10, 10), add=tags(50, 50))
    world.tell(event, by="farm")
    (act,) = world.acts
    assert world.findings(lot) == world.findings(other) == []
    assert world.lot(lot).pending[0].type == "StatementCorrected"
    assert world.rule(ApprovalGiven(act), by="tannery") == "approval.not-entitled"
    world.tell(ApprovalGiven(act), by="officer")
    assert world.findings(lot) == world.findings(other) == [("mark.cloned", "stop")]
    assert (world.lot(lot).corrected, world.lot(lot).pending) == (1, ())


def test_an_officer_of_another_country_who_only_looked_proposes_no_more() -> None:
    """Else a look, which anybody with the power may take, and a holder would make skins."""
    world = new_world(full=True)
    abroad = Subject(Kind.PARTY, "inspector")
    known = world.states[abroad]
    assert isinstance(known, PartyState)
    world.states[abroad] = replace(known, country="FR", scope=Scope(POWERS, ("FR",)))
    (lot,) = world.tell(bred(skins(10)), by="farm")
    event = correction(world, lot, contents=skins(1_000).contents)
    assert world.rule(event, by="inspector") == "correction.not-concerned"
    world.tell(LotInspected((lot,), "matches"), by="inspector")
    assert need(world, event, by="inspector") is Need.OFFICER
    world.tell(event, by="inspector")
    (act,) = world.acts
    assert world.rule(ApprovalGiven(act), by="farm") == "approval.not-entitled"
    assert world.rule(ApprovalGiven(act), by="officer") == ""


class TestAfterABorder:
    """What passed a border under a permit is not made more afterwards, and nobody notices."""

    @pytest.fixture
    def passed(self, trade: World) -> tuple[World, str]:
        row = DocumentRow("Crocodylus niloticus", "SKI", 120, "NAR", "C", "ZW")
        state = DocumentState(status="issued", by="parks", purpose="T", rows=(row,))
        trade.states[Subject(Kind.DOCUMENT, "ZW/EXPORT/1")] = state
        (code,) = trade.tell(bred(skins(100)), by="farm")
        trade.tell(LotExported((code,), "ZW/EXPORT/1", "ZW", "FR"), by="farm")
        return trade, code

    @pytest.mark.parametrize(
        ("changes", "expected"),
        [
            pytest.param({"contents": skins(101).contents}, ["check"], id="one-more"),
            pytest.param({"contents": skins(100, source="F").contents}, ["check"], id="other-ones"),
            pytest.param({"contents": skins(99).contents}, [], id="fewer"),
            pytest.param({"year": 2025}, [], id="another-year"),
        ],
    )
    def test_it_is_looked_at(
        self, passed: tuple[World, str], changes: Any, expected: list[str]
    ) -> None:
        world, code = passed
        correct(world, correction(world, code, **changes))
        assert crossed(world, code) == expected

    def test_as_much_as_an_officer_saw_pass(self, passed: tuple[World, str]) -> None:
        world, code = passed
        seen = DocumentEndorsed("ZW/EXPORT/1", Way.EXPORT, "ZW", (Passed(0, 120, code),))
        world.tell(seen, by="officer")
        correct(world, correction(world, code, contents=skins(120).contents))
        assert crossed(world, code) == []

    def test_what_never_passed_is_corrected_as_before(self, trade: World) -> None:
        (code,) = trade.tell(bred(skins(100)), by="farm")
        correct(trade, correction(trade, code, contents=skins(120).contents))
        assert crossed(trade, code) == []


def correct(world: World, event: StatementCorrected) -> None:
    """A correction of the farm, approved by the authority where it waits for one."""
    proposal = world.signed(event, by="farm")
    outcome = world.judge(proposal)
    assert isinstance(outcome, Change), outcome
    world.apply(outcome)
    if world.act(proposal.id) is not None:
        world.tell(ApprovalGiven(proposal.id), by="parks")


def crossed(world: World, code: str) -> list[str]:
    return [severity for rule, severity in world.findings(code) if rule == "correction.crossed"]
