"""kill -9 in mid-write: what was acknowledged is there afterwards, at the same index (T01)."""

from __future__ import annotations

import os
import random  # noqa: TID251 - pauses between kills, no secrets
import signal
import time
from pathlib import Path
from typing import Any

from ledger.registrar import Registered

SIZES = (1, 1, 1, 5, 40)


def write_until_killed(actors: Any, directory: Path, pipe: int, tried: list[bytes]) -> None:
    """Submit for ever: say what is tried before, and what was acknowledged after."""
    world, opened = actors.open_world(directory)
    report = os.fdopen(pipe, "w", buffering=1)
    sizes = random.Random(opened.registrar.head().size)
    if tried:
        acknowledge(report, world.registrar.submit(tried))
        world, _ = reopened(actors, opened, directory)
    while True:
        raws = [world.birth() for _ in range(sizes.choice(SIZES))]
        report.write("try " + " ".join(raw.hex() for raw in raws) + "\n")
        acknowledge(report, world.registrar.submit(raws))


def reopened(actors: Any, opened: Any, directory: Path) -> Any:
    opened.close()
    return actors.open_world(directory)


def acknowledge(report: Any, outcomes: list[Any]) -> None:
    for outcome in outcomes:
        assert isinstance(outcome, Registered), outcome
    report.write("ack " + " ".join(f"{o.index}:{o.id.hex()}" for o in outcomes) + "\n")


def run_and_kill(actors: Any, directory: Path, tried: list[bytes], after_s: float) -> list[str]:
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        try:
            write_until_killed(actors, directory, writing, tried)
        finally:
            os._exit(3)
    os.close(writing)
    time.sleep(after_s)
    os.kill(child, signal.SIGKILL)
    with os.fdopen(reading) as report:
        lines = report.read().split("\n")
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status), "the writer ended by itself"
    return lines[:-1]


def test_nothing_acknowledged_is_lost_when_the_process_is_killed(
    actors: Any, directory: Path
) -> None:
    kills = int(os.environ.get("RINGMARK_KILLS", "25"))
    pauses = random.Random(kills)
    acknowledged: dict[str, int] = {}
    tried: list[bytes] = []
    for _ in range(kills):
        lines = run_and_kill(actors, directory, tried, pauses.uniform(0.05, 0.5))
        for line in lines:
            kind, *items = line.split(" ")
            if kind == "try":
                tried = [bytes.fromhex(item) for item in items]
                continue
            tried = []
            for item in items:
                index, name = item.split(":")
                assert acknowledged.setdefault(name, int(index)) == int(index)
    _, opened = actors.open_world(directory)
    published = (directory / "checkpoint").read_bytes()
    actors.check_log(opened.store, opened.trust, published=published)
    found = {name: opened.store.index_of(bytes.fromhex(name)) for name in acknowledged}
    assert found == acknowledged
    assert len(acknowledged) > kills
    opened.close()
