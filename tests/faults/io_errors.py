"""Calls to the disk that fail: the N-th one, once or from then on (T06).

strace lets the N-th write, sync or rename of the writer fail with EIO or ENOSPC. The writer goes
on as a client does. Afterwards, on a sound disk, everything that it acknowledged must be there, and
after a sync that fails for ever nothing may have been acknowledged at all.
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import power
import syscalls


class Fault(NamedTuple):
    """A call of a name, from 1, that fails with an error: once, or it and all after it."""

    call: str
    error: str
    number: int
    is_lasting: bool

    @property
    def words(self) -> str:
        return f"{self.call}:error={self.error}:when={self.number}{'+' if self.is_lasting else ''}"


@dataclass
class Errors:
    """What became of the runs: `faults` struck, of which `refused` when the ledger was opened.

    `unreported` ended without plain words, or acknowledged although syncs failed for ever.
    """

    runs: int = 0
    faults: int = 0
    refused: int = 0
    tally: power.Tally = field(default_factory=power.Tally)
    unreported: int = 0


CALLS = (("pwrite64", "EIO"), ("pwrite64", "ENOSPC"), ("fdatasync", "EIO"), ("fsync", "EIO"),
         ("rename", "EIO"))  # fmt: skip


def faults_up_to(last: int) -> list[Fault]:
    """Return the faults of a full campaign: every number up to `last`, once and for ever."""
    return [
        Fault(call, error, number, is_lasting)
        for call, error in CALLS
        for number in range(1, last + 1)
        for is_lasting in (False, True)
    ]


def run(place: Path, faults: Iterable[Fault], *, seed: int) -> Errors:
    """Let each fault strike a run of its own on the same ledger, and check what is left."""
    place.mkdir()
    errors, whole = Errors(), place / "whole"
    whole.mkdir()
    writer = [sys.executable, str(power.FAULTS / "writer.py")]
    done = syscalls.record(
        [*writer, str(whole), str(seed), "20", "1"], trace=place / "trace", cwd=power.ROOT
    )
    assert done.returncode == 0, done.stderr.decode()
    for fault in faults:
        base = place / "base"
        shutil.copytree(whole, base)
        program = [*writer, str(base), str(seed + 1), "12", "1"]
        strike(errors, program, fault, trace=place / "trace")
        check(errors, base, place / "trace", fault)
        shutil.rmtree(base)
    return errors


def strike(errors: Errors, program: list[str], fault: Fault, *, trace: Path) -> None:
    errors.runs += 1
    done = syscalls.record(program, trace=trace, cwd=power.ROOT, faults=[fault.words])
    errors.refused += b"REFUSED" in done.stdout
    if done.returncode:
        errors.unreported += 1
        print(fault.words, done.stdout.decode()[-200:], done.stderr.decode()[-600:], sep="\n")


def check(errors: Errors, base: Path, trace: Path, fault: Fault) -> None:
    said, has_failed = power.Said(is_founded=True), False
    for call in syscalls.calls(trace):
        before = len(said.acknowledged)
        said.hear(call)
        has_failed |= call.name == fault.call and call.result < 0 and call.phase == "end"
        is_sync = fault.call == "fdatasync" and fault.is_lasting
        if is_sync and has_failed and len(said.acknowledged) > before:
            errors.unreported += 1
    errors.faults += has_failed
    power.check_ledger(base / "ledger", said, errors.tally)
