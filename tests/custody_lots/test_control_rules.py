"""Control: who may look, hold, seize, release, confiscate, close, correct and dispute."""

from __future__ import annotations

from typing import Any, ClassVar

import pytest
from acting import hold, offered, seize
from msgspec.structs import replace
from trade_world import World, bred, skins, tags

from ledger.custody.accounts import AllotmentAccount, QuotaAccount
from ledger.custody.control import (
    DisclosureWithdrawn,
    EvidenceAttached,
    FindingClosed,
    LotConfiscated,
    LotHeld,
    LotInspected,
    LotReleased,
    StatementDisputed,
)
from ledger.custody.decide import ALIKE_MAX
from ledger.custody.goods import Part
from ledger.custody.lots import (
    Basis,
    LotDeparted,
    LotRegistered,
    LotStatus,
)
from ledger.custody.parties import PartyState, Scope
from ledger.custody.references import Quota
from ledger.custody.state import Change, with_findings
from ledger.custody.subjects import Finding, Kind, Severity, Subject
from ledger.custody.transfers import (
    TransferAccepted,
)


class TestPower:
    ACTS: ClassVar[dict[str, Any]] = {
        "inspect": lambda c: LotInspected((c,), "matches"),
        "hold": hold,
        "release": lambda c: LotReleased((c,), "all well"),
        "seize": seize,
        "confiscate": lambda c: LotConfiscated((c,), "judgment"),
        "close": lambda c: FindingClosed(f"lot/{c}", "mark.cloned", bytes(32), "seen"),
    }

    @pytest.mark.parametrize("act", ACTS)
    @pytest.mark.parametrize("by", ["farm", "auditor", "nobody"])
    def test_nobody_else_acts(self, world: World, lot: str, act: str, by: str) -> None:
        assert world.rule(self.ACTS[act](lot), by=by) == "office.no-power"

    @pytest.mark.parametrize("act", ACTS)
    def test_not_without_the_power(self, world: World, lot: str, act: str) -> None:
        subject = Subject(Kind.PARTY, "officer")
        officer = world.states[subject]
        assert isinstance(officer, PartyState)
        world.states[subject] = replace(officer, scope=Scope(powers=("enrol",)))
        assert world.rule(self.ACTS[act](lot), by="officer") == "office.no-power"


class TestInspection:
    def test_goods_that_differ_stop(self, world: World, lot: str) -> None:
        head = world.lot(lot).head
        world.tell(LotInspected((lot,), "differs", "wider than farmed ones"), by="officer")
        assert world.findings(lot) == [("control.differs", "stop")]
        assert world.lot(lot).head == head
        world.tell(LotReleased((lot,), "measured again"), by="officer")
        assert world.findings(lot) == []

    def test_goods_that_match_attest_opening_stock(self, world: World) -> None:
        wild = skins(5, source="W", facility=None)
        (code,) = world.tell(LotRegistered(Basis.OPENING_STOCK, (wild,)), by="tannery")
        world.tell(LotInspected((code,), "cannot-tell"), by="officer")
        assert world.findings(code) == [("basis.not-attested", "check")]
        world.tell(LotInspected((code,), "matches"), by="officer")
        assert world.findings(code) == []

    @pytest.mark.parametrize(
        ("rule", "event"),
        [
            ("control.result", lambda c: LotInspected((c,), "fine")),
            ("control.reason", lambda c: LotInspected((c,), "differs")),
            ("control.lots", lambda c: LotInspected((), "matches")),
            ("control.lots", lambda c: LotInspected((c, c), "matches")),
            ("lot.unknown", lambda c: LotInspected(("0" * 12,), "matches")),
            ("control.reason", lambda c: LotHeld({c: Part()}, "")),
            ("control.lots", lambda c: LotHeld({}, "why")),
            ("quantity.too-much", lambda c: hold(c, Part(quantity=101))),
            ("quantity.part-is-all", lambda c: seize(c, Part(quantity=100))),
            ("control.nothing-to-release", lambda c: LotReleased((c,), "why")),
            ("control.not-seized", lambda c: LotConfiscated((c,), "why")),
        ],
    )
    def test_refused(self, world: World, lot: str, rule: str, event: Any) -> None:
        assert world.rule(event(lot), by="officer") == rule


def abroad(world: World, name: str) -> None:
    """Let an officer act for an authority of its own that decides for France alone."""
    subject = Subject(Kind.PARTY, name)
    state = world.states[subject]
    assert isinstance(state, PartyState)
    scope = Scope(("control",), ("FR",))
    world.states[subject] = replace(state, scope=scope, acts_for=None, country="FR")


