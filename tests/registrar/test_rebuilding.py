"""Derived tables are a function of the leaves: a replay writes the same rows again."""

from __future__ import annotations

import sqlite3
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from ledger.custody.parties import PartySuspended
from ledger.errors import DamagedError
from ledger.reference.tables import load_tables
from ledger.registrar import Registered
from ledger.registrar.inspecting import inspect_store
from ledger.registrar.rebuilding import rebuild
from ledger.wiring import open_for_reading


def live(world: Any) -> None:
    """Fill a log with births, offers, answers and refusals, in blocks of many sizes."""
    (born,) = world.submit(world.birth(4))
    codes = sorted(born.labels)
    for code in codes[:2]:
        offer = world.offer(code, born.id)
        world.submit(offer)
        world.submit(world.accept(offer))
    world.submit(world.offer(codes[2], born.id), world.birth(2))
    outcomes = world.registrar.submit(
        [
            world.sign("farm-a", PartySuspended("maker-b", "no power")),
            world.birth(),
            world.offer(codes[0], born.id),
        ]
    )
    assert [isinstance(outcome, Registered) for outcome in outcomes] == [False, True, False]
    world.actors["farm-a"].seq += 3
    world.submit(world.birth())
    world.registrar.heartbeat()


def test_replay_writes_the_same_rows(memory: Any) -> None:
    world, made = memory
    live(world)
    before = made.store.dump()
    rebuild(made.store, tables=load_tables())
    assert made.store.dump() == before
    assert all(before[name] for name in ("records", "steps", "offers", "keys", "held"))


def test_damaged_tables_are_rebuilt_and_the_ledger_opens(actors: Any, directory: Path) -> None:
    world, opened = actors.open_world(directory)
    live(world)
    before = opened.store.dump()
    opened.close()
    connection = sqlite3.connect(directory / "ledger.db")
    for table in ("records", "steps", "offers", "keys", "held"):
        connection.execute(f"DELETE FROM {table}")
    connection.commit()
    connection.close()
    with pytest.raises(DamagedError):
        actors.open_world(directory)
    reading = open_for_reading(directory)
    rebuild(reading.store, tables=load_tables())
    assert reading.store.dump() == before
    reading.store.close()
    world, opened = actors.open_world(directory)
    world.submit(world.birth())
    opened.close()


def test_changed_leaf_is_not_rebuilt_from(actors: Any, directory: Path) -> None:
    world, opened = actors.open_world(directory)
    live(world)
    before = opened.store.dump()
    opened.close()
    connection = sqlite3.connect(directory / "ledger.db")
    connection.execute("DROP TRIGGER leaves_refuse_update")
    connection.execute(
        "UPDATE leaves SET raw = (SELECT raw FROM leaves WHERE leaf = 3) WHERE leaf = 4"
    )
    connection.commit()
    connection.close()
    reading = open_for_reading(directory)
    assert any("leaf 4" in sentence for sentence in inspect_store(reading.store))
    with pytest.raises(DamagedError):
        rebuild(reading.store, tables=load_tables())
    assert reading.store.dump() == before
    reading.store.close()


def test_whole_store_has_nothing_to_say(memory: Any) -> None:
    world, made = memory
    live(world)
    for _ in range(3):
        world.submit(*(world.birth() for _ in range(100)))
    assert list(inspect_store(made.store)) == []


KEPT = "INSERT INTO refused (id, kid, seq, rule, params, height, raw) VALUES (?, ?, ?, ?, ?, ?, ?)"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("UPDATE refused SET rule = 'mark.cloned'", "is not the one in its closing"),
        ("UPDATE refused SET seq = 99", "is not the one in its closing"),
        ("UPDATE refused SET raw = x'80'", "The bytes of the refused statement"),
        ("DELETE FROM refused", "0 refused statements are kept, the closings name"),
    ],
)
def test_refused_statements_are_held_to_their_closings(
    actors: Any, directory: Path, change: str, said: str
) -> None:
    world, opened = actors.open_world(directory)
    live(world)
    opened.close()
    with sqlite3.connect(directory / "ledger.db") as connection:
        connection.execute("DROP TRIGGER refused_refuse_update")
        connection.execute("DROP TRIGGER refused_refuse_delete")
        connection.execute(change)
    connection.close()
    reading = open_for_reading(directory)
    assert any(said in sentence for sentence in inspect_store(reading.store))
    reading.store.close()


def test_refused_statements_are_not_held_in_memory(actors: Any, directory: Path) -> None:
    world, opened = actors.open_world(directory)
    live(world)
    opened.close()
    with sqlite3.connect(directory / "ledger.db") as connection:
        rows = ((n.to_bytes(32), bytes(32), n, "x", b"", 0, bytes(40_000)) for n in range(1, 501))
        connection.executemany(KEPT, rows)
    connection.close()
    reading = open_for_reading(directory)
    tracemalloc.start()
    try:
        said = sum("refused statement" in sentence for sentence in inspect_store(reading.store))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
        reading.store.close()
    # 500 foreign rows of 40 kB, each told of, and how many there are.
    assert said == 501
    assert peak < 8 << 20
