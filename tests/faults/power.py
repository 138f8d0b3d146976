"""Power cuts: a recorded run is played on a disk that forgets, and cut at any moment (T02, T03).

One run of the writer gives the calls; each cut gives a directory as it would lie on the disk
afterwards. The product opens it as after any start: everything acknowledged before the cut must be
there, at the same index, in the ledger and in its copy. The last cut of a run is where the next run
starts, so recoveries are cut as well.
"""

from __future__ import annotations

import random  # noqa: TID251 - where the cuts fall, no secrets
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import actors
import syscalls
from disk import Disk

from ledger.desk.leaves import StoredLeaves
from ledger.reference.tables import load_tables
from ledger.registrar.inspecting import inspect_deep
from ledger.storage.twin import restore_copy
from ledger.verify.audit import audit
from ledger.wiring import open_for_reading

FAULTS = Path(__file__).resolve().parent
ROOT = FAULTS.parent.parent


@dataclass
class Tally:
    """What a campaign saw: `checked` acknowledgements looked for after the cuts, `lost` not there.

    `moved` stood at another index; `audits` were made and clean, one at least for each run.
    """

    runs: int = 0
    cuts: int = 0
    checked: int = 0
    lost: int = 0
    moved: int = 0
    audits: int = 0


@dataclass
class Said:
    """What the writer had said when the power went."""

    is_founded: bool = False
    acknowledged: dict[bytes, int] = field(default_factory=dict)

    def hear(self, call: syscalls.Call) -> None:
        """Take note of what a call says, from the moment it begins to be said."""
        if call.name == "write" and call.phase == "begin" and call.numbers[0] == "1":
            self.take(call.strings[0].decode())

    def take(self, text: str) -> None:
        for line in text.splitlines():
            kind, *items = line.split(" ")
            self.is_founded |= kind == "FOUNDED"
            if kind == "ACK":
                for index, name in (item.split(":") for item in items):
                    self.acknowledged[bytes.fromhex(name)] = int(index)


def run(
    place: Path,
    *,
    cuts: int,
    seed: int,
    per_run: int = 20,
    statements: int = 400,
    copy: bool = True,
) -> Tally:
    """Make `cuts` power cuts and check the ledger after each; `place` must be empty."""
    tally, said = Tally(), Said()
    base = place / "base"
    base.mkdir(parents=True)
    while tally.cuts < cuts:
        number = min(per_run, cuts - tally.cuts)
        trace = record_run(place, base, seed=seed + tally.runs, statements=statements, copy=copy)
        tally.runs += 1
        kept = said
        for image, then in cut_run(base, trace, place, number, seed=seed + tally.runs, said=said):
            number -= 1
            check_image(image, then, tally, copy=copy, audits=number == 0)
            kept = then
        # The next run starts from what the last cut left, after its check.
        shutil.rmtree(base)
        image.rename(base)
        said = kept
        trace.unlink()
    return tally


def record_run(place: Path, base: Path, *, seed: int, statements: int, copy: bool) -> Path:
    """Run the writer on a copy of `base`, which stays as it is; return the trace of its calls."""
    start, trace = place / "start", place / "trace"
    shutil.copytree(base, start, symlinks=True)
    flags = ["--copy"] if copy else []
    flags += ["--close"] if seed % 2 else []
    program = [sys.executable, str(FAULTS / "writer.py"), str(base), str(seed), str(statements)]
    done = syscalls.record([*program, "4", *flags], trace=trace, cwd=ROOT)
    assert done.returncode == 0, done.stderr.decode()
    shutil.rmtree(base)
    start.rename(base)
    return trace


def cut_run(
    base: Path, trace: Path, place: Path, count: int, *, seed: int, said: Said
) -> Iterator[tuple[Path, Said]]:
    """Yield what each of `count` cuts leaves of a run, and what had been said until then."""
    chance = random.Random(seed)
    played = list(syscalls.calls(trace))
    # One cut at random in each of `count` stretches of the run.
    step = len(played) / count
    moments = [int((number + chance.random()) * step) for number in range(count)]
    disk, place_of_cut = Disk(base, seed=seed), place / "cut"
    then = Said(said.is_founded, dict(said.acknowledged))
    for number, call in enumerate(played):
        if moments and number == moments[0]:
            moments.pop(0)
            shutil.rmtree(place_of_cut, ignore_errors=True)
            disk.cut(place_of_cut, seed=chance.getrandbits(32))
            yield place_of_cut, Said(then.is_founded, dict(then.acknowledged))
        then.hear(call)
        disk.take(call)


def check_image(image: Path, said: Said, tally: Tally, *, copy: bool, audits: bool = True) -> None:
    """Open what a cut left, and count what of the acknowledged is not there.

    The whole log is hashed and linked again each time, and audited too if `audits` asks for it.
    """
    tally.cuts += 1
    directory = image / "ledger"
    if not directory.exists():
        assert not said.is_founded, "a founded ledger is gone"
        return
    if copy and said.acknowledged:
        restored = image / "restored"
        restore_copy(image / "copy", restored)
        shutil.copytree(directory / "keys", restored / "keys", dirs_exist_ok=True)
        check_ledger(restored, said, tally, audits=audits)
        shutil.rmtree(restored)
    check_ledger(directory, said, tally, audits=audits)


def check_ledger(directory: Path, said: Said, tally: Tally, *, audits: bool = True) -> None:
    _, opened = actors.open_world(directory)
    try:
        actors.check_log(
            opened.store, opened.trust, published=(directory / "checkpoint").read_bytes()
        )
        tally.checked += len(said.acknowledged)
        for name, index in said.acknowledged.items():
            found = opened.store.index_of(name)
            tally.lost += found is None
            tally.moved += found not in (None, index)
    finally:
        opened.close()
    if audits:
        audit_clean(directory)
        tally.audits += 1


def audit_clean(directory: Path) -> None:
    """Audit a ledger that was opened and closed again; fail unless it is verified."""
    reading = open_for_reading(directory)
    try:
        source = StoredLeaves(reading.store, reading.published.read)
        report = audit(source, tables=load_tables(), stored=partial(inspect_deep, reading.store))
        assert report.outcome.value == "verified", report.first_failure
    finally:
        reading.store.close()