class TestHold:
    def test_a_hold_is_a_stop_and_no_lock(self, world: World, lot: str) -> None:
        world.tell(hold(lot), by="officer")
        assert world.findings(lot) == [("control.held", "stop")]
        world.tell(offered(world, lot), by="farm")
        world.tell(TransferAccepted(world.last_offer()), by="tannery")
        assert world.findings(lot) == [("control.held", "stop")]

    def test_a_part_is_held_as_a_lot_of_its_own(self, world: World, marked: str) -> None:
        world.tell(offered(world, marked), by="farm")
        head = world.lot(marked).head
        (part,) = world.tell(hold(marked, Part(marks=tags(3, 4))), by="officer")
        assert world.findings(part) == [("control.held", "stop")]
        assert world.findings(marked) == []
        assert world.lot(marked).head == head
        assert (world.lot(part).holder, world.lot(part).offer) == ("farm", None)
        world.tell(TransferAccepted(world.last_offer()), by="tannery")
        assert world.lot(marked).holder == "tannery"
        assert world.lot(marked).contents[0].quantity == 8
        assert world.lot(part).holder == "farm"

    def test_an_offer_of_a_part_means_what_is_left_of_it(self, world: World, marked: str) -> None:
        world.tell(offered(world, lots={marked: Part(marks=tags(1, 5))}), by="farm")
        world.tell(hold(marked, Part(marks=tags(4, 6))), by="officer")
        (born,) = world.tell(TransferAccepted(world.last_offer()), by="tannery")
        assert world.lot(born).marks == tags(1, 3)
        assert world.lot(marked).marks == tags(7, 10)

    def test_an_offer_of_all_that_is_left_is_the_whole_lot(self, world: World, lot: str) -> None:
        world.tell(offered(world, lots={lot: Part(quantity=60)}), by="farm")
        world.tell(hold(lot, Part(quantity=40)), by="officer")
        assert world.tell(TransferAccepted(world.last_offer()), by="tannery") == ()
        assert world.lot(lot).holder == "tannery"

    def test_an_offer_of_what_is_all_gone_ends_for_that_lot(
        self, world: World, marked: str, lot: str
    ) -> None:
        lots = {marked: Part(marks=tags(1, 2)), lot: Part()}
        world.tell(offered(world, lots=lots), by="farm")
        world.tell(hold(marked, Part(marks=tags(1, 3))), by="officer")
        world.tell(TransferAccepted(world.last_offer()), by="tannery")
        assert (world.lot(lot).holder, world.lot(marked).holder) == ("tannery", "farm")
        assert world.lot(marked).offer is None

    def test_only_officers_of_its_countries_release(self, world: World, lot: str) -> None:
        world.tell(hold(lot), by="officer")
        subject = Subject(Kind.PARTY, "inspector")
        inspector = world.states[subject]
        assert isinstance(inspector, PartyState)
        world.states[subject] = replace(inspector, scope=Scope(("control",), ("FR",)))
        release = LotReleased((lot,), "why")
        assert world.rule(release, by="inspector") == "office.other-country"
        world.states[subject] = replace(inspector, scope=Scope(("control",), ("FR", "ZW")))
        assert world.rule(release, by="inspector") == ""
        assert world.rule(LotReleased((lot,), " "), by="officer") == "control.reason"

    def test_an_office_elsewhere_ends_what_it_alone_began(
        self, world: World, marked: str, lot: str
    ) -> None:
        abroad(world, "inspector")
        release = LotReleased((lot,), "why")
        world.tell(hold(lot), by="inspector")
        assert world.rule(release, by="inspector") == ""
        world.tell(hold(lot), by="officer")
        assert world.rule(release, by="inspector") == "office.other-country"
        world.tell(release, by="officer")
        assert world.lot(lot).held_by == ()
        world.tell(hold(lot), by="inspector")
        world.tell(LotInspected((lot,), "differs", "other skins"), by="inspector")
        assert world.rule(release, by="inspector") == "office.other-country"
        (part,) = world.tell(hold(marked, Part(marks=tags(3, 4))), by="inspector")
        assert world.rule(LotReleased((part,), "why"), by="inspector") == ""

    def test_an_office_elsewhere_gives_back_what_it_alone_seized(
        self, world: World, marked: str, lot: str
    ) -> None:
        abroad(world, "inspector")
        world.tell(seize(lot), by="inspector")
        world.tell(LotReleased((lot,), "why"), by="inspector")
        assert world.lot(lot).status is LotStatus.LIVE
        world.tell(hold(marked), by="officer")
        world.tell(seize(marked), by="inspector")
        world.tell(LotReleased((marked,), "why"), by="inspector")
        assert world.lot(marked).status is LotStatus.LIVE
        assert world.findings(marked) == [("control.held", "stop")]
        again = LotReleased((marked,), "why")
        assert world.rule(again, by="inspector") == "office.other-country"
        assert world.rule(again, by="officer") == ""

    def test_departed_goods_can_be_held_as_a_whole(self, world: World, lot: str) -> None:
        world.tell(LotDeparted({lot: Part()}, "retail"), by="farm")
        assert world.rule(hold(lot, Part(quantity=1)), by="officer") == "lot.not-live"
        world.tell(hold(lot), by="officer")
        assert world.findings(lot) == [("control.held", "stop")]


