"""What the benchmarks work on: a ledger on disk, signed statements in stock, raw SQLite beside."""

from __future__ import annotations

import multiprocessing
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from pathlib import Path

import nacl.bindings

from ledger.custody.facilities import FacilityRegistered
from ledger.custody.goods import NewLot, Row
from ledger.custody.lots import Basis, LotRegistered
from ledger.registrar import Registered
from ledger.simulator.world import World
from ledger.statement import lot_code, parse_statement


def open_world(directory: Path | None = None, *, database: str | None = None) -> World:
    """Return a world with one authority, a farm with its pens, and a tannery."""
    world = World(directory=directory, database=database)
    world.enrol("parks", "authority")
    another_farm(world, "farm")
    world.enrol("tannery", "tannery")
    return world


def another_farm(world: World, party: str) -> None:
    """Enrol a farm with its pens: numbers of one key must come in their order, so cases that take
    turns have a key each.
    """
    world.enrol(party, "farm", by="parks")
    world.do(party, FacilityRegistered(f"{party}/kariba", "farm", "ZW"))


def registration(lots: int = 1, *, farm: str = "farm") -> LotRegistered:
    """Return one lot of five skins, or so many of them in one statement."""
    row = Row("Crocodylus niloticus", "SKI", 5, "NAR", "C", "ZW")
    return LotRegistered(Basis.BRED, (NewLot((row,), facility=f"{farm}/kariba"),) * lots)


def filled(directory: Path, lots: int) -> World:
    """Return a world whose ledger has `lots` lots already, 500 of them to a statement."""
    world = open_world(directory)
    many = registration(500)
    for start in range(0, lots, 5_000):
        world.clock.advance(1)
        count = min(5_000, lots - start) // 500
        outcomes = world.ledger.registrar.submit([world.sign("farm", many) for _ in range(count)])
        assert all(isinstance(outcome, Registered) for outcome in outcomes), outcomes[0]
        world.members["farm"].said.clear()
    return world


def codes_born(raw: bytes, lots: int) -> list[str]:
    """Return the codes of the lots that a signed registration brings to life."""
    born = parse_statement(raw)
    return [lot_code(kid=born.kid, salt=born.salt, i=i) for i in range(lots)]


class Leaves:
    """A source of leaves in memory."""

    def __init__(self, raws: list[bytes], note: bytes) -> None:
        self._raws, self._note = raws, note

    def checkpoint_note(self) -> bytes:
        """Return the checkpoint."""
        return self._note

    def leaves(self, start: int, stop: int) -> list[bytes]:
        """Return the leaves start <= index < stop."""
        return self._raws[start:stop]


def stock(world: World, count: int) -> list[bytes]:
    """Return signed registrations, ready to be sent in their order."""
    return [world.sign("farm", registration()) for _ in range(count)]


def writers_piles(world: World, writers: int, count: int) -> list[Iterator[bytes]]:
    """Return what so many farms register, `count` statements each, every one in its own order."""
    piles = []
    for place in range(writers):
        farm = f"writer-{place:02}"
        another_farm(world, farm)
        event = registration(farm=farm)
        piles.append(iter([world.sign(farm, event) for _ in range(count)]))
    return piles


def bare_verify(raws: list[bytes], world: World) -> Callable[[], int]:
    """Return a slice that only verifies signatures with PyNaCl, on one core."""
    public = world.members["farm"].signer.key.public
    signed = [(s.signature + s.message) for s in map(parse_statement, raws)]

    def work() -> int:
        for message in signed:
            nacl.bindings.crypto_sign_open(message, public)
        return len(signed)

    return work


@contextmanager
def verify_at_once(
    raws: list[bytes], world: World, *, processes: int
) -> Iterator[Callable[[], int]]:
    """Yield a slice that only verifies signatures, in so many processes at once.

    Cores of a rented machine share what they compute with: two of them are seldom twice one.
    """
    verify = bare_verify(raws, world)
    each = 50

    def run(pipe: Connection) -> None:
        while pipe.recv():
            for _ in range(each):
                verify()
            pipe.send(True)

    fork = multiprocessing.get_context("fork")
    ends = [fork.Pipe() for _ in range(processes)]
    workers = [fork.Process(target=run, args=(theirs,), daemon=True) for _, theirs in ends]
    for worker in workers:
        worker.start()

    def work() -> int:
        for ours, _ in ends:
            ours.send(True)
        for ours, _ in ends:
            ours.recv()
        return processes * each * len(raws)

    try:
        yield work
    finally:
        for (ours, _), worker in zip(ends, workers, strict=True):
            ours.send(False)
            worker.join()


def raw_inserts(path: Path, raw: bytes, *, count: int) -> Callable[[], int]:
    """Return a slice of durable single inserts into a table like the leaves', with its indexes."""
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute(
        "CREATE TABLE leaf (i INTEGER PRIMARY KEY, hash BLOB, id BLOB UNIQUE, kid BLOB,"
        " seq INTEGER, party TEXT, type TEXT, raw BLOB, UNIQUE (kid, seq))"
    )
    place = 0

    def work() -> int:
        nonlocal place
        for _ in range(count):
            place += 1
            key = place.to_bytes(32, "big")
            connection.execute("BEGIN IMMEDIATE")
            connection.execute(
                "INSERT INTO leaf VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (place, key, key, b"kid", place, "farm", "LotRegistered", raw),
            )
            connection.execute("COMMIT")
        return count

    return work


def least(path: Path, raws: list[bytes], world: World, *, count: int) -> Callable[[], int]:
    """Return a slice of what no durable registration can do without, and of nothing else.

    A raw insert with its sync, a second sync for the high-water mark, one signature check, and the
    three signatures that come back: closing, checkpoint and label. No rule, no record, no proof.
    """
    insert = raw_inserts(path, raws[0], count=1)
    verify = bare_verify(raws[:1], world)
    mark = os.open(path.with_suffix(".mark"), os.O_RDWR | os.O_CREAT)
    os.pwrite(mark, bytes(4_096), 0)
    os.fsync(mark)
    _, secret = nacl.bindings.crypto_sign_keypair()

    def work() -> int:
        for _ in range(count):
            verify()
            insert()
            os.pwrite(mark, raws[0][:256], 0)
            os.fdatasync(mark)
            for _ in range(3):
                nacl.bindings.crypto_sign(raws[0], secret)
        return count

    return work
