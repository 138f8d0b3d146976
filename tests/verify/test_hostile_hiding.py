"""A server that hides a stop: whatever it does, verify or audit notices.

Four ways to hide, for each of five things hidden: serve the old answer, serve the old record under
the new closing, leave the statement out of a bundle, or sign a closing over a state without it.
"""

from __future__ import annotations

import pytest
from hostile import as_before, honest, rewritten
from proof_files import rebuilt, unpacked
from trail import FARM, PERMIT, SKIN, Trail, world

from ledger.custody.control import LotHeld
from ledger.custody.documents import DocumentCancelled
from ledger.custody.goods import MarkRange, NewLot, Part
from ledger.custody.lots import Basis, LotRegistered
from ledger.custody.parties import KeyRevoked, PartySuspended
from ledger.custody.subjects import Kind, Subject
from ledger.reference.tables import load_tables
from ledger.verify.audit import audit
from ledger.verify.bundle import check_bundle
from ledger.verify.card import check_card
from ledger.verify.checks import Remembered
from ledger.verify.contradiction import check_contradiction
from ledger.verify.head import Asked
from ledger.verify.verdict import Level, Outcome


def clone(trail: Trail) -> None:
    lot = NewLot(
        contents=(type(SKIN)(SKIN.taxon, "SKI", 1, "NAR", "C", "ZW"),),
        marks=(MarkRange("ZWTAG", "ZW", 2, 2, 6, ""),),
        year=2026,
        documents=(PERMIT,),
        facility=FARM,
    )
    trail.tell(LotRegistered(basis=Basis.BRED, lots=(lot,)), by="farm")


def hold(trail: Trail) -> None:
    code = trail.store.names(kind="lot")[0]
    trail.tell(LotHeld(lots={code: Part()}, reason="papers missing"), by="parks")


def revoke(trail: Trail) -> None:
    kid = trail.pens["farm"].signer.kid
    trail.tell(KeyRevoked(kid=kid, reason="stolen", suspect_from=0), by="parks")


def suspend(trail: Trail) -> None:
    trail.tell(PartySuspended(party="farm", reason="under inquiry"), by="parks")


def cancel(trail: Trail) -> None:
    trail.tell(DocumentCancelled(document=PERMIT, reason="issued in error"), by="parks")


HIDDEN = {
    "a hold": (hold, Kind.LOT, None, "control.held"),
    "a revoked key": (revoke, Kind.PARTY, "farm", "key.suspect"),
    "a suspended party": (suspend, Kind.PARTY, "farm", "party.suspended"),
    "a cancelled document": (cancel, Kind.DOCUMENT, PERMIT, "document.cancelled"),
    "a finding": (clone, Kind.LOT, None, "mark.cloned"),
}


class Scene:
    """A lot in order, and the same lot after something happened that a liar would hide."""

    def __init__(self, name: str) -> None:
        act, kind, subject, self.reason = HIDDEN[name]
        self.trail, self.code = world(f"hiding-{kind}-{self.reason}")
        self.old_card = self.trail.reader.card(self.code)
        self.old_head = self.trail.store.head()
        self.trail.clock.advance(60)
        act(self.trail)
        self.subject = Subject(kind, subject or self.code)

    def look(self, card: bytes, **asked):
        return check_card(
            card,
            trust=self.trail.trust,
            now_s=self.trail.clock.now_s(),
            asked=Asked(code=self.code, **asked),
        )


@pytest.fixture(params=HIDDEN, ids=lambda name: name.replace(" ", "-"))
def scene(request) -> Scene:
    return Scene(request.param)


def test_the_truth_is_a_stop(scene: Scene):
    verdict = scene.look(scene.trail.reader.card(scene.code))
    assert (verdict.outcome, verdict.level) == (Outcome.VERIFIED, Level.STOP)
    assert verdict.reason == scene.reason


def test_an_old_answer_is_noticed_by_whoever_saw_a_newer_one(scene: Scene):
    head = scene.trail.store.head()
    verdict = scene.look(scene.old_card, remembered=Remembered(head.size, head.root))
    assert (verdict.level, verdict.reason) == (Level.CHECK, "history.behind")


def test_an_old_answer_grows_too_old_to_say_anything(scene: Scene):
    later = scene.trail.clock.now_s() + 200 * 3_600
    verdict = check_card(scene.old_card, trust=scene.trail.trust, now_s=later)
    assert verdict.level is Level.CANNOT_TELL


def test_the_old_record_under_the_new_closing_is_refuted(scene: Scene):
    new = scene.trail.reader.card(scene.code)
    old, records = unpacked(scene.old_card)["records"], unpacked(new)["records"]
    tried = 0
    for place, record in enumerate(records):
        if place < len(old) and record["record"] != old[place]["record"]:
            for part in (old[place], {**record, "record": old[place]["record"]}):
                tried += 1
                forged = rebuilt(new, ("records", place), part)
                assert scene.look(forged).outcome is Outcome.REFUTED
    assert tried


def test_a_bundle_without_the_statement_is_refuted(scene: Scene):
    trail = scene.trail
    bundle = trail.reader.bundle(scene.code)
    now_s = trail.clock.now_s()
    assert check_bundle(bundle, trust=trail.trust, now_s=now_s).outcome is Outcome.VERIFIED
    last = trail.store.head().size - 2
    body = unpacked(bundle)
    places = [i for i, s in enumerate(body["subjects"]) if last in s.get("track", [])]
    assert places
    for place in places:
        short = [index for index in body["subjects"][place]["track"] if index != last]
        forged = rebuilt(bundle, ("subjects", place, "track"), short)
        assert check_bundle(forged, trust=trail.trust, now_s=now_s).outcome is not Outcome.VERIFIED


def test_a_closing_over_a_state_without_it_is_proved_wrong_by_an_audit(scene: Scene):
    trail = scene.trail
    liar = rewritten(trail, hide=as_before(scene.subject))
    # One file cannot show it: the liar signed every word of it.
    fooled = scene.look(liar.card(scene.code))
    assert fooled.outcome is Outcome.VERIFIED
    report = audit(liar.source(), tables=load_tables(), trust=trail.trust)
    assert report.outcome is Outcome.REFUTED
    assert report.first_failure is not None
    assert report.first_failure.check == "closings.state"
    assert report.contradiction is not None
    verdict = check_contradiction(report.contradiction, trust=trail.trust)
    assert (verdict.outcome, verdict.level) == (Outcome.VERIFIED, Level.STOP)
    assert verdict.reason == "ledger.contradicted"


def test_the_honest_ledger_passes_the_same_audit(scene: Scene):
    source = honest(scene.trail)
    report = audit(source, tables=load_tables(), trust=scene.trail.trust)
    assert report.outcome is Outcome.VERIFIED
    assert report.contradiction is None
