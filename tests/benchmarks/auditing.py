"""Whole audits, audits without the rules, and resumed ones, beside the bare cost of signatures."""

from __future__ import annotations

import os
import resource
from pathlib import Path

from measure import Figure, Taken, interleave, plain, ratio, ratio_below
from yard import Leaves, bare_verify, open_world, registration, stock, verify_at_once

from ledger.reference.tables import load_tables
from ledger.storage.shelf import DiskShelf
from ledger.trust import Trust, parse_trust
from ledger.verify.audit import audit
from ledger.verify.workers import Crew

CORES = os.cpu_count() or 1


def figures(folder: Path, quick: bool) -> list[Figure]:
    """Return audits of one ledger of one-lot registrations, in one process and in all cores."""
    count = 3_000 if quick else 100_000
    world = open_world()
    sample = stock(world, 200)
    world.ledger.registrar.submit(sample)
    for _ in range(0, count - 200, 1_000):
        world.clock.advance(1)
        world.ledger.registrar.submit([world.sign("farm", registration()) for _ in range(1_000)])
    registrar, store = world.ledger.registrar, world.ledger.store
    leaves = Leaves(store.raws(0, store.size()), registrar.newest_checkpoint())
    trust = parse_trust(world.ledger.trust)
    state = bytes(audit(leaves, tables=load_tables(), trust=trust, keep=True).state or ())
    runs = Runs(leaves, trust, state)
    with verify_at_once(sample, world, processes=CORES) as at_once:
        taken = interleave(
            {
                "alone": lambda: runs.run(jobs=1),
                "shared": lambda: runs.run(jobs=CORES),
                "form alone": lambda: runs.run(jobs=1, rules=False),
                "form shared": lambda: runs.run(jobs=CORES, rules=False),
                "resumed": lambda: runs.run(jobs=CORES, resume=True),
                "verify": bare_verify(sample, world),
                "verify at once": at_once,
            },
            rounds=3,
            # A slice of 100,000 leaves is half a minute: what disturbs it is averaged in it.
            repeats=None if quick else 0,
        )
    return _rows(taken, store.size())


class Runs:
    """Audits of one ledger, each to its end."""

    def __init__(self, leaves: Leaves, trust: Trust, state: bytes) -> None:
        self._leaves, self._trust, self._state = leaves, trust, state
        self._tables = load_tables()

    def run(self, *, jobs: int, rules: bool = True, resume: bool = False) -> int:
        """Audit in `jobs` processes and return how many leaves there were."""
        crew = Crew(lambda: self._leaves.leaves, workers=jobs - 1) if jobs > 1 else None
        report = audit(
            self._leaves,
            tables=self._tables,
            trust=self._trust,
            crew=crew,
            rules=rules,
            resume=self._state if resume else None,
            shelf=DiskShelf,
        )
        assert report.first_failure is None, report.first_failure
        assert report.outcome == ("verified" if rules else "undecided")
        return report.size


def _rows(taken: Taken, size: int) -> list[Figure]:
    bare = taken["verify"] / CORES
    beside = f"bare PyNaCl verify / {CORES} cores"
    work = taken.cpu["shared"] / taken.cpu["verify"]
    form = taken.cpu["form shared"] / taken.cpu["verify"]
    resumed = taken.cpu["resumed"] / taken.cpu["verify"]
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return [
        plain(f"whole audit of {size:,} leaves, for each leaf", taken["alone"], beside="1 process"),
        plain("the same", taken["shared"], beside=f"{CORES} processes"),
        ratio_below(
            "whole audit with rules and state map",
            taken["shared"] / bare,
            beside=beside,
            at_most=2.0,
        ),
        Figure("its processor time, all processes", work, "×", "bare verify's", "", None),
        Figure("without the rules, processor time", form, "×", "bare verify's", "", None),
        Figure("resumed, processor time", resumed, "×", "bare verify's", "", None),
        ratio_below(
            "strictness, signatures, links and tree alone",
            taken["form shared"] / bare,
            beside=beside,
            at_most=1.5,
        ),
        ratio(
            f"the same, {CORES} processes",
            taken["form alone"] / taken["form shared"],
            beside="1 process",
            at_least=1.8,
        ),
        Figure(
            f"bare verify, {CORES} processes",
            taken["verify"] / taken["verify at once"],
            "×",
            "1 process: what this machine's cores give at most",
            "",
            None,
        ),
        Figure(
            "strictness, signatures, links and tree alone",
            taken["form shared"] / taken["verify at once"],
            "×",
            f"bare verify in {CORES} processes at once",
            "",
            None,
        ),
        ratio(
            "resumed from a remembered state",
            taken["shared"] / taken["resumed"],
            beside="the whole audit",
            at_least=4.0,
        ),
        Figure("memory of this process", memory, "MB", "leaves held in memory too", "", None),
    ]
