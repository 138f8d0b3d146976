"""The PostgreSQL store: several processes may write in turn, and nobody overtakes (decision 0010).

Owns transactions: a block is stored whole by one transaction that first moves the head, and only
where it still is the one that the block was judged on. The lock that processes take turns by is a
courtesy; without it the same compare-and-swap decides. Reading is in `queries.py`.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

import psycopg

from ledger.errors import UnavailableError
from ledger.storage.lookup_statements import DERIVED, READ_HEAD, WHOLE
from ledger.storage.postgres import statements as sql
from ledger.storage.postgres.connecting import Connection, translated
from ledger.storage.postgres.queries import PostgresReads
from ledger.storage.protocol import CommitBlock, Derived, Head

CHANGES_KEPT = 10_000
"""Blocks whose changes are kept for processes that follow; who is further behind starts anew."""
_PRUNE_EVERY = 1_000
OVERTAKEN = (psycopg.errors.NotNullViolation, psycopg.errors.LockNotAvailable)
"""The head was moved by another process, or one that moves it does not come to an end."""
_log = logging.getLogger("ringmark.storage")


class PostgresStore(PostgresReads):
    """A store in a PostgreSQL database, for any number of processes and threads."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self._writing = threading.RLock()
        self._writer: Connection | None = None
        self._turn: Connection | None = None

    @contextmanager
    def turn(self) -> Iterator[Head | None]:
        """Wait for the turn among processes; tell the head, which another one may have moved.

        Inside itself it waits for the turn anew: a turn ends with the commit.
        """
        # A session that has the lock would get it twice, and give it back once.
        self._give_turn()
        head = self._take_turn()
        try:
            yield head
        finally:
            self._give_turn()

    def commit(self, block: CommitBlock) -> None:
        """Store a block durably, all of it or nothing (`Store.commit`)."""
        try:
            self._commit(block)
        except UnavailableError as error:
            if not isinstance(error.__cause__, OVERTAKEN):
                raise
            size = block.expected.size if block.expected else 0
            raise UnavailableError(
                "store.conflict",
                f"The ledger does not stand at size {size} any more.",
                hint="Another process wrote meanwhile: try again.",
                params={"size": size},
            ) from error

    def settle(self) -> None:
        """Do nothing: a block is stored whole or not at all."""

    def rebuild(self, blocks: Iterable[Derived]) -> None:
        """Replace everything derived by what `blocks` give; only the tables' owner may."""
        with self._transaction() as connection:
            for table in (*DERIVED, "changes"):
                connection.execute(f"DELETE FROM {table}".encode())  # noqa: S608 - our own names
            for derived in blocks:
                with connection.pipeline():
                    _put_derived(connection, derived)

    def backup(self, path: str) -> None:
        """Write a consistent copy of the whole store to a new SQLite file at `path`."""
        from ledger.storage import statements as lite
        from ledger.storage.queries import connect as connect_file
        from ledger.storage.sqlite import create_sqlite

        create_sqlite(Path(path))
        copy = connect_file(Path(path), read_only=False)
        try:
            copy.execute("BEGIN IMMEDIATE")
            with self.snapshot():
                for name, query in WHOLE.items():
                    copy.executemany(getattr(lite, name), self.stream(query))
            copy.execute("COMMIT")
            copy.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        finally:
            copy.close()

    def close(self) -> None:
        """Close all connections; what was not committed is rolled back."""
        super().close()
        with self._writing:
            self._drop_writer()

    def _commit(self, block: CommitBlock) -> None:
        # One round trip. Where the head is another one by now, moving it matches no row, and
        # noting the changes fails: nothing of the block is stored then.
        with self._failing() as connection, connection.pipeline():
            connection.execute("BEGIN")
            _move_head(connection, block)
            _put(connection, sql.INSERT_LEAVES, block.leaves)
            connection.execute(sql.INSERT_BLOCK, block.block)
            _put(connection, sql.INSERT_TILES, block.tiles)
            _put(connection, sql.INSERT_REFUSED, block.refused)
            _put_derived(connection, block.derived)
            _note_changes(connection, block)
            connection.execute("COMMIT")
            # The next process may start: where it comes before our mark, it moves that for us.
            if self._turn is connection:
                connection.execute(sql.GIVE_TURN)
        self._turn = None

    def _take_turn(self) -> Head | None:
        is_used = self._writer is not None
        try:
            return self._ask_turn()
        except UnavailableError as error:
            if isinstance(error.__cause__, psycopg.errors.LockNotAvailable):
                # Whoever has the turn does not move. Going on is safe: one of the two will lose
                # the compare-and-swap, and sees it.
                _log.warning("the turn to write did not come in time; going on without it")
                return self.head()
            if not is_used or not isinstance(error.__cause__, psycopg.OperationalError):
                raise
        # The line broke since its last use, as after a restart of the server. Nothing was begun,
        # so a new one may ask.
        return self._ask_turn()

    def _ask_turn(self) -> Head | None:
        with self._failing() as connection, connection.pipeline():
            connection.execute(sql.TAKE_TURN)
            found = connection.cursor(binary=True).execute(READ_HEAD)
        self._turn, row = connection, found.fetchone()
        return Head(*row) if row else None

    def _give_turn(self) -> None:
        with self._writing:
            connection, self._turn = self._turn, None
            # A connection that was lost took its lock along.
            if connection is not None and connection is self._writer:
                try:
                    connection.execute(sql.GIVE_TURN)
                except psycopg.Error:
                    self._drop_writer()

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        with self._failing() as connection:
            connection.execute("BEGIN")
            yield connection
            connection.execute("COMMIT")

    @contextmanager
    def _failing(self) -> Iterator[Connection]:
        with self._writing:
            connection = self._line()
            try:
                yield connection
            except BaseException as error:
                self._drop_writer()
                if isinstance(error, psycopg.Error):
                    self._way.heard(error)
                    raise translated(error) from error
                raise

    def _line(self) -> Connection:
        if self._writer is None or self._writer.closed:
            self._writer = self._way.connect(read_only=False)
        return self._writer

    def _drop_writer(self) -> None:
        # A connection that failed is never used again: closing it rolls back what is open.
        writer, self._writer = self._writer, None
        if writer is not None:
            with suppress(psycopg.Error):
                writer.close()


