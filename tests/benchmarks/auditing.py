"""A whole audit of 100,000 events, beside the bare cost of its signatures."""

from __future__ import annotations

import os
import resource
from pathlib import Path

from measure import Figure, interleave, plain, ratio_below
from yard import bare_verify, open_world, registration, stock

from ledger.reference.tables import load_tables
from ledger.trust import parse_trust
from ledger.verify.audit import audit
from ledger.verify.workers import Crew


class Leaves:
    """A source of leaves in memory."""

    def __init__(self, raws: list[bytes], note: bytes) -> None:
        self._raws, self._note = raws, note

    def checkpoint_note(self) -> bytes:
        return self._note

    def leaves(self, start: int, stop: int) -> list[bytes]:
        return self._raws[start:stop]


def figures(folder: Path, quick: bool) -> list[Figure]:
    """Return the audit with rules and state map, in one process and in two."""
    count = 2_000 if quick else 100_000
    world = open_world()
    sample = stock(world, 200)
    for start in range(0, count, 1_000):
        world.clock.advance(1)
        raws = sample if not start else [world.sign("farm", registration()) for _ in range(1_000)]
        world.ledger.registrar.submit(raws)
    registrar, store = world.ledger.registrar, world.ledger.store
    leaves = Leaves(store.raws(0, store.size()), registrar.newest_checkpoint())
    trust, tables = parse_trust(world.ledger.trust), load_tables()

    def whole(workers: int, *, rules: bool = True) -> int:
        crew = Crew(lambda: leaves.leaves, workers=workers) if workers else None
        report = audit(leaves, tables=tables, trust=trust, crew=crew, rules=rules)
        assert report.first_failure is None, report.first_failure
        assert report.outcome == ("verified" if rules else "undecided")
        return report.size

    taken = interleave(
        {
            "audit": lambda: whole(0),
            "audit beside": lambda: whole(1),
            "verify": bare_verify(sample, world),
        },
        rounds=1 if not quick else 3,
    )
    bare = taken["verify"]
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    cores = os.cpu_count() or 1
    return [
        plain(f"whole audit of {store.size():,} leaves, for each leaf", taken["audit"]),
        ratio_below(
            "whole audit with rules and state map, one process",
            taken["audit"] / (bare / cores),
            beside=f"bare PyNaCl verify / {cores} cores",
            at_most=2.0,
        ),
        ratio_below(
            "the same, signatures in a second process",
            taken["audit beside"] / (bare / cores),
            beside=f"bare PyNaCl verify / {cores} cores",
            at_most=2.0,
        ),
        Figure("memory of this process", memory, "MB", "leaves held in memory too", "", None),
    ]
