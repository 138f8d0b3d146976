"""An audit in several processes: the same answer as in one, whatever happens to the others."""

from __future__ import annotations

import os
import signal

import pytest
from hostile import Source, honest, note_of, rewritten
from test_bundle_stories import Story
from trail import FARM, SKIN

from ledger.custody.goods import NewLot
from ledger.custody.lots import Basis, LotRegistered
from ledger.errors import NotFoundError
from ledger.reference.tables import load_tables
from ledger.registrar import Registered
from ledger.verify.audit import audit
from ledger.verify.ranges import Leaves, ranges_of
from ledger.verify.report import report_json
from ledger.verify.verdict import CheckOutcome, Outcome
from ledger.verify.workers import Crew


@pytest.fixture(scope="module")
def story() -> Story:
    made = Story(11)
    made.run(60)
    lot = NewLot((SKIN,), facility=FARM)
    raws = [made.trail.sign(LotRegistered(Basis.BRED, (lot,)), by="farm") for _ in range(1_000)]
    assert all(isinstance(done, Registered) for done in made.trail.registrar.submit(raws))
    made.run(20)
    return made


def run(source, story, *, workers: int = 0, leaves: Leaves | None = None, **more):
    crew = Crew(lambda: leaves or source.leaves, workers=workers) if workers else None
    return audit(source, tables=load_tables(), trust=story.trail.trust, crew=crew, **more)


def told(report) -> dict[str, object]:
    return {key: value for key, value in report_json(report).items() if key != "processes"}


@pytest.mark.parametrize("workers", [1, 2, 3])
@pytest.mark.parametrize("rules", [True, False])
def test_several_processes_say_what_one_says(story, workers, rules):
    source = honest(story.trail)
    assert len(source.raw) > 2 * 512, "more than two ranges"
    alone, shared = (
        run(source, story, rules=rules),
        run(source, story, workers=workers, rules=rules),
    )
    assert told(alone) == told(shared)
    assert (alone.processes, shared.processes, shared.lost) == (1, 1 + workers, 0)
    assert alone.outcome is (Outcome.VERIFIED if rules else Outcome.UNDECIDED)


