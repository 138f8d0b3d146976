"""What only the SQLite store promises: durability settings, triggers, refusals of old files."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from msgspec.structs import replace

from ledger.errors import DamagedError, NotFoundError, UnavailableError, UsageError
from ledger.storage import lookups, queries, tables
from ledger.storage.protocol import BlockRow, CommitBlock, Derived, Head, LeafRow, TileRow
from ledger.storage.sqlite import SqliteStore, create_sqlite

ZERO = bytes(32)


def first_block() -> CommitBlock:
    leaf = LeafRow(0, ZERO, ZERO, ZERO, 1, "root", "LedgerFounded", b"raw")
    head = Head(1, ZERO, 0, ZERO, 0, 0)
    tile = TileRow(0, ZERO, ZERO * 256)
    return CommitBlock(None, head, BlockRow(0, 0, 0, 0), (leaf,), Derived(), (tile,))


@pytest.fixture
def store(tmp_path: Path) -> SqliteStore:
    create_sqlite(tmp_path / "ledger.db")
    return SqliteStore(tmp_path / "ledger.db")


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE leaves SET raw = x'00'",
        "DELETE FROM leaves",
        "REPLACE INTO leaves SELECT * FROM leaves",
        "UPDATE blocks SET at = 1",
        "DELETE FROM tiles",
    ],
)
def test_triggers_refuse_to_change_what_is_for_ever(store: SqliteStore, statement: str) -> None:
    store.commit(first_block())
    connection = queries.connect(store.path, read_only=False)
    with pytest.raises(sqlite3.IntegrityError, match="ever changed"):
        connection.execute(statement)
    connection.close()
    store.close()


def test_every_connection_is_durable_and_careful(store: SqliteStore) -> None:
    connection = queries.connect(store.path, read_only=False)
    names = ("journal_mode", "synchronous", "foreign_keys", "cell_size_check", "trusted_schema")
    values = [connection.execute(f"PRAGMA {name}").fetchone()[0] for name in names]
    assert values == ["wal", 2, 1, 1, 0]
    connection.close()
    store.close()


def test_reading_connections_cannot_write(store: SqliteStore) -> None:
    store.commit(first_block())
    connection = queries.connect(store.path, read_only=True)
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        connection.execute("DELETE FROM head")
    connection.close()
    store.close()


def test_missing_database_is_not_created(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError) as caught:
        SqliteStore(tmp_path / "none.db")
    assert caught.value.code == "store.missing"
    assert list(tmp_path.iterdir()) == []


def test_database_is_never_created_over_another(store: SqliteStore) -> None:
    with pytest.raises(UsageError) as caught:
        create_sqlite(store.path)
    assert caught.value.code == "store.exists"


def test_other_schema_is_refused(store: SqliteStore) -> None:
    connection = queries.connect(store.path, read_only=False)
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(DamagedError) as caught:
        SqliteStore(store.path)
    assert caught.value.code == "store.schema"


def test_garbage_is_damage(tmp_path: Path) -> None:
    (tmp_path / "ledger.db").write_bytes(b"not a database at all" * 500)
    with pytest.raises(DamagedError) as caught:
        SqliteStore(tmp_path / "ledger.db")
    assert caught.value.code == "store.unreadable"


def test_full_disk_is_told_apart_and_leaves_nothing_behind(store: SqliteStore) -> None:
    block = first_block()
    store.rebuild([])
    assert store._writer is not None
    pages = store._writer.execute("PRAGMA page_count").fetchone()[0]
    store._writer.execute(f"PRAGMA max_page_count = {pages + 10}")
    with pytest.raises(UnavailableError) as caught:
        store.commit(replace(block, leaves=(block.leaves[0]._replace(raw=bytes(4_000_000)),)))
    assert caught.value.code == "store.full"
    assert store.size() == 0
    store.commit(block)
    assert store.size() == 1
    store.close()


def test_backup_is_a_whole_store(store: SqliteStore, tmp_path: Path) -> None:
    store.commit(first_block())
    store.backup(str(tmp_path / "copy.db"))
    copy = SqliteStore(tmp_path / "copy.db")
    assert copy.head() == store.head()
    assert copy.leaves(0, 9) == store.leaves(0, 9)
    copy.close()
    store.close()


def test_reader_and_tables_agree_on_the_version() -> None:
    assert lookups.SCHEMA == tables.SCHEMA