def _move_head(connection: Connection, block: CommitBlock) -> None:
    head, expected = block.head, block.expected
    values = (head.size, head.root, head.height, head.closing, head.at, head.born)
    if expected is None:
        connection.execute(sql.INSERT_HEAD, values)
    else:
        connection.execute(sql.MOVE_HEAD, (*values, expected.size, expected.root))


def _put_derived(connection: Connection, derived: Derived) -> None:
    _put(connection, sql.PUT_RECORDS, derived.records)
    _put(connection, sql.PUT_STEPS, derived.steps)
    _put(connection, sql.PUT_KEYS, derived.keys)
    _put(connection, sql.DROP_HELD, derived.left)
    _put(connection, sql.PUT_HELD, derived.held)
    _put(connection, sql.DROP_FINDINGS, derived.ended)
    _put(connection, sql.PUT_FINDINGS, derived.opened)
    _put(connection, sql.PUT_OFFERS, derived.offers)
    _put(connection, sql.PUT_ACTS, derived.acts)
    if derived.settled:
        connection.execute(sql.DROP_OFFERS, (list(derived.settled),))
        connection.execute(sql.DROP_ACTS, (list(derived.settled),))


def _note_changes(connection: Connection, block: CommitBlock) -> None:
    head, derived = block.head, block.derived
    kinds = [row.kind for row in derived.records]
    names = [row.name for row in derived.records]
    kids = [row.kid for row in derived.keys]
    connection.execute(sql.NOTE_CHANGES, (head.size, head.root, kinds, names, kids))
    if head.height % _PRUNE_EVERY == 0:
        connection.execute(sql.DROP_CHANGES, (head.height - CHANGES_KEPT,))


def _put(connection: Connection, statement: str, rows: Sequence[tuple[object, ...]]) -> None:
    if rows:
        connection.execute(statement.encode(), [list(column) for column in zip(*rows, strict=True)])