@pytest.mark.parametrize("rules", [True, False])
@pytest.mark.parametrize("where", ["first", "middle", "last", "signature"])
def test_a_flipped_bit_anywhere_has_the_same_first_failure(story, where, rules):
    source = honest(story.trail)
    size = len(source.raw)
    for place in range(3, size, size // 5):
        leaves = list(source.raw)
        flipped = bytearray(leaves[place])
        at = {"first": 0, "middle": len(flipped) // 2, "last": -1, "signature": -40}[where]
        flipped[at] ^= 1
        leaves[place] = bytes(flipped)
        # The liar signs what it changed, so that nothing but the leaf itself is wrong.
        bad = Source(leaves, note_of(story.trail, leaves))
        alone = run(bad, story, rules=rules)
        shared = run(bad, story, workers=1, rules=rules)
        assert alone.outcome is not Outcome.VERIFIED
        assert alone.first_failure == shared.first_failure
        assert alone.first_failure is not None
        assert told(alone) == told(shared)


def test_a_lie_in_the_state_is_found_by_the_replay_alone(story):
    from msgspec import structs

    liar = rewritten(story.trail, forge=lambda event: structs.replace(event, state=bytes(32)))
    alone, shared = run(liar.source(), story), run(liar.source(), story, workers=1)
    assert shared.outcome is Outcome.REFUTED
    assert told(alone) == told(shared)
    without = run(liar.source(), story, rules=False)
    assert without.outcome is Outcome.UNDECIDED


def test_without_rules_nothing_is_ever_verified(story):
    report = run(honest(story.trail), story, rules=False)
    outcomes = {check.name: check.outcome for check in report.checks}
    assert outcomes["rules.replayed"] is outcomes["closings.state"] is CheckOutcome.OPEN
    assert outcomes["closings.refused"] is CheckOutcome.OPEN, "nobody looked at what was refused"
    assert outcomes["signatures.good"] is outcomes["tree.root"] is CheckOutcome.PASSED
    assert report.remember is report.state is None


class Dying:
    """Leaves that kill whoever reads them a second time, unless it is `spared`."""

    def __init__(self, source: Source, *, how: str) -> None:
        self._source, self._how = source, how
        self._spared, self._reads = os.getpid(), 0

    def __call__(self, start: int, stop: int) -> list[bytes]:
        self._reads += 1
        if os.getpid() != self._spared and self._reads == 2:
            if self._how == "killed":
                os.kill(os.getpid(), signal.SIGKILL)
            raise OSError("the disk is gone")
        return self._source.leaves(start, stop)


@pytest.mark.parametrize("how", ["killed", "failing"])
@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("rules", [True, False])
def test_a_worker_that_dies_costs_time_and_nothing_else(story, how, workers, rules, capfd):
    source = honest(story.trail)
    dying = Dying(source, how=how)
    report = run(source, story, workers=workers, leaves=dying, rules=rules)
    assert report.outcome is (Outcome.VERIFIED if rules else Outcome.UNDECIDED)
    assert report.first_failure is None
    assert report_json(report)["processes_lost"] == report.lost >= 1
    assert "Traceback" not in capfd.readouterr().err
    leaves = list(source.raw)
    flipped = bytearray(leaves[-2])
    flipped[-1] ^= 1
    leaves[-2] = bytes(flipped)
    bad = Source(leaves, note_of(story.trail, leaves))
    dying = Dying(bad, how=how)
    found = run(bad, story, workers=workers, leaves=dying, rules=rules)
    assert found.outcome is Outcome.REFUTED
    assert found.first_failure.index == len(leaves) - 2


def test_workers_who_read_other_leaves_verify_nothing(story):
    source = honest(story.trail)
    leaves = list(source.raw)
    flipped = bytearray(leaves[700])
    flipped[-1] ^= 1
    leaves[700] = bytes(flipped)
    bad = Source(leaves, note_of(story.trail, leaves))
    # The workers are shown the good leaf, the replay the bad one, and the other way round.
    report = run(bad, story, workers=1, leaves=source.leaves)
    assert report.outcome is Outcome.REFUTED
    assert report.first_failure.index == 700
    other = run(source, story, workers=1, leaves=bad.leaves)
    assert other.outcome is Outcome.VERIFIED
    assert other.processes == 1, "what was doubted was judged by one process alone"


def test_a_bad_signature_under_honest_closings_is_for_the_workers_to_find(story):
    def bend(index: int, raw: bytes) -> bytes:
        return raw[:-1] + bytes((raw[-1] ^ 1,)) if index == 700 else raw

    liar = rewritten(story.trail, bend=bend).source()
    alone, shared = run(liar, story), run(liar, story, workers=1)
    assert (alone.first_failure.check, alone.first_failure.index) == ("signatures.good", 700)
    assert told(alone) == told(shared)
    # Nor is it missed where the workers alone are shown the leaf as it was signed.
    mended = [bend(index, raw) for index, raw in enumerate(liar.raw)]
    fooled = run(liar, story, workers=1, leaves=Source(mended, liar.note).leaves)
    assert fooled.outcome is Outcome.REFUTED
    assert fooled.first_failure == alone.first_failure


def test_leaves_that_end_early_are_missed(story):
    source = honest(story.trail)
    short = Source(source.raw[:-3], source.note)
    for rules in (True, False):
        alone, shared = run(short, story, rules=rules), run(short, story, workers=1, rules=rules)
        assert alone.first_failure == shared.first_failure
        assert alone.first_failure.code == "leaves.missing"


def test_a_worker_that_cannot_open_its_place_says_nothing(
    capfd: pytest.CaptureFixture[str],
) -> None:
    """Whoever replays opens the same place and words why it cannot: one sentence, no traceback."""

    def lost() -> Leaves:
        raise NotFoundError("store.missing", "There is nothing.")

    crew = Crew(lost, workers=1)
    given = ranges_of(10)
    crew.give(given, whole=False)
    assert crew.collect(given, is_waiting=True) == []
    crew.close()
    assert (crew.lost, len(given)) == (1, 1)
    assert capfd.readouterr().err == ""
