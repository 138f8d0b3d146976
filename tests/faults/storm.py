"""kill -9 again and again while eight clients register: nothing acknowledged is lost (T01).

Each client has a list of statements and sends the next one when the last was acknowledged. A killed
process is started again, and each client sends again, byte for byte, what it had no answer for. At
the end the log has every statement once, at the index that was acknowledged.
"""

from __future__ import annotations

import hashlib
import os
import random  # noqa: TID251 - moments of the kills, no secrets
import signal
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

import actors
import power

from ledger.custody.facilities import FacilityRegistered
from ledger.custody.goods import NewLot, Row
from ledger.custody.lots import Basis, LotRegistered
from ledger.registrar import Registered

CLIENTS = 8
DELAY_MAX_S = 0.03


@dataclass
class Storm:
    """What a storm saw; times in milliseconds."""

    kills: int = 0
    registrations: int = 0
    lost: int = 0
    moved: int = 0
    doubled: int = 0
    sent_again: int = 0
    restart_max_ms: int = 0
    size: int = 0
    indexes: dict[str, int] = field(default_factory=dict, repr=False)


def run(place: Path, *, kills: int, registrations: int, seed: int) -> Storm:
    """Register in the new directory `place`, killed `kills` times on the way; check everything."""
    actors.found_directory(place)
    _, opened = actors.open_world(place, settle=True)
    opened.close()
    enrol(place)
    storm, chance = Storm(), random.Random(seed)
    per_client = registrations // CLIENTS
    for done in range(kills):
        left = registrations - len(storm.indexes)
        share = left / (kills - done + 1)
        run_once(storm, place, per_client, after=int(share * chance.uniform(0.5, 1.5)),
                 delay_s=chance.uniform(0, DELAY_MAX_S))  # fmt: skip
    run_once(storm, place, per_client, after=None, delay_s=0)
    check(storm, place)
    return storm


def enrol(place: Path) -> None:
    world, opened = actors.open_world(place)
    for name in map(client, range(CLIENTS)):
        world.submit(world.sign("ma-zw", world.enrol("ma-zw", name, "farm")))
        world.submit(world.sign(name, FacilityRegistered(f"{name}/main", "farm", "ZW")))
    opened.close()


def client(number: int) -> str:
    return f"farm-{number}"


def statement(world: actors.World, name: str, number: int) -> bytes:
    """Return the `number`-th statement of a client: the same bytes whenever it is asked for."""
    row = Row("Crocodylus niloticus", "SKI", 1, "NAR", "C", "ZW")
    lot = NewLot(contents=(row,), facility=f"{name}/main", year=2025)
    actor = world.actor(name)
    # The first number of each key registered the facility; signing takes the next one.
    actor.seq = number
    salt = hashlib.sha256(f"{name} {number}".encode()).digest()[:16]
    return actor.sign(
        LotRegistered(Basis.BRED, (lot,)), ledger=world.ledger, at=actors.START, salt=salt
    )


def run_once(
    storm: Storm, place: Path, per_client: int, *, after: int | None, delay_s: float
) -> None:
    """Run the clients in a process of their own; kill it after so many answers, None: never."""
    next_ones = [sum(name.startswith(f"{client(i)} ") for name in storm.indexes)
                 for i in range(CLIENTS)]  # fmt: skip
    reading, writing = os.pipe()
    begun = time.monotonic()
    child = os.fork()
    if child == 0:
        os.close(reading)
        try:
            clients_of(place, next_ones, per_client, writing)
            os._exit(0)
        finally:
            os._exit(3)
    os.close(writing)
    with os.fdopen(reading) as report:
        answers = 0
        for line in report:
            answers += take(storm, line, begun)
            if after is not None and answers >= after:
                time.sleep(delay_s)
                os.kill(child, signal.SIGKILL)
                after = None
                storm.kills += 1
    status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert status in (0, -signal.SIGKILL), f"the writer ended with {status}"


def take(storm: Storm, line: str, begun: float) -> int:
    kind, _, rest = line.rstrip("\n").partition(" ")
    if kind == "OPEN":
        storm.restart_max_ms = max(storm.restart_max_ms, int(1_000 * (time.monotonic() - begun)))
        return 0
    name, number, index, again = rest.split(" ")
    key = f"{name} {number}"
    storm.moved += storm.indexes.setdefault(key, int(index)) != int(index)
    storm.sent_again += again == "True"
    return 1


def clients_of(place: Path, next_ones: list[int], per_client: int, writing: int) -> None:
    world, opened = actors.open_world(place)
    for number in range(CLIENTS):
        world.actor(client(number))
    report = os.fdopen(writing, "w", buffering=1)
    report.write("OPEN\n")
    threads = [
        threading.Thread(target=send_all, args=(world, client(i), first, per_client, report))
        for i, first in enumerate(next_ones)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    opened.close()


def send_all(world: actors.World, name: str, first: int, count: int, report: TextIO) -> None:
    for number in range(first + 1, count + 1):
        (outcome,) = world.registrar.submit([statement(world, name, number)])
        assert isinstance(outcome, Registered), outcome
        report.write(f"ACK {name} {number} {outcome.index} {outcome.again}\n")


def check(storm: Storm, place: Path) -> None:
    """Compare the log with what was acknowledged, and audit it."""
    _, opened = actors.open_world(place)
    published = (place / "checkpoint").read_bytes()
    storm.size = actors.check_log(opened.store, opened.trust, published=published)
    stored: dict[str, list[int]] = {}
    keys = {world_key(name): name for name in map(client, range(CLIENTS))}
    for row in opened.store.leaves(0, storm.size):
        if row.kid in keys and row.seq and row.seq > 1:
            stored.setdefault(f"{keys[row.kid]} {row.seq - 1}", []).append(row.leaf)
    opened.close()
    storm.registrations = len(stored)
    storm.doubled = sum(len(found) > 1 for found in stored.values())
    for key, index in storm.indexes.items():
        storm.lost += key not in stored
        storm.moved += stored.get(key, [index])[0] != index
    power.audit_clean(place)


def world_key(name: str) -> bytes:
    from ledger import keys

    return keys.PrivateKey.generate(keys.ED25519, actors.CountedEntropy(name).token).kid
