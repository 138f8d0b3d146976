"""A server that rolls back, forks, or lies in its closings: the proof of it can be carried away."""

from __future__ import annotations

import pytest
from hostile import Source, honest, note_of, rewritten
from msgspec import structs
from proof_files import rebuilt
from trail import Trail, world

from ledger.custody.control import LotHeld
from ledger.custody.goods import Part
from ledger.custody.subjects import Kind, Subject
from ledger.reference.tables import load_tables
from ledger.statement import parse_statement
from ledger.verify.accusing import accuse_of_fork
from ledger.verify.audit import audit
from ledger.verify.checks import Remembered
from ledger.verify.contradiction import build_contradiction, check_contradiction, check_fork
from ledger.verify.file import verify_bytes
from ledger.verify.report import format_remembered, parse_remembered
from ledger.verify.resuming import RememberedError
from ledger.verify.verdict import Level, Outcome


@pytest.fixture(scope="module")
def held() -> tuple[Trail, str]:
    trail, code = world("histories")
    trail.clock.advance(60)
    trail.tell(LotHeld(lots={code: Part()}, reason="papers missing"), by="parks")
    return trail, code


def run(source, trail: Trail, **more):
    return audit(source, tables=load_tables(), trust=trail.trust, **more)


def test_a_rollback_is_refused_by_an_auditor_who_remembers(held):
    trail, _ = held
    head = trail.store.head()
    remembered = Remembered(head.size, head.root)
    leaves = honest(trail).raw[: head.size - 2]
    report = run(Source(leaves, note_of(trail, leaves)), trail, remembered=remembered)
    assert report.outcome is Outcome.REFUTED
    assert report.first_failure.check == "history.remembered"
    assert run(honest(trail), trail, remembered=remembered).outcome is Outcome.VERIFIED


def test_what_is_remembered_is_demanded_of_a_grown_ledger():
    trail, code = world("growing")
    first = run(honest(trail), trail)
    assert first.remember is not None
    text = format_remembered(first.remember, ledger=trail.ledger)
    assert parse_remembered(text) == (trail.ledger, first.remember)
    trail.tell(LotHeld(lots={code: Part()}, reason="papers missing"), by="parks")
    again = run(honest(trail), trail, remembered=first.remember)
    assert again.outcome is Outcome.VERIFIED
    other = Remembered(first.remember.size, bytes(32))
    assert run(honest(trail), trail, remembered=other).outcome is Outcome.REFUTED
    elsewhere = Remembered(first.remember.size, bytes(32), bytes(32))
    with pytest.raises(RememberedError) as caught:
        run(honest(trail), trail, remembered=elsewhere)
    assert caught.value.code == "remembered.ledger"


@pytest.mark.parametrize("kept", range(1, 12))
def test_two_histories_are_a_portable_proof(held, kept):
    """A checkpoint of any size that an auditor kept accuses a log that was written anew."""
    trail, _ = held
    source, honest_leaves = honest(trail), honest(trail).raw
    kept = len(honest_leaves) if kept == 11 else kept
    note = note_of(trail, [*honest_leaves[: kept - 1], b"what was there"])
    proof = accuse_of_fork(source, note=note, trust=trail.trust)
    assert proof is not None
    verdict = check_fork(proof, trust=trail.trust)
    assert (verdict.outcome, verdict.reason) == (Outcome.VERIFIED, "history.two")
    assert verify_bytes(proof, trust=trail.trust, now_s=0) == verdict
    stranger, _ = world("stranger")
    assert check_fork(proof, trust=stranger.trust).outcome is Outcome.UNDECIDED
    true = note_of(trail, honest_leaves[:kept])
    assert accuse_of_fork(source, note=true, trust=trail.trust) is None
    for place, value in (("one", true), ("before", bytes(32)), ("path", [bytes(32)] * 9)):
        wrong = rebuilt(proof, (place,), value)
        assert check_fork(wrong, trust=trail.trust).outcome is Outcome.REFUTED


def test_nobody_is_accused_of_a_fork_by_what_proves_none(held):
    trail, _ = held
    leaves = honest(trail).raw
    other = note_of(trail, [*leaves[:4], b"what was there"])
    shorter = Source(leaves[:4], note_of(trail, leaves[:4]))
    assert accuse_of_fork(shorter, note=other, trust=trail.trust) is None
    lost = Source(leaves[:-1], honest(trail).note)
    assert accuse_of_fork(lost, note=other, trust=trail.trust) is None
    changed = Source([*leaves[:-1], b"another"], honest(trail).note)
    assert accuse_of_fork(changed, note=other, trust=trail.trust) is None
    assert accuse_of_fork(honest(trail), note=b"not a note", trust=trail.trust) is None
    assert accuse_of_fork(Source([], other), note=other, trust=trail.trust) is None


LIES = {
    "state": ("closings.state", {"state": bytes(32)}),
    "root": ("closings.root", {"root": bytes(32)}),
    "last": ("blocks.linked", {"last": bytes(32)}),
    "height": ("blocks.linked", {"height": 99}),
    "count": ("blocks.linked", {"count": 0}),
    "refused": ("closings.refused", {"refused": ((bytes(32), 1, bytes(32), "seq.used"),)}),
}


