"""Calls to the disk that fail: the N-th one, once or from then on (T06).

strace lets the N-th write, sync or rename of the writer fail with EIO or ENOSPC. The writer goes
on as a client does. Afterwards, on a sound disk, everything that it acknowledged must be there, and
after a sync that fails for ever nothing may have been acknowledged at all.
"""

from __future__ import annotations

import shutil
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple

import power
import syscalls

SAID_MAX = 4_096
"""Bytes of a call that are kept: what the writer says is shorter, its WAL is not looked at."""


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


CALLS = (("fdatasync", "EIO"), ("fsync", "EIO"), ("rename", "EIO"), ("pwrite64", "EIO"),
         ("pwrite64", "ENOSPC"))  # fmt: skip
"""Few syncs and names, then many writes: what a run that is broken off has done counts most."""
TOLD_EVERY = 50
"""Runs after which the figures so far are told, for a campaign takes hours on a busy machine."""


WRITER = (sys.executable, str(power.FAULTS / "writer.py"))


def faults_up_to(last: Mapping[str, int], *, step: int = 1) -> list[Fault]:
    """Return the faults of a campaign: each number of each call, once and for ever.

    Of writes, which are many, only every `step`-th number.
    """
    return [
        Fault(call, error, number, is_lasting)
        for call, error in CALLS
        for number in range(1, last[call] + 1, step if call == "pwrite64" else 1)
        for is_lasting in (False, True)
    ]


def run(place: Path, faults: Iterable[Fault] | None, *, seed: int, step: int = 1) -> Errors:
    """Let each fault strike a run of its own on the same ledger, and check what is left.

    Without `faults` every call that a sound run makes fails once, and with all after it (of writes
    every `step`-th).
    """
    place.mkdir()
    errors, whole, trace = Errors(), place / "whole", place / "trace"
    whole.mkdir()
    done = syscalls.record([*WRITER, str(whole), str(seed), "20", "1"], trace=trace, cwd=power.ROOT)
    assert done.returncode == 0, done.stderr.decode()
    if faults is None:
        faults = faults_up_to(count(place, whole, seed=seed), step=step)
    for fault in faults:
        base = place / "base"
        shutil.copytree(whole, base)
        strike(errors, writer_on(base, seed=seed), fault, trace=trace)
        check(errors, base, trace, fault)
        shutil.rmtree(base)
        if errors.runs % TOLD_EVERY == 0:
            print(fault.words, errors, file=sys.stderr)
    return errors


def writer_on(base: Path, *, seed: int) -> list[str]:
    """Return the words that start the writer which a fault strikes."""
    return [*WRITER, str(base), str(seed + 1), "12", "1"]


def count(place: Path, whole: Path, *, seed: int) -> Counter[str]:
    """Return how often a sound run makes each call."""
    base, trace = place / "base", place / "trace"
    shutil.copytree(whole, base)
    done = syscalls.record(writer_on(base, seed=seed), trace=trace, cwd=power.ROOT)
    assert done.returncode == 0, done.stderr.decode()
    shutil.rmtree(base)
    return Counter(call.name for call in syscalls.calls(trace) if call.phase == "end")


def strike(errors: Errors, program: list[str], fault: Fault, *, trace: Path) -> None:
    errors.runs += 1
    done = syscalls.record(
        program, trace=trace, cwd=power.ROOT, faults=[fault.words], string_max=SAID_MAX
    )
    errors.refused += b"REFUSED" in done.stdout
    if done.returncode:
        errors.unreported += 1
        print(fault.words, done.stdout.decode()[-200:], done.stderr.decode()[-600:], sep="\n")


def check(errors: Errors, base: Path, trace: Path, fault: Fault) -> None:
    said, has_failed = power.Said(is_founded=True), False
    for call in syscalls.calls(trace, whole=False):
        before = len(said.acknowledged)
        said.hear(call)
        has_failed |= call.name == fault.call and call.result < 0 and call.phase == "end"
        is_sync = fault.call == "fdatasync" and fault.is_lasting
        if is_sync and has_failed and len(said.acknowledged) > before:
            errors.unreported += 1
    errors.faults += has_failed
    power.check_ledger(base / "ledger", said, errors.tally)
