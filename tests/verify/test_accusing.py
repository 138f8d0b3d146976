"""From a failed audit to a file: as large as a file may be, and no larger in memory."""

from __future__ import annotations

import pytest
from hostile import Source, honest, note_of
from trail import Trail, trade

from ledger.log.checkpoint import parse_checkpoint
from ledger.reference.tables import load_tables
from ledger.verify.accusing import accuse
from ledger.verify.audit import audit
from ledger.verify.contradiction import LEAVES_SIZE_MAX, check_contradiction
from ledger.verify.verdict import Outcome
from ledger.wire.note import parse_note


@pytest.fixture(scope="module")
def trail() -> Trail:
    return trade("accusing")[0]


class Long:
    """A log whose leaves from `size` on are one long leaf, over and over: 60 kB each."""

    def __init__(self, source: Source, *, more: int) -> None:
        self._raws = [*source.raw, *[bytes(61_440)] * more]
        self.most = 0

    def leaves(self, start: int, stop: int) -> list[bytes]:
        self.most = max(self.most, stop - start)
        return self._raws[start:stop]

    def note(self, trail: Trail) -> bytes:
        return note_of(trail, self._raws)


def test_a_log_too_long_for_a_file_is_refuted_without_one(trail):
    """A ledger must not get away by being long: the audit says what it found, and has no file."""
    count = LEAVES_SIZE_MAX // 61_445 + 1
    long = Long(honest(trail), more=count)
    note = long.note(trail)
    checkpoint = parse_checkpoint(parse_note(note).text)
    assert accuse(long, note=note, checkpoint=checkpoint, index=checkpoint.size - 1) is None
    assert long.most <= 1_024
    # The block that does not hold ends far before: then there is a file.
    early = accuse(long, note=note, checkpoint=checkpoint, index=3)
    assert early is not None
    assert check_contradiction(early, trust=trail.trust).outcome is Outcome.REFUTED


class Turning:
    """A log that shows each leaf as it is only once."""

    def __init__(self, source: Source) -> None:
        self._raws = list(source.raw)

    def leaves(self, start: int, stop: int) -> list[bytes]:
        shown = self._raws[start:stop]
        self._raws[start:stop] = [b"another" for _ in shown]
        return shown


def test_the_file_holds_the_leaves_that_were_hashed(trail):
    source = honest(trail)
    note = note_of(trail, source.raw)
    checkpoint = parse_checkpoint(parse_note(note).text)
    body = accuse(Turning(source), note=note, checkpoint=checkpoint, index=3)
    assert body is not None
    assert body == accuse(source, note=note, checkpoint=checkpoint, index=3)


def test_an_audit_of_such_a_log_says_what_it_found(trail):
    count = LEAVES_SIZE_MAX // 61_445 + 1
    long = Long(honest(trail), more=count)
    source = Source(long.leaves(0, 1 << 20), long.note(trail))
    report = audit(source, tables=load_tables(), trust=trail.trust)
    assert report.outcome is Outcome.REFUTED
    assert report.first_failure.check == "leaves.strict"
