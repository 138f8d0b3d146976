"""Reading a SQLite store: look-ups over connections that can neither write nor checkpoint.

Owns one read-only connection for each thread (a second writing connection could meet SQLite's
WAL-reset bug, fixed in 3.51.3). Answers with the rows of `protocol.py`.
"""

from __future__ import annotations

import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ledger.errors import DamagedError, NotFoundError, UnavailableError
from ledger.storage import statements as sql
from ledger.storage.inspecting_sqlite import inspect_database
from ledger.storage.lookups import SqlReads, check_schema
from ledger.storage.protocol import Changed

_PASSING = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_NOMEM,
    }
)
"""What SQLite says when the machine, not the database, is at fault."""
UNREAD = (sqlite3.Error, UnicodeDecodeError)
"""What a read raises: where SQLite quotes a damaged schema, its own words are no UTF-8."""

BACKUP_PAGES = 4_096
"""Pages that are copied at a time, 16 MiB."""
_LOST = (
    "Keep the folder as it is, its high-water mark above all; `ringmark restore` makes a new one "
    "from a second copy, a mirror or an export."
)


class SqliteReads(SqlReads):
    """The reading half of a SQLite store; safe to use from any thread."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self._local = threading.local()
        self._opened: list[sqlite3.Connection] = []
        if not path.parent.is_dir():
            raise NotFoundError(
                "store.missing",
                f"There is no folder {path.parent}.",
                hint="Name the folder that `ringmark init` made: --ledger DIR",
                params={"path": str(path)},
            )
        if not path.is_file():
            raise NotFoundError(
                "store.missing",
                f"There is no database at {path}.",
                hint=f"Name the directory that `ringmark init` made. Was it deleted here? {_LOST}",
                params={"path": str(path)},
            )
        self._check_schema()

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Let all reads of this thread inside the block see one and the same state."""
        connection = self._connection()
        if connection.in_transaction:
            yield
            return
        self._rows("BEGIN")
        try:
            yield
        finally:
            self._rows("COMMIT")

    def changes(self, after: int) -> Changed | None:  # noqa: ARG002 - the protocol has it
        """Return None: one process writes here, and it knows what it changed."""
        return None

    def inspect(self) -> Iterator[str]:
        """Yield a sentence for each fault of the file and of what is kept beside the log."""
        try:
            yield from inspect_database(self._connection())
        except UNREAD as error:
            raise _unread(self.path, error) from error

    def stream(self, query: str) -> Iterator[Any]:
        """Yield the rows of a query that may be too many to hold."""
        try:
            yield from self._connection().execute(query)
        except UNREAD as error:
            raise _unread(self.path, error) from error

    def backup(self, path: str) -> None:
        """Write a consistent copy of the whole database to a new file at `path`, mode 0600."""
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600))
        with self.snapshot():
            copy = sqlite3.connect(path)
            try:
                # In steps: between two of them the process hears that it is to end.
                self._connection().backup(copy, pages=BACKUP_PAGES, progress=lambda *_pages: None)
            finally:
                copy.close()

    def close(self) -> None:
        """Close the connections of all threads."""
        for connection in self._opened:
            connection.close()
        self._opened.clear()
        self._local = threading.local()

    def _connect(self) -> sqlite3.Connection:
        try:
            return connect(self.path, read_only=True)
        except UNREAD as error:
            raise _unread(self.path, error) from error

    def _check_schema(self) -> None:
        version = self._rows("PRAGMA user_version")[0][0]
        if version == 0:
            raise DamagedError(
                "store.unreadable",
                f"The database {self.path} is empty: no ledger was ever in it, or it was cut off.",
                hint=_LOST,
                params={"path": str(self.path)},
            )
        check_schema(version, place=f"The database {self.path}")
        self._check_length()

    def _check_length(self) -> None:
        """Raise DamagedError for a file that ends before its last page.

        SQLite reads zeros there, and nothing where a value stood. Pages that the WAL still holds
        may lie beyond the end, so nothing is said while it holds any.
        """
        if self._has_wal():
            return
        ((pages,),), ((size,),) = self._rows("PRAGMA page_count"), self._rows("PRAGMA page_size")
        if self._has_wal():
            return
        length = self.path.stat().st_size
        if length < pages * size:
            raise DamagedError(
                "store.unreadable",
                f"The database {self.path} was cut off: {length:,} of {pages * size:,} bytes.",
                hint=_LOST,
                params={"path": str(self.path)},
            )

    def _has_wal(self) -> bool:
        try:
            return self.path.with_name(f"{self.path.name}-wal").stat().st_size > 0
        except FileNotFoundError:
            return False

    def _rows(self, query: str, *values: object) -> list[Any]:
        try:
            return self._connection().execute(query, values).fetchall()
        except UNREAD as error:
            raise _unread(self.path, error) from error

    def _connection(self) -> sqlite3.Connection:
        known: sqlite3.Connection | None = getattr(self._local, "connection", None)
        if known is None:
            known = self._connect()
            self._local.connection = known
            self._opened.append(known)
        return known


def _unread(path: Path, error: Exception) -> DamagedError | UnavailableError:
    """Return what a failed read means: a disk that fails or is full passes, damage does not."""
    primary = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if primary in _PASSING:
        return UnavailableError(
            "store.unread",
            f"The database {path} cannot be read now: {error}.",
            hint="Look at the disk: is it full, or failing? Then try again.",
            params={"path": str(path)},
        )
    return DamagedError(
        "store.unreadable",
        f"The database {path} cannot be read: {error}.",
        hint=_LOST,
        params={"path": str(path)},
    )


def connect(path: Path, *, read_only: bool) -> sqlite3.Connection:
    """Return a connection with all pragmas set; a reading one can never write or checkpoint."""
    mode = "ro" if read_only else "rw"
    connection = sqlite3.connect(
        f"{path.absolute().as_uri()}?mode={mode}",
        uri=True,
        isolation_level=None,
        check_same_thread=False,
    )
    for pragma in sql.PRAGMAS:
        connection.execute(pragma)
    return connection
