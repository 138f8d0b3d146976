"""An audit that goes on where the last one ended: same answer, old leaves hashed only."""

from __future__ import annotations

import pytest
from hostile import Source, honest, note_of, rewritten
from proof_files import rebuilt, unpacked
from test_bundle_stories import Story

from ledger.errors import RingmarkError
from ledger.reference.tables import load_tables
from ledger.verify.audit import audit
from ledger.verify.resuming import is_remembered
from ledger.verify.verdict import Outcome
from ledger.verify.workers import ProcessChecker


@pytest.fixture(scope="module")
def story() -> Story:
    made = Story(7)
    made.run(60)
    return made


def run(source, story, **more):
    return audit(source, tables=load_tables(), trust=story.trail.trust, **more)


def test_resuming_gives_the_same_answer_at_every_step(story):
    first = run(honest(story.trail), story, keep=True)
    assert first.outcome is Outcome.VERIFIED
    state = first.state
    for _ in range(6):
        story.run(12)
        stored = list(story.trail.store.record_hashes())
        source = honest(story.trail)
        resumed = run(source, story, resume=state, keep=True, stored=stored)
        whole = run(source, story, keep=True)
        assert resumed.outcome is whole.outcome is Outcome.VERIFIED, resumed.first_failure
        assert (resumed.size, resumed.root) == (whole.size, whole.root)
        assert resumed.state == whole.state
        state = resumed.state
    assert is_remembered(state)


def test_nothing_new_is_verified_too(story):
    source = honest(story.trail)
    state = run(source, story, keep=True).state
    assert run(source, story, resume=state).outcome is Outcome.VERIFIED


def test_an_old_leaf_that_changed_and_a_shorter_log_are_refuted(story):
    trail = story.trail
    source = honest(trail)
    state = run(source, story, keep=True).state
    leaves = list(source.raw)
    leaves[3], leaves[5] = leaves[5], leaves[3]
    changed = run(Source(leaves, note_of(trail, leaves)), story, resume=state)
    assert changed.outcome is Outcome.REFUTED
    assert changed.first_failure.check == "history.remembered"
    shorter = source.raw[:-1]
    behind = run(Source(shorter, note_of(trail, shorter)), story, resume=state)
    assert behind.outcome is Outcome.REFUTED


def test_a_lie_after_the_remembered_size_is_found(story):
    trail = story.trail
    state = run(honest(trail), story, keep=True).state
    story.run(10)
    import dataclasses

    liar = rewritten(trail, forge=lambda event: dataclasses.replace(event, state=bytes(32)))
    report = run(liar.source(), story, resume=state)
    assert report.outcome is Outcome.REFUTED


def test_a_file_that_was_damaged_is_not_taken(story):
    source = honest(story.trail)
    state = run(source, story, keep=True).state
    flipped = bytearray(state)
    flipped[len(state) // 2] ^= 1
    with pytest.raises(RingmarkError):
        run(source, story, resume=bytes(flipped))
    body = unpacked(state)
    with pytest.raises(RingmarkError):
        run(source, story, resume=rebuilt(state, ("root",), bytes(32)))
    assert body["size"] == source.raw.__len__()


def test_workers_find_a_bad_signature_and_agree_on_good_ones(story):
    source = honest(story.trail)
    good = run(source, story, checker=ProcessChecker(source.leaves, workers=2))
    assert good.outcome is Outcome.VERIFIED
    leaves = list(source.raw)
    flipped = bytearray(leaves[4])
    flipped[-1] ^= 1
    leaves[4] = bytes(flipped)
    bad = Source(leaves, note_of(story.trail, leaves))
    report = run(bad, story, checker=ProcessChecker(bad.leaves, workers=2))
    assert report.outcome is Outcome.REFUTED
