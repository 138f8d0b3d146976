"""A ledger of any size, made by the real registrar and audited from its database.

Goods are registered, change hands, and half of them leave, so that lots end as well. Nothing is
kept in memory but what the registrar and the audit keep themselves.
"""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from measure import Figure, Taken, interleave, plain, ratio_below
from yard import bare_verify, open_world, registration, stock

from ledger.custody.goods import Part
from ledger.custody.lots import LotDeparted
from ledger.custody.transfers import Moves, TransferAccepted, TransferOffered
from ledger.registrar import Registered
from ledger.simulator.world import World
from ledger.statement import lot_code, parse_statement

BATCH = 1_000
ONE_PROCESS_UP_TO = 1_000_000
"""Statements up to which one process audits as well; above, that alone takes half an hour."""
CORES = os.cpu_count() or 1
AUDIT = "import sys; from cli.main import main; sys.exit(main(sys.argv[1:]))"


def figures(folder: Path, events: int) -> list[Figure]:
    """Return what a ledger of about `events` statements costs to make, to keep and to audit.

    Ctrl-C ends the making: what is there by then is audited.
    """
    place = folder / "ledger"
    world = open_world(place)
    begun = time.perf_counter()
    made = lots = 0
    stopped: list[int] = []
    signal.signal(signal.SIGINT, lambda number, frame: stopped.append(number))
    for batch, born in traffic(world):
        outcomes = world.ledger.registrar.submit(batch)
        failed = [outcome for outcome in outcomes if not isinstance(outcome, Registered)]
        assert not failed, failed[0]
        world.clock.advance(1)
        made, lots = made + len(batch), lots + born
        if made % 100_000 < BATCH:
            print(f"{made:,} statements, {_memory_mb():,.0f} MB", file=sys.stderr, flush=True)
        if made >= events or stopped:
            break
    taken_s = time.perf_counter() - begun
    sample = stock(world, 200)
    bare = interleave({"verify": bare_verify(sample, world)}, rounds=7)
    world.clock.advance(1)
    world.ledger.registrar.submit(sample[:1])
    size, registrar_mb = world.ledger.registrar.head().size, _memory_mb()
    world.ledger.close()  # type: ignore[union-attr]
    stored = sum(file.stat().st_size for file in place.iterdir() if file.is_file())
    rows = [
        Figure("leaves", float(size), "", f"{lots:,} lots", "", None),
        plain("made, for each statement", taken_s / made, beside=f"batches of {BATCH:,}, durable"),
        Figure("memory of the registrar", registrar_mb, "MB", "at its largest", "", None),
        Figure("database", stored / size, "bytes a leaf", f"{stored / 1e9:.2f} GB", "", None),
    ]
    print(*rows, sep="\n", file=sys.stderr, flush=True)
    for jobs in dict.fromkeys((CORES, 1) if made <= ONE_PROCESS_UP_TO else (CORES,)):
        rows += _audited(place, jobs, size=size, lots=lots, bare=bare)
    return rows


def traffic(world: World) -> Iterator[tuple[list[bytes], int]]:
    """Yield batches without end, and how many lots each brings to life.

    Every lot is registered, offered and accepted; every second one then departs.
    """
    while True:
        born = [world.sign("farm", registration()) for _ in range(BATCH)]
        yield born, BATCH
        codes = []
        for raw in born:
            statement = parse_statement(raw)
            codes.append(lot_code(kid=statement.kid, salt=statement.salt, i=0))
        offers = []
        for code in codes:
            offer = TransferOffered(
                to="tannery",
                lots={code: Part()},
                moves=Moves.BOTH,
                expires=world.clock.now_s() + 86_400,
            )
            offers.append(world.sign("farm", offer))
        yield offers, 0
        yield [world.sign("tannery", TransferAccepted(parse_statement(o).id)) for o in offers], 0
        gone = [LotDeparted({code: Part()}, "retail", country="ZW") for code in codes[::2]]
        yield [world.sign("tannery", event) for event in gone], 0
        for member in world.members.values():
            member.said.clear()


def _audited(place: Path, jobs: int, *, size: int, lots: int, bare: Taken) -> list[Figure]:
    """Audit in a process of its own, so that its memory is its own too."""
    words = ("audit", str(place), "--trust", str(place / "trust.json"), "--jobs", str(jobs))
    begun, before = time.perf_counter(), sum(os.times()[2:4])
    done = subprocess.run(
        [sys.executable, "-c", AUDIT, *words, "--json"], capture_output=True, text=True, check=False
    )
    wall_s = time.perf_counter() - begun
    cpu_s = sum(os.times()[2:4]) - before
    assert done.returncode == 0, done.stdout + done.stderr
    from ledger.wire import text

    report = text.json_loads(done.stdout)
    assert isinstance(report, dict)
    live, ended, memory = report["lots"]["live"], report["lots"]["ended"], report["memory_mb"]
    allowed = 150 + live * 1.5e-3
    name = f"audit, {jobs} processes" if jobs > 1 else "audit, 1 process"
    bar = 2.0 if size <= 200_000 else 2.5
    rows = [
        plain(f"{name}, for each leaf", wall_s / size, beside=f"{wall_s:,.0f} s in all"),
        plain(
            "its processor time, all processes",
            cpu_s / size,
            beside=f"{cpu_s / size / bare.cpu['verify']:.1f} × bare verify's",
        ),
    ]
    if jobs == CORES:
        beside = f"bare PyNaCl verify / {CORES} cores"
        rows.append(
            ratio_below(name, wall_s / size / (bare["verify"] / CORES), beside=beside, at_most=bar)
        )
    rows.append(
        Figure(
            f"{name}, memory of the process that replays",
            memory,
            "MB",
            f"{live:,} live lots, {ended:,} ended; all of {lots:,}",
            f"≤ {allowed:,.0f} MB",
            memory <= allowed,
        )
    )
    return rows


def _memory_mb() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1_024 / 1e6
