"""An audit that goes on where the last one ended: same answer, old leaves hashed only."""

from __future__ import annotations

from functools import partial

import pytest
from hostile import Source, honest, note_of, rewritten
from proof_files import head_of, reheaded, repaged
from test_bundle_stories import Story
from trail import trade

from ledger.custody.lots import LotStatus
from ledger.custody.parties import PartyRestored, PartySuspended
from ledger.errors import RingmarkError
from ledger.reference.tables import load_tables
from ledger.registrar.inspecting import inspect_deep
from ledger.storage.rows import record_of
from ledger.verify.audit import audit
from ledger.verify.resuming import RememberedError, is_remembered
from ledger.verify.verdict import Outcome
from ledger.verify.workers import Crew


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
    state = bytes(first.state)
    for _ in range(6):
        story.run(12)
        stored = partial(inspect_deep, story.trail.store)
        source = honest(story.trail)
        resumed = run(source, story, resume=state, keep=True, stored=stored)
        whole = run(source, story, keep=True)
        assert resumed.outcome is whole.outcome is Outcome.VERIFIED, resumed.first_failure
        assert (resumed.size, resumed.root) == (whole.size, whole.root)
        assert bytes(resumed.state) == bytes(whole.state)
        assert resumed.findings == whole.findings == open_findings(story.trail)
        assert whole.findings
        state = bytes(resumed.state)
    assert is_remembered(state)


def open_findings(trail):
    """What stands on records in the store, but on lots that ended."""
    rows = map(record_of, trail.store.records())
    ended = {LotStatus.USED, LotStatus.DEPARTED, LotStatus.RETIRED}
    return {
        row.subject: row.state.findings
        for row in rows
        if row.state.findings and getattr(row.state, "status", None) not in ended
    }


def test_nothing_new_is_verified_too(story):
    source = honest(story.trail)
    state = bytes(run(source, story, keep=True).state)
    assert run(source, story, resume=state).outcome is Outcome.VERIFIED


def test_an_old_leaf_that_changed_and_a_shorter_log_are_refuted(story):
    trail = story.trail
    source = honest(trail)
    state = bytes(run(source, story, keep=True).state)
    leaves = list(source.raw)
    leaves[3], leaves[5] = leaves[5], leaves[3]
    changed = run(Source(leaves, note_of(trail, leaves)), story, resume=state)
    assert changed.outcome is Outcome.REFUTED
    assert changed.first_failure.check == "history.remembered"
    shorter = source.raw[:-1]
    behind = run(Source(shorter, note_of(trail, shorter)), story, resume=state)
    assert behind.outcome is Outcome.REFUTED


@pytest.mark.parametrize("workers", [0, 1])
@pytest.mark.parametrize("left", ["nothing", "another"])
def test_a_log_without_the_act_that_waited_is_refuted(workers, left):
    """What waits for approvals is read again from its leaf: a log that fell behind has none."""
    trail, _ = trade("acts", thresholds="thresholds-two")
    trail.tell(PartySuspended(party="maker", reason="under inquiry"), by="parks")
    act = trail.tell(PartyRestored(party="maker", reason="cleared"), by="parks")
    source = honest(trail)
    first = audit(source, tables=load_tables(), trust=trail.trust, keep=True)
    assert first.outcome is Outcome.VERIFIED, first.first_failure
    leaves = source.raw[: act.index]
    if left == "another":
        leaves = [*leaves, source.raw[-1]]
    crew = Crew(lambda: source.leaves, workers=workers) if workers else None
    report = audit(
        Source(leaves, note_of(trail, leaves)),
        tables=load_tables(),
        trust=trail.trust,
        resume=bytes(first.state),
        crew=crew,
    )
    assert report.outcome is Outcome.REFUTED
    assert report.first_failure.check == "history.remembered"
    assert report.first_failure.code == ("history.behind" if left == "nothing" else "history.two")
    assert report.size == len(leaves)
    assert crew is None or not crew.is_busy


def test_a_lie_after_the_remembered_size_is_found(story):
    trail = story.trail
    state = bytes(run(honest(trail), story, keep=True).state)
    story.run(10)
    from msgspec import structs

    liar = rewritten(trail, forge=lambda event: structs.replace(event, state=bytes(32)))
    report = run(liar.source(), story, resume=state)
    assert report.outcome is Outcome.REFUTED


def test_a_file_that_was_damaged_is_not_taken(story):
    source = honest(story.trail)
    state = bytes(run(source, story, keep=True).state)
    for place in range(0, len(state), 97):
        flipped = bytearray(state)
        flipped[place] ^= 1
        with pytest.raises(RingmarkError):
            run(source, story, resume=bytes(flipped))
    for length in range(0, len(state), 501):
        with pytest.raises(RingmarkError):
            run(source, story, resume=state[:length])
    assert head_of(state)["size"] == len(source.raw)


FORGED = {
    "root": ("root", bytes(32), "remembered.root"),
    "last": ("last", bytes(32), "remembered.state"),
    "height": ("height", 3, "remembered.state"),
    "time": ("at", 5, "remembered.state"),
    "ledger": ("ledger", bytes(32), "remembered.ledger"),
}


@pytest.mark.parametrize("crew", [False, True])
@pytest.mark.parametrize("name", FORGED)
def test_a_file_that_was_forged_is_refused_and_says_nothing_of_the_ledger(story, name, crew):
    source = honest(story.trail)
    state = bytes(run(source, story, keep=True).state)
    field, value, code = FORGED[name]
    forged, crew = reheaded(state, field, value), crew_for(source) if crew else None
    with pytest.raises(RememberedError) as refused:
        run(source, story, resume=forged, crew=crew)
    assert refused.value.code == code
    assert "whole ledger is audited again" in refused.value.hint


def test_a_state_with_another_record_is_refused(story):
    source = honest(story.trail)
    state = bytes(run(source, story, keep=True).state)
    # Somebody who can write the file gives a party another country, and mends every hash in it.
    assert b"bcountrybZW" in state.replace(b"gcountry", b"bcountry")
    forged = repaged(state, b"gcountrybZW", b"gcountrybZM")
    with pytest.raises(RememberedError) as refused:
        run(source, story, resume=forged)
    assert refused.value.code == "remembered.state"


def test_a_file_of_another_ledger_is_refused(story):
    other = Story(8)
    other.run(20)
    state = bytes(run(honest(other.trail), other, keep=True).state)
    with pytest.raises(RememberedError) as refused:
        run(honest(story.trail), story, resume=state)
    assert refused.value.code == "remembered.ledger"


def crew_for(source) -> Crew:
    return Crew(lambda: source.leaves, workers=1)


@pytest.mark.parametrize("workers", [1, 2])
def test_resuming_in_two_processes_gives_the_same(story, workers):
    source = honest(story.trail)
    state = bytes(run(source, story, keep=True).state)
    story.run(12)
    source = honest(story.trail)
    alone = run(source, story, resume=state, keep=True)
    crew = Crew(lambda: source.leaves, workers=workers)
    shared = run(source, story, resume=state, keep=True, crew=crew)
    assert alone.outcome is shared.outcome is Outcome.VERIFIED
    assert bytes(alone.state) == bytes(shared.state)
    assert shared.processes == workers + 1
