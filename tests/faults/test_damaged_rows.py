"""Rows that changed on the disk: what is read from them is refused by name, never told."""

from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from ledger.errors import RingmarkError, UnavailableError
from ledger.reader import Reader, StoredMoments
from ledger.storage.queries import SqliteReads
from ledger.storage.rows import offer_of, use_of
from ledger.storage.sqlite import SqliteStore
from ledger.wiring import open_for_reading


def change(directory: Path, statement: str) -> None:
    """Change the database as nobody may: its triggers go first, and come back."""
    connection = sqlite3.connect(directory / "ledger.db")
    query = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger'"
    triggers = connection.execute(query).fetchall()
    for name, _ in triggers:
        connection.execute(f"DROP TRIGGER {name}")
    assert connection.execute(statement).rowcount > 0
    for _, made in triggers:
        connection.execute(made)
    connection.commit()
    connection.close()


@pytest.fixture
def lot(actors: Any, directory: Path) -> str:
    """A lot of the ledger, offered to the maker; the ledger is closed again."""
    world, opened = actors.open_world(directory)
    (done,) = world.submit(world.birth())
    (code,) = done.labels
    world.submit(world.offer(code, done.id))
    opened.close()
    return str(code)


def reader(directory: Path) -> Reader:
    opened = open_for_reading(directory)
    return Reader(opened.store, StoredMoments(opened.store, note=opened.newest_note))


def code_of(act: Any) -> str:
    with pytest.raises(RingmarkError) as caught:
        act()
    return caught.value.code


def test_leaf_whose_bytes_changed_is_not_told(directory: Path, lot: str) -> None:
    change(directory, "UPDATE leaves SET raw = x'00' WHERE leaf = 3")
    assert code_of(lambda: reader(directory).statement_at(3)) == "store.leaf-bytes"


@pytest.mark.parametrize("set_to", ["record = x'a0'", "hash = zeroblob(32)", "path = zeroblob(32)"])
def test_record_that_changed_is_not_told(directory: Path, lot: str, set_to: str) -> None:
    store = SqliteStore(directory / "ledger.db")
    change(directory, f"UPDATE records SET {set_to} WHERE name = '{lot}'")
    assert code_of(lambda: store.record(kind="lot", name=lot)) == "store.record-bytes"
    store.close()


def test_record_that_is_not_found_is_not_called_unknown(directory: Path, lot: str) -> None:
    reading = reader(directory)
    assert reading.lot(lot).code == lot
    change(directory, f"UPDATE records SET name = 'elsewhere' WHERE name = '{lot}'")
    for act in (reading.lot, reading.card, reading.bundle, reading.kind_of):
        assert code_of(lambda act=act: act(lot)) == "store.record-missing"


def test_records_that_no_closing_states_are_not_told(directory: Path, lot: str) -> None:
    change(directory, "UPDATE records SET hash = zeroblob(32) WHERE kind = 'lot'")
    assert code_of(reader(directory).moment) == "store.no-moment"


@pytest.mark.parametrize(
    ("table", "read"),
    [
        (
            "offers SET body = CAST(x'00' || body AS BLOB)",
            lambda store: [offer_of(r) for r in store.offers()],
        ),
        ("offers SET receiver = 'farm-a'", lambda store: [offer_of(r) for r in store.offers()]),
        ("keys SET owner = 'farm-b'", lambda store: [use_of(r) for r in store.enrolled_keys()]),
    ],
)
def test_row_that_nothing_else_covers_has_a_checksum(
    directory: Path, lot: str, table: str, read: Any
) -> None:
    store = SqliteStore(directory / "ledger.db")
    change(directory, f"UPDATE {table}")
    assert code_of(lambda: read(store)) == "store.derived"
    store.close()


def test_disk_at_fault_is_no_damage(directory: Path, tmp_path: Path) -> None:
    shutil.copy(directory / "ledger.db", tmp_path / "ledger.db")
    store = SqliteReads(tmp_path / "ledger.db")
    store.close()
    (tmp_path / "ledger.db").unlink()
    (tmp_path / "ledger.db").mkdir()
    with pytest.raises(UnavailableError) as caught:
        store.head()
    assert caught.value.code == "store.unread"