class TestEvidence:
    def photo(self, *lots: str, **changes: Any) -> EvidenceAttached:
        fields: dict[str, Any] = {"sha256": bytes(32), "size": 9, "media_type": "image/jpeg"}
        return EvidenceAttached(lots=lots, **(fields | changes))

    @pytest.mark.parametrize("by", ["farm", "officer", "auditor", "parks"])
    def test_by_those_concerned_or_entrusted(self, world: World, lot: str, by: str) -> None:
        before = world.lot(lot)
        world.tell(self.photo(lot), by=by)
        # Whoever shows a picture has not signed for the goods: his key and hands are not theirs.
        assert world.lot(lot) == before

    @pytest.mark.parametrize(
        ("rule", "by", "lots", "changes"),
        [
            ("evidence.not-concerned", "tannery", ("LOT",), {}),
            ("evidence.not-concerned", "tannery", (), {"document": "ZW/EXPORT/1"}),
            ("evidence.empty", "farm", (), {}),
            ("evidence.empty", "farm", ("LOT",), {"size": 0}),
            ("evidence.empty", "farm", ("LOT",), {"media_type": "photo"}),
            ("document.unknown", "farm", ("LOT",), {"document": "ZW/EXPORT/9"}),
            ("lot.unknown", "farm", ("0" * 12,), {}),
            ("control.lots", "farm", ("LOT", "LOT"), {}),
        ],
    )
    def test_refused(
        self,
        world: World,
        lot: str,
        rule: str,
        by: str,
        lots: tuple[str, ...],
        changes: dict[str, Any],
    ) -> None:
        named = tuple(lot if code == "LOT" else code for code in lots)
        assert world.rule(self.photo(*named, **changes), by=by) == rule


