"""A state machine over papers, borders, quotas, marks, places and findings.

Whatever traders and offices of two countries say, in whatever order: the ledger counts what a clerk
with a pencil would count, what goes beyond is found, nothing refused leaves a trace, and the whole
story replays to the same closings.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule
from orders import records_after
from replaying import audit_verifies, replay_equals_kept
from trade_floor import (
    PLACES,
    QUOTAS,
    SIDES,
    TAXON,
    TRADERS,
    Floor,
    crossing,
    name_of,
    office_of,
    paper_of,
    skins,
    tags,
)

from ledger.custody import control, documents, facilities, marks, references, stocks, transfers
from ledger.custody.accounts import AllotmentAccount
from ledger.custody.blanks import BlanksReported, BlankStatus
from ledger.custody.documents import DocumentRow, Passed, Way
from ledger.custody.facilities import FacilityState
from ledger.custody.goods import MarkRange, NewLot, Part, compress, expand
from ledger.custody.lots import LotSplit, LotState, LotStatus, LotTransformed
from ledger.custody.marks import MarkState
from ledger.custody.stocks import SizeClass, StockAccount
from ledger.custody.subjects import Kind
from ledger.simulator.world import DAY_S, born_in
from ledger.wire.text import format_day

STOLEN = "blank.stolen"
AMOUNTS = (120, 1_200)
"""What the quotas allow at first: soon used up, or room for all."""
pick = st.integers(0, 10_000)
few = st.integers(1, 12)
number = st.integers(1, 4)
trader = st.sampled_from(TRADERS)
place = st.sampled_from(PLACES)
side = st.sampled_from(SIDES)


class Trade(RuleBasedStateMachine):
    """Two farms and a tannery, and the offices of two countries, act at random."""

    @initialize(seed=st.integers(0, 2**32), amount=st.sampled_from(AMOUNTS))
    def found(self, seed: int, amount: int) -> None:
        self.floor = Floor(seed=seed, amount=amount)
        self.world, self.clerk, self.say = self.floor.world, self.floor.clerk, self.floor.say
        for name in PLACES:
            self.register(name, 12, None)
            self.register(name, 6, 1)
        for way in SIDES:
            for n, pieces in ((1, 10), (2, 40)):
                self.issue(way, n, pieces, 1, None)

    # -- goods

    @rule(name=place, pieces=few, first=st.none() | st.integers(1, 40))
    def register(self, name: str, pieces: int, first: int | None) -> None:
        if said := self.say(name.partition("/")[0], skins(name, pieces, first)):
            self.floor.codes.append(born_in(said))
            self.clerk.quota["taken"] += pieces
            self.clerk.stock[name] -= pieces

    @rule(which=pick, taken=few)
    def split(self, which: int, taken: int) -> None:
        code = self.floor.code(which)
        lot = self.world.lot(code)
        own = compress(expand(lot.marks)[:taken])
        part = Part(marks=own) if own else Part(quantity=taken)
        if said := self.say(lot.holder, LotSplit(code, part)):
            self.floor.codes.append(born_in(said))
            pieces = self.world.lot(born_in(said)).contents[0].quantity
            self.clerk.split(code, born_in(said), pieces)

    @rule(which=pick)
    def tan(self, which: int) -> None:
        code = self.floor.code(which)
        lot = self.world.lot(code)
        out = NewLot(lot.contents, marks=lot.marks)
        if said := self.say(lot.holder, LotTransformed("tanning", {code: Part()}, (out,))):
            self.floor.codes.append(born_in(said))
            self.clerk.inherit(code, born_in(said))

    @rule(which=pick, to=trader)
    def hand_over(self, which: int, to: str) -> None:
        code = self.floor.code(which)
        expires = self.world.clock.now_s() + DAY_S
        offer = transfers.TransferOffered(to, transfers.Moves.BOTH, expires, {code: Part()})
        if said := self.say(self.world.lot(code).holder, offer):
            self.say(to, transfers.TransferAccepted(said.id))

    # -- papers and borders

    @rule(way=side, n=number, pieces=few, scale=st.integers(1, 4), holder=st.none() | trader)
    def issue(self, way: Way, n: int, pieces: int, scale: int, holder: str | None) -> None:
        name, pieces = name_of(way, n), pieces * scale
        if self.say(office_of(way)[0], documents.DocumentIssued(name, paper_of(pieces, holder))):
            self.clerk.issue(name, pieces)

    @rule(way=side, old=number, n=st.integers(5, 8), pieces=few)
    def replace_paper(self, way: Way, old: int, n: int, pieces: int) -> None:
        name, gone = name_of(way, n), self.floor.paper(way, old)
        paper = paper_of(pieces, None)
        if self.say(office_of(way)[0], documents.DocumentReplaced(name, gone, "a slip", paper)):
            self.clerk.replace(name, gone, pieces)

    @rule(way=side, n=st.integers(1, 8), how=st.sampled_from(("cancel", "suspend", "reinstate")))
    def stop_paper(self, way: Way, n: int, how: str) -> None:
        name = self.floor.paper(way, n)
        event = {
            "cancel": documents.DocumentCancelled(name, "withdrawn"),
            "suspend": documents.DocumentSuspended(name, "audit"),
            "reinstate": documents.DocumentReinstated(name, "in order"),
        }[how]
        if self.say(office_of(way)[0], event) and how == "cancel":
            self.clerk.give_back(name)

    @rule(which=pick, way=side, n=st.integers(1, 8))
    def cross(self, which: int, way: Way, n: int) -> None:
        code, name = self.floor.code(which), self.floor.paper(way, n)
        lot = self.world.lot(code)
        if self.say(lot.holder, crossing(code, way, name)):
            self.trader_passed(code, lot, name, way)

    def trader_passed(self, code: str, lot: LotState, name: str, way: Way) -> None:
        """Whoever is not the holder that a document names draws nothing from it."""
        paper = self.floor.document(name).paper
        pieces = sum(row.quantity for row in lot.contents)
        if paper is not None and paper.holder in (None, lot.holder):
            self.clerk.pass_border(code, name, way, pieces, official=False)
        else:
            self.clerk.leave(code, way, pieces)

    @rule(which=st.none() | pick, way=side, n=st.integers(1, 8), pieces=few)
    def endorse(self, which: int | None, way: Way, n: int, pieces: int) -> None:
        code = self.floor.code(which) if which is not None else None
        name, (office, country) = self.floor.paper(way, n), office_of(way)
        event = documents.DocumentEndorsed(name, way, country, (Passed(0, pieces, code),))
        if self.say(office, event):
            self.clerk.pass_border(code, name, way, pieces, official=True)

    @rule(n=number, finds=st.booleans())
    def report_form(self, n: int, *, finds: bool) -> None:
        status = BlankStatus.FOUND if finds else BlankStatus.STOLEN
        form = MarkRange("EXPORT", str(n), 0, 0, 0, "")
        if self.say("parks", BlanksReported("ZW", status, (form,), "looked for")):
            name = name_of(Way.EXPORT, n)
            self.floor.closed.discard((f"document/{name}", STOLEN))
            (self.clerk.stolen.discard if finds else self.clerk.stolen.add)(name)

    # -- references

    @rule(party=trader, n=number)
    def submit(self, party: str, n: int) -> None:
        row = DocumentRow(TAXON, "SKI", 40, "NAR", "C", "ZW")
        event = documents.DocumentRecorded(f"FR/DDS/26REF{n}", documents.Paper(rows=(row,)))
        if self.say(party, event):
            self.clerk.withdrawn.setdefault(event.document, False)

    @rule(party=trader | st.just("douane"), n=number, stands=st.booleans())
    def end_reference(self, party: str, n: int, *, stands: bool) -> None:
        name, end = f"FR/DDS/26REF{n}", documents.ReferenceEnd.WITHDRAWN
        withdrawn = documents.ReferenceWithdrawn(name, end, "a slip")
        event = documents.ReferenceRestored(name, "it stands") if stands else withdrawn
        if self.say(party, event):
            self.clerk.withdrawn[name] = not stands
            self.floor.closed.discard((f"document/{name}", "reference.withdrawn"))

    @rule(name=st.sampled_from(sorted(QUOTAS)), amount=st.sampled_from((0, 40, 1_200)))
    def set_quota(self, name: str, amount: int) -> None:
        if self.say("parks", references.QuotaSet((self.floor.quota(name, amount),))):
            self.floor.numbers[name] += 1

    @rule(ends=st.booleans())
    def suspend_trade(self, ends: bool) -> None:
        today = format_day(self.world.clock.now_s() // DAY_S)
        row = references.Suspension("ZW-1", "ZW", today, TAXON, until_day=today if ends else None)
        self.say("parks", references.SuspensionDeclared((row,)))

    # -- marks

    @rule(to=trader, first=st.integers(1, 40), pieces=few, due=st.booleans())
    def allot(self, to: str, first: int, pieces: int, due: bool) -> None:
        until = self.world.clock.now_s() + DAY_S if due else None
        event = marks.MarksAllotted(to, "TAG", 2026, "2026-01-01", tags(first, pieces), until)
        self.say("parks", event)

    @rule(party=trader, which=pick, pieces=few)
    def give_back(self, party: str, which: int, pieces: int) -> None:
        if own := self.floor.allotments(party):
            marks_ = own[which % len(own)]
            back = tags(marks_.first, min(pieces, marks_.count))
            self.say(party, marks.MarksReturned(f"{party}/TAG/2026", back))

    @rule(which=pick, new=st.integers(1, 60))
    def replace_mark(self, which: int, new: int) -> None:
        code = self.floor.code(which)
        if own := expand(self.world.lot(code).marks):
            old = compress([own[which % len(own)]])
            self.say("parks", marks.MarkReplaced(code, old, tags(new, 1), "damaged", "torn"))

    # -- places and stocks

    @rule(name=place, hatched=st.integers(0, 20), died=st.integers(0, 20))
    def declare(self, name: str, hatched: int, died: int) -> None:
        event = stocks.StockDeclared(name, TAXON, hatched=hatched, died=died)
        if self.say(name.partition("/")[0], event):
            self.clerk.stock[name] += hatched - died

    @rule(name=place, counted=st.integers(0, 30), result=st.sampled_from(("matches", "differs")))
    def count(self, name: str, counted: int, result: str) -> None:
        classes = (SizeClass("all", counted),)
        event = stocks.StockAttested(name, TAXON, result, classes, reason="counted")
        if self.say("parks", event):
            self.clerk.stock[name] = counted

    @rule(name=place, result=st.sampled_from(("matches", "differs")))
    def visit(self, name: str, result: str) -> None:
        event = facilities.FacilityAttested(name, "visit", result, reason="seen")
        if self.say("parks", event):
            self.clerk.visited[name] = result
            self.floor.closed.discard((f"facility/{name}", "facility.differs"))

    # -- control

    @rule(which=pick)
    def seize(self, which: int) -> None:
        lots = {self.floor.code(which): Part()}
        self.say("parks", control.LotSeized(lots, "no papers"))

    @rule(which=pick, returns=st.booleans())
    def decide_on_seized(self, which: int, returns: bool) -> None:
        found = [c for c in self.floor.codes if self.world.lot(c).status is LotStatus.SEIZED]
        if found:
            lots = (found[which % len(found)],)
            event = control.LotReleased if returns else control.LotConfiscated
            self.say("parks", event(lots, "decided"))

    @rule(n=number, first=st.integers(1, 40), pieces=few)
    def seize_goods(self, n: int, first: int, pieces: int) -> None:
        row = DocumentRow(TAXON, "SKI", pieces, "NAR", "C", "ZW", tags(first, pieces))
        self.say("parks", control.SeizureRecorded(f"ZW/SEIZURE/{n}", "at the border", (row,)))

    @rule(which=pick)
    def close_finding(self, which: int) -> None:
        found = list(self.floor.findings())
        if found:
            subject, finding = found[which % len(found)]
            known = (finding.rule, finding.cause, "looked at", finding.more or None)
            event = control.FindingClosed(str(subject), *known)
            before = self.floor.standing(subject)
            if self.say("parks", event):
                gone = {f for f in before if (f.rule, f.cause) == (finding.rule, finding.cause)}
                assert set(before) - set(self.floor.standing(subject)) == gone
                self.floor.closed.add((str(subject), finding.rule))

    @rule(days=st.integers(1, 3))
    def wait(self, days: int) -> None:
        self.world.clock.advance(days * DAY_S)
        self.world.ledger.registrar.heartbeat()

    # -- two who know nothing of each other

    @rule(one=pick, other=pick, way=side, n=number, m=number, pieces=few)
    def in_either_order(self, one: int, other: int, way: Way, n: int, m: int, pieces: int) -> None:
        """Two crossings, and a birth beside a crossing, of different lots under other papers."""
        first, second = self.floor.code(one), self.floor.code(other)
        his, hers = self.floor.paper(way, n), self.floor.paper(way, m)
        if first != second and his != hers:
            office, country = office_of(way)
            seen = (Passed(0, pieces, second),)
            endorsed = (office, documents.DocumentEndorsed(hers, way, country, seen))
            holder, name = self.world.lot(first).holder, PLACES[one % 2]
            self.same_both_ways((holder, crossing(first, way, his)), endorsed)
            self.same_both_ways((name.partition("/")[0], skins(name, pieces, None)), endorsed)

    def same_both_ways(self, *acts: tuple[str, Any]) -> None:
        if acts[0][0] == acts[1][0]:
            return
        numbers = {party: self.world.members[party].seq for party, _ in acts}
        raws = [self.world.sign(party, event) for party, event in acts]
        there, back = records_after(self.world, raws), records_after(self.world, raws[::-1])
        if there is not None and back is not None:
            assert there == back
        for party, last in numbers.items():
            self.world.members[party].seq = last

    # -- what a user may rely on

    @invariant()
    def quotas_are_the_sum_of_what_counts(self) -> None:
        for name, counts in QUOTAS.items() if hasattr(self, "floor") else ():
            state, count = self.floor.quota_account(name), self.clerk.quota
            expected = {
                "harvest": (count["taken"], 0, 0),
                "issue": (0, count["permitted"], 0),
                "endorsement": (count["export"], 0, count["import"]),
            }[counts]
            assert (state.exported, state.reserved, state.imported) == expected

    @invariant()
    def a_passage_counts_once(self) -> None:
        for name, state in self.floor.papers() if hasattr(self, "floor") else ():
            for way in SIDES:
                passed = sum(row.quantity for row in state.drawn.get(way.value, ()))
                assert passed == self.clerk.drawn[name, way], (name, way)

    @invariant()
    def beyond_a_document_is_found(self) -> None:
        for name, state in self.floor.papers() if hasattr(self, "floor") else ():
            covered = sum(row.quantity for row in state.rows)
            over = any(self.clerk.drawn[name, way] > covered for way in SIDES)
            assert not over or self.floor.was_found("document.overdrawn"), name

    @invariant()
    def what_was_taken_back_says_so(self) -> None:
        for name, gone in self.clerk.withdrawn.items() if hasattr(self, "floor") else ():
            state = self.world.state(Kind.DOCUMENT, name)
            assert isinstance(state, documents.DocumentState)
            assert (state.withdrawn is not None) == gone
            assert gone or not self.floor.stands(name, "reference.withdrawn")
            assert not gone or self.floor.stands(name, "reference.withdrawn", or_closed=True)

    @invariant()
    def a_stolen_form_stops_its_document(self) -> None:
        for name, _ in self.floor.papers() if hasattr(self, "floor") else ():
            if name in self.clerk.stolen:
                assert self.floor.stands(name, STOLEN, or_closed=True), name
            else:
                assert not self.floor.stands(name, STOLEN), name

    @invariant()
    def no_stock_is_below_zero_unseen(self) -> None:
        for name in PLACES if hasattr(self, "floor") else ():
            state = self.world.state(Kind.ACCOUNT, f"stock/{name}/{TAXON}")
            assert isinstance(state, StockAccount)
            assert state.count == self.clerk.stock[name]
            assert state.count >= 0 or self.floor.was_found("stock.below-zero")

    @invariant()
    def a_place_that_differs_is_stopped(self) -> None:
        for name, result in self.clerk.visited.items() if hasattr(self, "floor") else ():
            state = self.world.state(Kind.FACILITY, name)
            assert isinstance(state, FacilityState)
            stopped = any(f.rule == "facility.differs" for f in state.findings)
            was_closed = (f"facility/{name}", "facility.differs") in self.floor.closed
            assert stopped == (result == "differs" and not was_closed)

    @invariant()
    def a_mark_on_two_lots_is_told(self) -> None:
        for subject, state in self.floor.states() if hasattr(self, "floor") else ():
            if isinstance(state, MarkState) and state.claims > 1 and state.ended is None:
                assert self.floor.was_found("mark.cloned", mark=subject.name), subject.name
            if isinstance(state, AllotmentAccount):
                for own in state.allotted:
                    spans = sorted((*own.used, *own.returned))
                    assert all(a[1] < b[0] for a, b in pairwise(spans))
                    assert all(own.first <= a <= b <= own.last for a, b in spans)

    def teardown(self) -> None:
        if hasattr(self, "floor"):
            replay_equals_kept(self.world)
            audit_verifies(self.world)


TestTrade = Trade.TestCase
TestTrade.settings = settings(
    max_examples=30,
    stateful_step_count=50,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
