"""A program that registers with several threads and says on its output what was acknowledged.

    python writer.py BASE SEED STATEMENTS THREADS [--copy] [--close] [--stop] [--again FILE]

With --stop it ends at the first failure, having said `RAW` and the bytes that it tried; --again
names a file of such bytes to begin with. Fault tests watch it, cut its power and break its calls.
`FOUNDED` and `SETTLED` are said after each of the first steps; then `ACK index:id ...` for each
answer, in one write of its own.
"""

from __future__ import annotations

import os
import queue
import random  # noqa: TID251 - sizes of batches, no secrets
import sys
import threading
import time
from pathlib import Path

import actors

from ledger.errors import UnavailableError
from ledger.registrar import Outcome, Registered

SIZES = (1, 1, 1, 1, 3, 12)
TRIES = 30


def main(arguments: list[str]) -> None:
    base, seed, count, threads, *flags = arguments
    directory = Path(base) / "ledger"
    if not directory.exists():
        actors.found_directory(directory)
        say("FOUNDED")
    copy = Path(base) / "copy" if "--copy" in flags else None
    try:
        world, opened = actors.open_world(directory, copy=copy)
    except UnavailableError as error:
        say(f"REFUSED {error.code}")
        os._exit(0)
    if opened.registrar.head().height < 1:
        world.settle()
        say("SETTLED")
    waiting: queue.SimpleQueue[list[bytes]] = queue.SimpleQueue()
    if "--again" in flags:
        lines = Path(flags[flags.index("--again") + 1]).read_text().split()
        waiting.put([bytes.fromhex(line) for line in lines])
    for batch in batches(world, int(seed), int(count)):
        waiting.put(batch)
    workers = [
        threading.Thread(target=register, args=(world, waiting, False))
        for _ in range(int(threads) - 1)
    ]
    for worker in workers:
        worker.start()
    register(world, waiting, "--stop" in flags)
    for worker in workers:
        worker.join()
    if "--close" in flags:
        opened.close()
    os._exit(0)


def batches(world: actors.World, seed: int, count: int) -> list[list[bytes]]:
    sizes = random.Random(seed)
    made: list[list[bytes]] = []
    while sum(map(len, made)) < count:
        made.append([world.birth() for _ in range(sizes.choice(SIZES))])
    return made


def register(world: actors.World, waiting: queue.SimpleQueue[list[bytes]], is_last: bool) -> None:
    """Submit until nothing waits; what failed is sent again, as a client does it."""
    while True:
        try:
            batch = waiting.get_nowait()
        except queue.Empty:
            return
        for _ in range(TRIES):
            outcomes = world.registrar.submit(batch)
            done = [one for one in outcomes if isinstance(one, Registered)]
            if done:
                say("ACK " + " ".join(f"{one.index}:{one.id.hex()}" for one in done))
            if len(done) == len(outcomes):
                break
            if is_last:
                say("RAW " + " ".join(raw.hex() for raw in batch))
                os._exit(0)
            say("TRY " + " ".join({code(one) for one in outcomes if one not in done}))
            time.sleep(0.001)
        else:
            say("GAVE UP")
            return


def code(outcome: Outcome) -> str:
    error = getattr(outcome, "error", None)
    return error.code if error is not None else getattr(outcome, "rule", "registered")


def say(line: str) -> None:
    os.write(1, line.encode() + b"\n")


if __name__ == "__main__":
    main(sys.argv[1:])
