"""The SQLite store: one file, WAL, `synchronous=FULL`, one writer (docs/operations.md).

Owns transactions: a block is stored whole by one `BEGIN IMMEDIATE … COMMIT`, and only where the
head still is the one that the block was judged on. Reading is in `queries.py`.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from ledger.errors import UnavailableError, UsageError
from ledger.storage import statements as sql
from ledger.storage.durable import sync_directory, write_again
from ledger.storage.lookup_statements import DERIVED
from ledger.storage.protocol import CommitBlock, Derived, Head
from ledger.storage.queries import UNREAD, SqliteReads, connect

_MANY = 4
"""From this many rows on `executemany` is faster than single calls (measured)."""


class SqliteStore(SqliteReads):
    """A store in one SQLite file, for the one process that writes and any threads that read."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self._writing = threading.Lock()
        self._writer: sqlite3.Connection | None = None

    def commit(self, block: CommitBlock) -> None:
        """Store a block durably, all of it or nothing (`Store.commit`)."""
        with self._transaction() as connection:
            _move_head(connection, block.expected, block.head)
            _put(connection, sql.INSERT_LEAF, block.leaves)
            connection.execute(sql.INSERT_BLOCK, block.block)
            _put(connection, sql.INSERT_TILE, block.tiles)
            _put(connection, sql.INSERT_REFUSED, block.refused)
            _put_derived(connection, block.derived)

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Return at once: the lock of the directory lets one process write."""
        yield

    def settle(self) -> None:
        """Make certain that what is read is on the disk: a failed sync may have left it in memory.

        Raise UnavailableError `store.failed` where the disk does not take it.
        """
        wal = self.path.with_name(f"{self.path.name}-wal")
        with self._writing:
            # SQLite's locks are on the database and its -shm file: this closes neither.
            try:
                write_again(wal)
            except FileNotFoundError:
                return
            except OSError as error:
                raise UnavailableError(
                    "store.failed",
                    f"The disk does not keep {wal}: {error}.",
                    hint="Do not trust this disk: look at its log, and go on from the second copy.",
                ) from error

    def rebuild(self, blocks: Iterable[Derived]) -> None:
        """Replace everything derived by what `blocks` give, in one transaction."""
        with self._transaction() as connection:
            for table in DERIVED:
                connection.execute(f"DELETE FROM {table}")  # noqa: S608 - our own table names
            for derived in blocks:
                _put_derived(connection, derived)

    def close(self) -> None:
        """Close all connections; the writing one last, it checkpoints the WAL."""
        super().close()
        with self._writing:
            if self._writer is not None:
                self._writer.close()
                self._writer = None

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
        with self._writing:
            try:
                connection = self._begin()
                yield connection
                connection.execute("COMMIT")
            except BaseException as error:
                self._drop_writer()
                if isinstance(error, (*UNREAD, OSError)):
                    raise _translated(error) from error
                raise

    def _begin(self) -> sqlite3.Connection:
        known = self._writer
        if known is not None:
            known.execute("BEGIN IMMEDIATE")
            return known
        self._writer = connect(self.path, read_only=False)
        self._writer.execute("BEGIN IMMEDIATE")
        # The WAL may be new by now. SQLite syncs its name too, but does not mind when that fails.
        sync_directory(self.path.parent)
        return self._writer

    def _drop_writer(self) -> None:
        # A connection that failed is never used again: what its caches hold is not known.
        writer, self._writer = self._writer, None
        if writer is not None:
            try:
                writer.close()  # rolls back what is open
            except sqlite3.Error:
                return


def create_sqlite(path: Path) -> None:
    """Create an empty store in a new file, durable, its directory synced.

    Raise UsageError where a file is there already.
    """
    from ledger.storage.tables import sqlite_schema

    try:
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
    except FileExistsError as error:
        raise UsageError(
            "store.exists",
            f"A database stands at {path} already.",
            hint="Choose another directory.",
            params={"path": str(path)},
        ) from error
    connection = connect(path, read_only=False)
    try:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("BEGIN IMMEDIATE")
        for statement in sqlite_schema():
            connection.execute(statement)
        connection.execute("COMMIT")
    finally:
        connection.close()
    sync_directory(path.parent)


def _move_head(connection: sqlite3.Connection, expected: Head | None, head: Head) -> None:
    values = (head.size, head.root, head.height, head.closing, head.at, head.born)
    if expected is None:
        connection.execute(sql.INSERT_HEAD, values)
        return
    moved = connection.execute(sql.MOVE_HEAD, (*values, expected.size, expected.root))
    if moved.rowcount != 1:
        raise UnavailableError(
            "store.conflict",
            f"The ledger does not stand at size {expected.size} any more.",
            hint="Another process writes to this database: stop one of the two.",
            params={"size": expected.size},
        )


def _put_derived(connection: sqlite3.Connection, derived: Derived) -> None:
    _put(connection, sql.PUT_RECORD, derived.records)
    _put(connection, sql.PUT_STEP, derived.steps)
    _put(connection, sql.PUT_KEY, derived.keys)
    _put(connection, sql.DROP_HELD, derived.left)
    _put(connection, sql.PUT_HELD, derived.held)
    _put(connection, sql.DROP_FINDING, derived.ended)
    _put(connection, sql.PUT_FINDING, derived.opened)
    _put(connection, sql.PUT_OFFER, derived.offers)
    _put(connection, sql.PUT_ACT, derived.acts)
    for settled in derived.settled:
        connection.execute(sql.DROP_OFFER, (settled,))
        connection.execute(sql.DROP_ACT, (settled,))


def _put(
    connection: sqlite3.Connection, statement: str, rows: Sequence[tuple[object, ...]]
) -> None:
    if len(rows) >= _MANY:
        connection.executemany(statement, rows)
        return
    for row in rows:
        connection.execute(statement, row)


def _translated(error: Exception) -> UnavailableError:
    if isinstance(error, sqlite3.IntegrityError):
        return UnavailableError(
            "store.conflict",
            f"The database refuses the block: {error}.",
            hint="Try again; if it happens again, run `ringmark doctor`.",
        )
    if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL:
        return UnavailableError(
            "store.full",
            "The disk of the database is full.",
            hint="Free some space; what was acknowledged is safe.",
        )
    return UnavailableError(
        "store.failed",
        f"The database did not take the block: {error}.",
        hint="Whether it was stored is not known: try again, the same statement keeps its index.",
    )