class TestFindings:
    @pytest.fixture
    def cloned(self, world: World, marked: str) -> tuple[str, bytes]:
        world.tell(bred(skins(1, marks=tags(3, 3))), by="farm")
        return marked, world.lot(marked).findings[0].cause

    def close(self, code: str, cause: bytes, **changes: str) -> FindingClosed:
        fields = {"subject": f"lot/{code}", "rule": "mark.cloned", "reason": "looked at both"}
        return FindingClosed(cause=cause, **(fields | changes))

    def test_an_officer_closes_it(self, world: World, cloned: tuple[str, bytes]) -> None:
        world.tell(self.close(*cloned), by="officer")
        assert world.findings(cloned[0]) == []
        assert world.rule(self.close(*cloned), by="officer") == "finding.unknown"

    @pytest.mark.parametrize(
        ("rule", "changes"),
        [
            ("finding.unknown", {"rule": "mark.count"}),
            ("finding.unknown", {"subject": "lot/000000000000"}),
            ("finding.unknown", {"subject": "thing/1"}),
            ("control.reason", {"reason": ""}),
        ],
    )
    def test_refused(
        self, world: World, cloned: tuple[str, bytes], rule: str, changes: dict[str, str]
    ) -> None:
        assert world.rule(self.close(*cloned, **changes), by="officer") == rule

    def test_another_cause(self, world: World, cloned: tuple[str, bytes]) -> None:
        assert world.rule(self.close(cloned[0], bytes(32)), by="officer") == "finding.unknown"

    def test_never_by_the_judged(self, world: World) -> None:
        sale = LotRegistered(
            Basis.STATE_SALE, (skins(2, source="I", facility=None, marks=tags(1, 2)),)
        )
        (code,) = world.tell(sale, by="parks")
        world.tell(bred(skins(1, marks=tags(1, 1))), by="farm")
        finding = next(f for f in world.lot(code).findings if f.rule == "mark.cloned")
        assert world.rule(self.close(code, finding.cause), by="parks") == "finding.judged"
        assert world.rule(self.close(code, finding.cause), by="inspector") == ""

    def test_a_hold_is_released_not_closed(self, world: World, lot: str) -> None:
        world.tell(hold(lot), by="officer")
        cause = world.lot(lot).findings[0].cause
        closed = self.close(lot, cause, rule="control.held")
        assert world.rule(closed, by="officer") == "finding.release"

    @pytest.mark.parametrize("subject", ["party/farm", "facility/farm/one", "document/ZW/EXPORT/1"])
    def test_only_in_its_countries(self, world: World, subject: str) -> None:
        kind, _, name = subject.partition("/")
        key = Subject(Kind(kind), name)
        finding = Finding("party.odd", Severity.CHECK, world.at, bytes(32))
        world.states[key] = with_findings(world.states[key], (finding,))
        closed = self.close("", bytes(32), subject=subject, rule="party.odd")
        assert world.rule(closed, by="inspector") == ""
        officer = Subject(Kind.PARTY, "inspector")
        inspector = world.states[officer]
        assert isinstance(inspector, PartyState)
        world.states[officer] = replace(inspector, scope=Scope(("findings",), ("FR",)))
        assert world.rule(closed, by="inspector") == "office.other-country"

    @pytest.mark.parametrize("name", ["quota/Q-1", "allotment/farm/CROC/2026"])
    def test_findings_on_accounts_are_closed_in_the_country_that_they_are_of(
        self, world: World, name: str
    ) -> None:
        finding = Finding("quota.mirror", Severity.CHECK, world.at, bytes(32))
        year = ("2026-01-01", "2026-12-31", "endorsement", "voluntary")
        quota = Quota("Q-1", "ZW", "Crocodylus niloticus", 5, "NAR", *year)
        states = {
            "quota/Q-1": QuotaAccount(quota, findings=(finding,)),
            "allotment/farm/CROC/2026": AllotmentAccount((), findings=(finding,)),
        }
        world.states[Subject(Kind.ACCOUNT, name)] = states[name]
        closed = self.close("", bytes(32), subject=f"account/{name}", rule="quota.mirror")
        officer = Subject(Kind.PARTY, "officer")
        state = world.states[officer]
        assert isinstance(state, PartyState)
        for countries, rule in (("ZW", ""), ("FR", "office.other-country"), ("XV", "")):
            world.states[officer] = replace(state, scope=Scope(("findings",), (countries,)))
            assert world.rule(closed, by="officer") == rule

    def test_an_officer_does_not_close_for_its_own_authority(self, world: World) -> None:
        finding = Finding("seq.missing", Severity.CHECK, world.at, bytes(32))
        for name in ("parks", "officer"):
            subject = Subject(Kind.PARTY, name)
            state = world.states[subject]
            assert isinstance(state, PartyState)
            world.states[subject] = replace(state, findings=(finding,))
        for name, by, rule in (
            ("parks", "officer", "finding.judged"),
            ("officer", "officer", "finding.judged"),
            ("parks", "inspector", ""),
            ("officer", "inspector", ""),
        ):
            closed = self.close("", bytes(32), subject=f"party/{name}", rule="seq.missing")
            assert world.rule(closed, by=by) == rule


class TestDisputes:
    def test_a_dispute_waits_for_an_officer(self, world: World, lot: str) -> None:
        dispute = StatementDisputed(bytes(32), (lot,), "never signed that")
        assert world.rule(dispute, by="tannery") == "dispute.not-concerned"
        world.tell(dispute, by="farm")
        assert world.findings(lot) == [("dispute.open", "check")]
        assert world.rule(replace(dispute, reason=""), by="farm") == "control.reason"
        assert world.rule(replace(dispute, lots=()), by="farm") == "control.lots"

    def test_nobody_buries_a_lot_under_disputes(self, world: World, lot: str) -> None:
        for i in range(8):
            world.tell(StatementDisputed(bytes([i] * 32), (lot,), "no"), by="farm")
        more = StatementDisputed(bytes(32), (lot,), "no")
        assert world.rule(more, by="farm") == "dispute.too-many"

    def test_nobody_makes_a_record_grow_by_saying_the_same(self, world: World, lot: str) -> None:
        for _ in range(ALIKE_MAX + 5):
            world.tell(LotInspected((lot,), "differs", "wet"), by="officer")
        assert world.findings(lot) == [("control.differs", "stop")] * ALIKE_MAX
        world.tell(LotHeld({lot: Part()}, "to be weighed"), by="officer")
        assert world.findings(lot)[ALIKE_MAX:] == [("control.held", "stop")]

    def test_withdrawn_disclosures_leave_the_state_alone(self, world: World) -> None:
        erased = DisclosureWithdrawn(bytes(32), (bytes(32),), "erasure asked for")
        outcome = world.say(erased, by="farm")
        assert isinstance(outcome, Change)
        assert outcome.states == {}
        for digests in ((), (bytes(32), bytes(32)), (b"short",)):
            assert world.rule(replace(erased, digests=digests), by="farm") == "disclosure.digests"
        assert world.rule(replace(erased, reason=""), by="farm") == "control.reason"
