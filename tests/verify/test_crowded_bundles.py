"""A permit that strangers name in long statements: bundles of goods under it stay small."""

from __future__ import annotations

from trail import PERMIT, Trail, world

from ledger.custody.documents import DocumentRecorded, Paper
from ledger.verify.bundle import check_bundle
from ledger.verify.head import FILE_SIZE_MAX
from ledger.verify.verdict import Outcome

STATEMENTS, LETTERS = 150, 57_000
"""Together over 8 MiB: more than a bundle may have."""


def names_the_permit(trail: Trail, number: int) -> int:
    """A stranger records a paper that rests on the permit, and says a lot; return its size."""
    paper = Paper(rests_on=(PERMIT,), conditions="x" * LETTERS)
    return len(trail.tell(DocumentRecorded(f"ZW/PERMIT/9{number}", paper), by="maker").raw)


def test_strangers_do_not_make_a_bundle_too_large() -> None:
    trail, code = world("crowded-bundle")
    before = trail.reader.bundle(code)
    total = sum(names_the_permit(trail, number) for number in range(STATEMENTS))
    assert total > FILE_SIZE_MAX
    data = trail.reader.bundle(code)
    assert len(data) < 2 * len(before)
    verdict = check_bundle(data, trust=trail.trust, now_s=trail.clock.now_s())
    assert verdict.outcome is Outcome.VERIFIED
    (tracks,) = [check for check in verdict.checks if check.name == "tracks.complete"]
    assert "1 records alone" in tracks.detail
