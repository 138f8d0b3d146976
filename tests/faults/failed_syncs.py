"""Syncs that fail once: what the system then only shows, and does not keep, is never acknowledged.

The first run ends at a failed sync of the WAL or of the high-water mark. The second starts on what
the system shows, sends the same bytes again, and is told that they are registered. Then the power
goes. A disk that forgot them at the failed sync must have got them again meanwhile.
"""

from __future__ import annotations

import random  # noqa: TID251 - where the cuts fall, no secrets
import shutil
import sys
from collections.abc import Iterable
from pathlib import Path

import power
import syscalls
from disk import Disk


def run(place: Path, *, syncs: Iterable[int], cuts: int, seed: int) -> power.Tally:
    """Let each numbered sync fail in a run of its own, and cut the next run `cuts` times."""
    tally = power.Tally()
    for number in syncs:
        folder = place / str(number)
        folder.mkdir(parents=True)
        fail_and_cut(folder, number, cuts=cuts, seed=seed + number, tally=tally)
        shutil.rmtree(folder)
    return tally


def fail_and_cut(place: Path, number: int, *, cuts: int, seed: int, tally: power.Tally) -> None:
    base, trace = place / "base", place / "trace"
    base.mkdir()
    program = [sys.executable, str(power.FAULTS / "writer.py"), str(base), str(seed)]
    founded = syscalls.record([*program, "0", "1"], trace=trace, cwd=power.ROOT)
    assert founded.returncode == 0, founded.stderr.decode()
    disk, said = Disk(base, seed=seed), power.Said(is_founded=True)
    fault = [f"fdatasync:error=EIO:when={number}"]
    first = syscalls.record(
        [*program, "90", "1", "--stop"], trace=trace, cwd=power.ROOT, faults=fault
    )
    assert first.returncode == 0, first.stderr.decode()
    for call in syscalls.calls(trace):
        said.hear(call)
        disk.take(call)
    # Nothing is tried where the ledger did not open, and nothing fails where SQLite goes on.
    raws = [line[4:] for line in first.stdout.decode().splitlines() if line.startswith("RAW ")]
    assert len(raws) <= 1
    (place / "raws").write_text(raws[0] if raws else "")
    again = ["--again", str(place / "raws")]
    second = syscalls.record([*program, "6", "1", *again], trace=trace, cwd=power.ROOT)
    assert second.returncode == 0, second.stderr.decode()
    disk.restart()
    played = list(syscalls.calls(trace))
    tally.runs += 1
    chance = random.Random(seed)
    moments = {chance.randrange(len(played)) for _ in range(cuts - 1)} | {len(played) - 1}
    for moment, call in enumerate(played):
        said.hear(call)
        disk.take(call)
        if moment in moments:
            disk.cut(place / "cut", seed=chance.getrandbits(32))
            power.check_image(place / "cut", said, tally, copy=False)
            shutil.rmtree(place / "cut")