@pytest.mark.parametrize("lie", LIES)
def test_every_lie_in_a_closing_is_named_and_proved(held, lie):
    trail, _ = held
    check, changes = LIES[lie]
    liar = rewritten(trail, forge=lambda event: structs.replace(event, **changes))
    report = run(liar.source(), trail)
    assert report.outcome is Outcome.REFUTED
    assert report.first_failure.check == check
    verdict = verify_bytes(report.contradiction, trust=trail.trust, now_s=0)
    assert (verdict.outcome, verdict.level) == (Outcome.VERIFIED, Level.STOP)


def test_a_refused_statement_that_two_closings_name_accuses_nobody(held):
    """The second time its number is taken, as if the key had signed two statements with it."""
    trail, _ = held
    pen = trail.pens["farm"]
    row = (pen.signer.kid, pen.seq + 1, bytes([7]) * 32, "custody.not-holder")
    once = run(rewritten(trail, refuse={1: row}).source(), trail)
    assert once.outcome is Outcome.VERIFIED
    liar = rewritten(trail, refuse={2: row, 1: row})
    found = liar.base.records[Subject(Kind.PARTY, "farm")].state.findings
    assert [finding.rule for finding in found] == ["seq.reused"]
    report = run(liar.source(), trail)
    assert (report.outcome, report.first_failure.check) == (Outcome.REFUTED, "closings.refused")
    verdict = verify_bytes(report.contradiction, trust=trail.trust, now_s=0)
    assert (verdict.outcome, verdict.level) == (Outcome.VERIFIED, Level.STOP)
    ends = [i for i, raw in enumerate(liar.leaves) if parse_statement(raw).type == "BlockClosed"]
    leaves = liar.leaves[: ends[-2] + 1]
    before = run(Source(leaves, note_of(trail, leaves)), trail, keep=True)
    assert before.outcome is Outcome.VERIFIED
    resumed = run(liar.source(), trail, resume=bytes(before.state))
    assert resumed.first_failure.check == "closings.refused"


def test_a_time_that_falls_is_named(held):
    trail, _ = held
    liar = rewritten(trail, forge=lambda event: structs.replace(event, at=1_000))
    report = run(liar.source(), trail)
    assert report.outcome is Outcome.REFUTED


def test_a_statement_left_out_leads_to_another_tree(held):
    trail, _ = held
    liar = rewritten(trail, drop=lambda name: name == "LotHeld")
    # The liar's log is a log; only who holds the receipt or a newer checkpoint knows better.
    assert run(liar.source(), trail).outcome is Outcome.VERIFIED
    head = trail.store.head()
    report = run(liar.source(), trail, remembered=Remembered(head.size, head.root))
    assert report.outcome is Outcome.REFUTED
    assert report.first_failure.check == "history.remembered"


def test_leaves_changed_lost_or_added_are_found(held):
    trail, _ = held
    source = honest(trail)
    for place in range(len(source.raw)):
        flipped = bytearray(source.raw[place])
        flipped[len(flipped) // 2] ^= 1
        leaves = [*source.raw[:place], bytes(flipped), *source.raw[place + 1 :]]
        report = run(Source(leaves, source.note), trail)
        assert report.outcome is not Outcome.VERIFIED, place
        assert report.contradiction is None, "the log never signed these leaves"
    assert run(Source(source.raw[:-1], source.note), trail).outcome is Outcome.REFUTED
    swapped = [source.raw[0], source.raw[2], source.raw[1], *source.raw[3:]]
    assert run(Source(swapped, source.note), trail).outcome is Outcome.REFUTED


def test_nobody_is_accused_by_a_block_cut_short(held):
    trail, _ = held
    source = honest(trail)
    proof = build_contradiction(
        ledger=trail.ledger, checkpoint=source.note, leaves=source.raw, path=()
    )
    assert check_contradiction(proof, trust=trail.trust).outcome is Outcome.REFUTED
    from ledger.log.frontier import LevelStore, prove_consistency
    from ledger.log.tree import leaf_hash

    hashes = [leaf_hash(raw) for raw in source.raw]
    reader = LevelStore().reader(lambda start, stop: hashes[start:stop], size=len(hashes))
    for cut in range(1, len(hashes)):
        path = prove_consistency(reader, old_size=cut, size=len(hashes))
        proof = build_contradiction(
            ledger=trail.ledger, checkpoint=source.note, leaves=source.raw[:cut], path=path
        )
        assert check_contradiction(proof, trust=trail.trust).outcome is Outcome.REFUTED, cut


def test_an_audit_says_when_one_person_decides(held):
    trail, _ = held
    assert run(honest(trail), trail).authority == "one-person authority"
    many = Trail("many-hands", roots=3, threshold=2, thresholds="thresholds-two")
    assert run(honest(many), many).authority == "2 of 3 root keys"
