"""Records that others write on: none grows without end, and nothing that was seen falls silent."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace
from tagging import allotted, lot, tags
from trade_world import DAY, World, new_world, skins

from ledger.custody.blanks import BlanksReported, BlankState, BlankStatus
from ledger.custody.control import FindingClosed
from ledger.custody.decide import ALIKE_MAX
from ledger.custody.documents import (
    DocumentAttested,
    DocumentCancelled,
    DocumentEndorsed,
    DocumentIssued,
    DocumentRecorded,
    DocumentRow,
    DocumentState,
    EndorsementWithdrawn,
    Paper,
    Passed,
    Way,
)
from ledger.custody.effects.claims import CLAIMS_KEPT
from ledger.custody.effects.filing import COPIES_EACH, DOCUMENTS_MAX
from ledger.custody.goods import MarkRange, Part, expand
from ledger.custody.lots import Basis, LotRegistered
from ledger.custody.marks import MarkState
from ledger.custody.references import PermitRegister
from ledger.custody.rules.permit_marks import BLOCK, TOLD_BY
from ledger.custody.subjects import Finding, Kind, Severity, Subject
from ledger.custody.transfers import (
    Moves,
    TransferDispatched,
    TransferOffered,
)

TWO, TWICE, STOLEN = "mark.two-permits", "blank.twice", "blank.stolen"


def permit(marks: tuple[MarkRange, ...] = (), **more: Any) -> Paper:
    row = DocumentRow("Crocodylus niloticus", "SKI", 1_000, "NAR", "C", "ZW", marks=marks)
    return Paper(rows=(row,), **more)


def name(number: int, kind: str = "EXPORT") -> str:
    return f"ZW/{kind}/2026-{number}"


def record(world: World, number: int, first: int, last: int, *, by: str = "tannery") -> None:
    world.tell(DocumentRecorded(name(number), permit(tags(first, last))), by=by)


def issue(world: World, number: int, first: int, last: int) -> None:
    world.tell(DocumentIssued(name(number), permit(tags(first, last))), by="parks")


def on(world: World, number: int, rule: str = TWO) -> dict[str, int]:
    """Return by severity on how many marks a finding of that rule stands on a document."""
    state = world.states[Subject(Kind.DOCUMENT, name(number))]
    assert isinstance(state, DocumentState)
    return {f.severity.value: len(f.marks) for f in state.findings if f.rule == rule}


def registers(world: World) -> list[PermitRegister]:
    return [state for state in world.states.values() if isinstance(state, PermitRegister)]


class TestPermits:
    def test_copies_do_not_crowd_a_register(self, trade: World) -> None:
        for number in range(100, 400):
            record(trade, number, 1, BLOCK - 1)
        (register,) = registers(trade)
        assert len(register.permit_runs) == TOLD_BY
        assert [on(trade, n) for n in (100, 101, 399)] == [{}, {"check": 99}, {"check": 99}]
        issue(trade, 1, 1, 10)
        assert on(trade, 1) == {"check": 10}
        assert len(register_of(trade).permit_runs) == TOLD_BY + 1

    def test_whoever_names_each_tag_alone_fills_one_register_and_no_more(
        self, trade: World
    ) -> None:
        for number in range(3 * BLOCK):
            serial = number % BLOCK
            record(trade, 100 + number, serial, serial)
        assert len(register_of(trade).permit_runs) == TOLD_BY * BLOCK
        issue(trade, 1, 0, BLOCK - 1)
        assert on(trade, 1) == {"check": BLOCK}

    def test_what_a_hundred_copies_say_of_one_permit_is_one_finding(self, trade: World) -> None:
        for number in range(50):
            record(trade, 100 + number, 2 * number, 2 * number + 1)
        issue(trade, 1, 0, BLOCK - 1)
        state = trade.states[Subject(Kind.DOCUMENT, name(1))]
        assert [len(f.marks) for f in state.findings if f.rule == TWO] == [BLOCK]

    def test_a_flood_of_copies_hides_no_second_permit(self, trade: World) -> None:
        issue(trade, 1, 1, 10)
        for number in range(100, 140):
            record(trade, number, 1, 10)
        issue(trade, 2, 5, 15)
        assert on(trade, 1) == {"stop": 6}
        assert on(trade, 2)["stop"] == 6

    def test_a_copy_that_an_officer_confirmed_is_kept(self, trade: World) -> None:
        for number in (100, 101, 102):
            record(trade, number, 1, 10)
        trade.tell(DocumentAttested(name(102), "original"), by="customs")
        assert {run.document for run in register_of(trade).permit_runs} >= {name(102)}
        issue(trade, 1, 1, 10)
        assert on(trade, 1)["stop"] == 10
        assert on(trade, 102)["stop"] == 10

    def test_what_is_gone_leaves_its_register(self, trade: World) -> None:
        issue(trade, 1, 1, 10)
        record(trade, 100, 1, 10)
        assert on(trade, 100) == {"check": 10}
        trade.tell(DocumentCancelled(name(1), "a slip"), by="parks")
        assert on(trade, 100) == {}
        assert {run.document for run in register_of(trade).permit_runs} == {name(100)}

    def test_a_copy_that_its_issuer_corrects_stands_by_its_new_tags(self, trade: World) -> None:
        record(trade, 1, 1, 10)
        issue(trade, 1, 21, 30)
        issue(trade, 2, 1, 10)
        assert (on(trade, 1), on(trade, 2)) == ({}, {})

    @settings(deadline=None, max_examples=60)
    @given(st.lists(st.tuples(st.booleans(), st.integers(0, 120), st.integers(0, 30)), max_size=25))
    def test_as_long_as_nothing_ends_each_tag_is_compared(
        self, told: list[tuple[bool, int, int]]
    ) -> None:
        world, named = new_world(full=True), dict[int, tuple[set[str], bool]]()
        for number, (is_copy, first, more) in enumerate(told):
            marks = set(expand(tags(first, first + more)))
            (record if is_copy else issue)(world, number, first, first + more)
            issued = [m for m, copy in named.values() if not copy and not is_copy]
            stop = marks & set().union(*issued)
            check = marks & set().union(*(m for m, copy in named.values() if copy or is_copy))
            found = {"stop": len(stop), "check": len(check - stop)}
            assert on(world, number) == {k: v for k, v in found.items() if v}
            named[number] = (marks, is_copy)
        for register in registers(world):
            copies = {r.document for r in register.permit_runs if named[_number(r.document)][1]}
            assert len(copies) <= TOLD_BY * BLOCK


def rival(world: World, first: int, last: int, *, by: str = "tannery") -> str:
    """Somebody says that skins with these tags were in his hands before, however often."""
    goods = skins(last - first + 1, marks=tags(first, last), facility=None)
    event = LotRegistered(Basis.OTHER_LEDGER, (goods,), reference="an old ledger")
    (code,) = world.tell(event, by=by)
    return code


def register_of(world: World) -> PermitRegister:
    (register,) = registers(world)
    return register


def _number(document: str) -> int:
    return int(document.rpartition("-")[2])


@pytest.mark.parametrize(("tens", "rule"), [(10, ""), (11, "mark.too-many")])
def test_a_document_names_ten_thousand_marks(trade: World, tens: int, rule: str) -> None:
    lines = (tags(1_000 * n + 1, 1_000 * n + 1_000) for n in range(tens))
    rows = tuple(row for marks in lines for row in permit(marks).rows)
    assert trade.rule(DocumentRecorded(name(1), Paper(rows=rows)), by="tannery") == rule


class TestStamps:
    def bear(self, world: World, number: int, *, by: str, copy: bool = True) -> None:
        paper = permit(stamp="ZW000120")
        event = DocumentRecorded if copy else DocumentIssued
        world.tell(event(name(number), paper), by=by)

    def test_copies_take_no_place_of_what_was_issued(self, trade: World) -> None:
        for number in range(100, 130):
            self.bear(trade, number, by="tannery")
        for number in range(200, 230):
            self.bear(trade, number, by="maker")
        self.bear(trade, 1, by="parks", copy=False)
        state = trade.states[Subject(Kind.REFERENCE, "blanks/ZW/STAMP/ZW000120")]
        assert isinstance(state, BlankState)
        assert len(state.documents) == 2 * COPIES_EACH + 1
        assert on(trade, 129, TWICE) == {"check": 0}
        report = (MarkRange("STAMP", "ZW", 120, 120, 6, ""),)
        trade.tell(BlanksReported("ZW", BlankStatus.STOLEN, report, "broken into"), by="parks")
        assert on(trade, 1, STOLEN) == {"stop": 0}
        assert on(trade, 200, STOLEN) == {"stop": 0}

    def test_a_stamp_on_every_paper_of_an_office_stays_short(self, trade: World) -> None:
        for number in range(30):
            self.bear(trade, number, by="parks", copy=False)
        state = trade.states[Subject(Kind.REFERENCE, "blanks/ZW/STAMP/ZW000120")]
        assert isinstance(state, BlankState)
        assert len(state.documents) == DOCUMENTS_MAX
        assert on(trade, 29, TWICE) == {"check": 0}


class TestClaims:
    def test_a_mark_remembers_ten_claims_and_its_owner_among_them(self, trade: World) -> None:
        trade.tell(allotted(), by="parks")
        first = [rival(trade, 1, 1) for _ in range(2 * CLAIMS_KEPT)]
        own = lot(trade, 1, 1)
        state = trade.states[Subject(Kind.MARK, expand(tags(1, 1))[0])]
        assert isinstance(state, MarkState)
        assert (state.claims, len(state.lots)) == (2 * CLAIMS_KEPT + 1, CLAIMS_KEPT)
        assert (own in state.lots, own in state.allotted) == (True, True)
        assert ("mark.cloned", "note") in trade.findings(own)
        later = rival(trade, 1, 1)
        for code in (*first, later):
            assert ("mark.cloned", "stop") in trade.findings(code)
        assert ("mark.cloned", "stop") not in trade.findings(own)

    def test_claims_of_one_tag_each_leave_fifty_findings_that_speak_of_all(
        self, trade: World
    ) -> None:
        code = lot(trade, 1, ALIKE_MAX + 10)
        for serial in range(1, ALIKE_MAX + 11):
            rival(trade, serial, serial)
        found = [f for f in trade.lot(code).findings if f.rule == "mark.cloned"]
        assert len(found) == ALIKE_MAX
        assert sum(1 + f.more for f in found) == ALIKE_MAX + 10
        assert {m for f in found for m in f.marks} == set(expand(tags(1, ALIKE_MAX + 10)))

    def test_who_closes_a_seal_again_and_again_adds_nothing(self, trade: World) -> None:
        victim = lot(trade, 1, 1)
        seal = (MarkRange("SEAL", "ZW", 7, 7, 6, ""),)
        send(trade, victim, seal, by="farm", to="tannery")
        for number in range(2, 7):
            send(trade, rival(trade, number, number), seal, by="tannery", to="farm")
        found = [f for f in trade.lot(victim).findings if f.rule == "seal.reused"]
        assert [f.severity.value for f in found] == ["check"]


def send(world: World, code: str, seals: tuple[MarkRange, ...], *, by: str, to: str) -> None:
    world.tell(TransferOffered(to, Moves.BOTH, world.at + DAY, {code: Part()}), by=by)
    world.tell(TransferDispatched(world.last_offer(), world.at + DAY, seals=seals), by=by)


class TestFindings:
    @pytest.fixture
    def flooded(self, trade: World) -> tuple[World, str]:
        """Skins on which sixty findings of one rule were made, ten of them not listed."""
        code = lot(trade, 1, ALIKE_MAX + 11)
        for serial in range(1, ALIKE_MAX + 11):
            rival(trade, serial, serial)
        return trade, code

    def counting(self, world: World, code: str) -> Finding:
        (found,) = [f for f in world.lot(code).findings if f.more]
        return found

    def close(self, code: str, found: Finding, more: int | None) -> FindingClosed:
        return FindingClosed(f"lot/{code}", found.rule, found.cause, "seen", more)

    def test_one_of_them_counts_the_others_and_since_when(self, flooded: tuple[World, str]) -> None:
        world, code = flooded
        found = self.counting(world, code)
        assert found.more == 10
        assert found.since == world.index - 10

    @pytest.mark.parametrize(
        ("more", "rule"), [(None, "finding.more"), (9, "finding.more"), (10, "")]
    )
    def test_it_is_closed_by_who_says_how_many(
        self, flooded: tuple[World, str], more: int | None, rule: str
    ) -> None:
        world, code = flooded
        event = self.close(code, self.counting(world, code), more)
        assert world.rule(event, by="officer") == rule

    def test_another_that_came_meanwhile_is_not_closed_unseen(
        self, flooded: tuple[World, str]
    ) -> None:
        world, code = flooded
        event = self.close(code, self.counting(world, code), 10)
        rival(world, ALIKE_MAX + 11, ALIKE_MAX + 11, by="maker")
        assert world.rule(event, by="officer") == "finding.more"

    def test_those_that_are_listed_are_closed_without_a_number(
        self, flooded: tuple[World, str]
    ) -> None:
        world, code = flooded
        one = next(f for f in world.lot(code).findings if f.rule == "mark.cloned" and not f.more)
        assert world.rule(self.close(code, one, 1), by="officer") == "finding.more"
        assert world.rule(self.close(code, one, None), by="officer") == ""

    @pytest.mark.parametrize(
        ("more", "rule"),
        [(10, "finding.more"), (4, "finding.more"), (None, "finding.more"), (14, "")],
    )
    def test_of_two_weights_of_one_cause_all_are_counted(
        self, flooded: tuple[World, str], more: int | None, rule: str
    ) -> None:
        # Given a stop that counts ten others, and a check of the same cause that counts four
        world, code = flooded
        counting = self.counting(world, code)
        light = replace(counting, severity=Severity.CHECK, more=4)
        lot = world.lot(code)
        world.states[Subject(Kind.LOT, code)] = replace(lot, findings=(*lot.findings, light))
        # Then who closes both says how many he closes
        assert world.rule(self.close(code, counting, more), by="officer") == rule

    def test_what_is_found_after_all_were_closed_is_new(self, flooded: tuple[World, str]) -> None:
        world, code = flooded
        for found in world.lot(code).findings:
            if found.rule == "mark.cloned":
                world.tell(self.close(code, found, found.more or None), by="officer")
        assert [f for f in world.lot(code).findings if f.rule == "mark.cloned"] == []


class TestSlipsTakenBack:
    """An officer endorsed a line of a permit again and again, each time one skin too many."""

    def slips(self, world: World, count: int) -> None:
        issue(world, 1, 1, 1)
        for quantity in (1_000, *[1] * count):
            event = DocumentEndorsed(name(1), Way.EXPORT, "ZW", (Passed(0, quantity),))
            world.tell(event, by="parks")

    def found(self, world: World) -> list[Finding]:
        state = world.states[Subject(Kind.DOCUMENT, name(1))]
        assert isinstance(state, DocumentState)
        return [f for f in state.findings if f.rule == "document.overdrawn"]

    def take_back(self, world: World, listed: Finding) -> None:
        world.tell(EndorsementWithdrawn(name(1), listed.cause, "a slip"), by="parks")

    def test_what_is_not_listed_stays_when_all_that_is_listed_goes(self, trade: World) -> None:
        self.slips(trade, ALIKE_MAX + 5)
        for listed in self.found(trade):
            self.take_back(trade, listed)
        (left,) = self.found(trade)
        assert 1 + left.more == 5

    def test_the_last_that_is_counted_stands_alone(self, trade: World) -> None:
        self.slips(trade, ALIKE_MAX + 1)
        (counting,) = [f for f in self.found(trade) if f.more]
        self.take_back(trade, counting)
        assert len(self.found(trade)) == ALIKE_MAX
        assert {(f.more, f.since) for f in self.found(trade)} == {(0, None)}
