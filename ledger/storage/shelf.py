"""A shelf on disk: the packed records of an audit, in a database that vanishes with its process.

Owns the file: nameless, in the system's folder for temporary files, and touched only once there is
more than its cache holds. Nothing in it is ever trusted beyond the process that wrote it.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from ledger.errors import UnavailableError
from ledger.verify.packed import ShelfRow

CACHE_KIB = 16_384
"""What may lie in memory: the rest is the operating system's to keep there or not."""
_SETTINGS = f"""
    PRAGMA journal_mode = OFF;
    PRAGMA synchronous = OFF;
    PRAGMA temp_store = FILE;
    PRAGMA cache_size = -{CACHE_KIB};
"""
# New lots are written at the end, beside those of their time, which are asked for together.
_SCHEMA = """
    CREATE TABLE shelf (
        place INTEGER PRIMARY KEY, kind TEXT, name TEXT, is_ended INTEGER, body BLOB,
        UNIQUE (kind, name)
    );
"""
_PUT = """
    INSERT INTO shelf (kind, name, is_ended, body) VALUES (?, ?, ?, ?)
    ON CONFLICT (kind, name) DO UPDATE SET is_ended = excluded.is_ended, body = excluded.body
"""
_GET = "SELECT body FROM shelf WHERE kind = ? AND name = ?"
_ROWS = "SELECT kind, name, is_ended, body FROM shelf ORDER BY kind, name"
_COUNT = """
    SELECT count(*) FROM shelf
    WHERE (?1 IS NULL OR kind = ?1) AND (?2 IS NULL OR is_ended = ?2)
"""


class DiskShelf:
    """A shelf whose file the operating system removes, however the process ends.

    Raise UnavailableError `audit.room` where the disk takes no more.
    """

    def __init__(self) -> None:
        # The empty name: a database on disk that nobody else can open (sqlite.org/inmemorydb.html).
        self._connection = sqlite3.connect("", isolation_level=None)
        self._connection.executescript(_SETTINGS + _SCHEMA)

    def put(self, rows: Iterable[ShelfRow]) -> None:
        """Keep rows, each in the place of an earlier one of the same kind and name."""
        with _room():
            self._connection.execute("BEGIN")
            self._connection.executemany(_PUT, rows)
            self._connection.execute("COMMIT")

    def get(self, kind: str, name: str) -> bytes | None:
        """Return the packed record of a subject, or None."""
        # What is only read may push what was put before out of the cache, onto the disk.
        try:
            row = self._connection.execute(_GET, (kind, name)).fetchone()
        except sqlite3.OperationalError as error:
            raise _full(error) from error
        return row[0] if row is not None else None

    def rows(self) -> Iterator[ShelfRow]:
        """Yield all rows, by kind and name in the order of their bytes."""
        with _room():
            for kind, name, is_ended, body in self._connection.execute(_ROWS):
                yield ShelfRow(kind, name, bool(is_ended), body)

    def count(self, kind: str | None = None, *, is_ended: bool | None = None) -> int:
        """Return how many rows there are, of one kind, of lots that have ended or have not."""
        with _room():
            found: tuple[int] = self._connection.execute(_COUNT, (kind, is_ended)).fetchone()
        return found[0]

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()


@contextmanager
def _room() -> Iterator[None]:
    try:
        yield
    except sqlite3.OperationalError as error:
        raise _full(error) from error


def _full(error: sqlite3.OperationalError) -> UnavailableError:
    return UnavailableError(
        "audit.room",
        f"The folder for temporary files takes no more: {error}.",
        hint="Free some space there, or set SQLITE_TMPDIR to a folder with room:"
        " about 700 bytes for each lot.",
    )
