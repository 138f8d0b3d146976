"""Reading a SQLite store: look-ups over connections that can neither write nor checkpoint.

Owns one read-only connection for each thread (a second writing connection could meet SQLite's
WAL-reset bug, fixed in 3.51.3). Answers with the rows of `protocol.py`.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ledger.errors import DamagedError, NotFoundError, UnavailableError
from ledger.statement import ledger_id, parse_statement
from ledger.storage import statements as sql
from ledger.storage.checking import check_blob, check_leaf, check_record
from ledger.storage.inspecting_sqlite import inspect_database
from ledger.storage.protocol import (
    BlobRow,
    BlockRow,
    Changed,
    DisclosureRow,
    Head,
    HeldRow,
    KeyRow,
    LeafRow,
    OfferRow,
    RecordRow,
    RefusedRow,
)

SCHEMA = 1
"""The version of the tables that this code reads (`tables.SCHEMA`)."""
_AFTER_ALL = "\U0010ffff"
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


_LOST = (
    "Keep the folder as it is, its high-water mark above all; `ringmark restore` makes a new one "
    "from a second copy, a mirror or an export."
)


class SqliteReads:
    """The reading half of a SQLite store; safe to use from any thread."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._local = threading.local()
        self._opened: list[sqlite3.Connection] = []
        self._ledger: bytes | None = None
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

    def reread(self, start: int, stop: int) -> list[bytes]:
        """Return leaf bytes as a connection that did not write them finds them stored."""
        return self.raws(start, stop)

    def head(self) -> Head | None:
        """Return where the ledger stands, or None for an empty store."""
        row = self._one(sql.READ_HEAD)
        return Head(*row) if row else None

    def size(self) -> int:
        """Return how many leaves are stored: the highest index + 1."""
        return int(self._rows(sql.COUNT_LEAVES)[0][0])

    def leaf(self, index: int) -> LeafRow | None:
        """Return the leaf at a 0-based index, or None."""
        row = self._one(sql.READ_LEAVES, index, index + 1)
        return check_leaf(LeafRow(*row), index=index) if row else None

    def leaves(self, start: int, stop: int) -> list[LeafRow]:
        """Return the leaves start <= index < stop, as many as there are."""
        found = self._rows(sql.READ_LEAVES, start, stop)
        return [LeafRow(*row) for row in found]

    def raws(self, start: int, stop: int) -> list[bytes]:
        """Return the bytes of the leaves start <= index < stop."""
        return self._column(sql.READ_RAWS, start, stop)

    def leaf_hashes(self, start: int, stop: int) -> list[bytes]:
        """Return the leaf hashes of start <= index < stop, 32 bytes each."""
        return self._column(sql.READ_HASHES, start, stop)

    def index_of(self, statement_id: bytes) -> int | None:
        """Return the leaf index of a statement id, or None."""
        row = self._one(sql.FIND_ID, statement_id)
        return row[0] if row else None

    def index_by_number(self, *, kid: bytes, seq: int) -> int | None:
        """Return the leaf index of the statement with number `seq` of key `kid`, or None."""
        row = self._one(sql.FIND_NUMBER, kid, seq)
        return row[0] if row else None

    def block_of(self, index: int) -> BlockRow | None:
        """Return the block that leaf `index` is in (its closing counts), or None."""
        row = self._one(
            sql.FIND_BLOCK,
            index,
        )
        return BlockRow(*row) if row else None

    def blocks(self, *, after: int = -1, limit: int = 1_000) -> list[BlockRow]:
        """Return blocks whose closing has an index above `after`, oldest first."""
        found = self._rows(
            sql.READ_BLOCKS,
            after,
            limit,
        )
        return [BlockRow(*row) for row in found]

    def tile(self, n: int) -> bytes | None:
        """Return the n-th full tile of leaf hashes, 8,192 bytes, or None."""
        row = self._one(sql.READ_TILE, n)
        return row[0] if row else None

    def tile_roots(self, start: int = 0) -> list[bytes]:
        """Return the subtree roots of all full tiles from the `start`-th on, in order."""
        return self._column(sql.READ_TILE_ROOTS, start)

    def record(self, *, kind: str, name: str) -> RecordRow | None:
        """Return the record of a subject, or None."""
        row = self._one(sql.FIND_RECORD, kind, name)
        if row is None:
            return None
        return check_record(RecordRow(*row), ledger=self._ledger_id(), kind=kind, name=name)

    def records(self) -> Iterator[RecordRow]:
        """Yield every record, sorted by kind and name."""
        for row in self._stream(sql.DERIVED["records"]):
            yield RecordRow(*row)

    def record_hashes(self) -> Iterator[tuple[bytes, bytes]]:
        """Yield path and record hash of every subject, in no order."""
        yield from self._stream(sql.READ_RECORD_HASHES)

    def names(
        self, *, kind: str, prefix: str = "", after: str = "", limit: int = 1_000
    ) -> list[str]:
        """Return names of one kind that begin with `prefix` and lie after `after`, sorted."""
        return self._column(
            sql.READ_NAMES,
            kind,
            after,
            prefix,
            prefix + _AFTER_ALL,
            limit,
        )

    def flagged(self) -> list[tuple[str, str]]:
        """Return kind and name of every subject with an open finding, sorted."""
        return self._rows(sql.READ_FLAGGED)

    def history(self, *, kind: str, name: str, after: int = 0, limit: int = 10_000) -> list[int]:
        """Return the leaf indexes that touched a subject, from its step `after` + 1 on."""
        return self._column(
            sql.READ_HISTORY,
            kind,
            name,
            after,
            limit,
        )

    def held_by(self, party: str, *, kind: str, after: str = "", limit: int = 1_000) -> list[str]:
        """Return names of the lots or containers that a party holds or owns, sorted."""
        return self._column(
            sql.READ_HELD,
            party,
            kind,
            after,
            limit,
        )

    def holdings(self) -> Iterator[HeldRow]:
        """Yield who holds or owns which lots and containers, in no order."""
        for row in self._stream(sql.DERIVED["held"]):
            yield HeldRow(*row)

    def offers(self, *, party: str | None = None) -> list[OfferRow]:
        """Return open offers to or by a party, or all of them, sorted by id."""
        found = self._rows(
            sql.READ_OFFERS,
            party,
        )
        return [OfferRow(*row) for row in found]

    def offer(self, offer_id: bytes) -> OfferRow | None:
        """Return the open offer of that id, or None."""
        row = self._one(sql.FIND_OFFER, offer_id)
        return OfferRow(*row) if row else None

    def acts(self) -> list[tuple[bytes, bytes]]:
        """Return id and strict CBOR of every pending act, sorted by id."""
        return self._rows(sql.DERIVED["acts"])

    def enrolled_keys(self) -> list[KeyRow]:
        """Return every key that was ever enrolled, sorted."""
        return [KeyRow(*row) for row in self._rows(sql.DERIVED["keys"])]

    def refused(self, *, kid: bytes | None = None, limit: int = 1_000) -> list[RefusedRow]:
        """Return refused statements, of one key or of all, in the order they were refused."""
        found = self._rows(
            sql.READ_REFUSED,
            kid,
            limit,
        )
        return [RefusedRow(*row) for row in found]

    def refusal(self, statement_id: bytes) -> RefusedRow | None:
        """Return the refused statement of that id, if a closing names it, or None."""
        row = self._one(sql.FIND_REFUSED, statement_id)
        return RefusedRow(*row) if row else None

    def changes(self, after: int) -> Changed | None:  # noqa: ARG002 - the protocol has it
        """Return None: one process writes here, and it knows what it changed."""
        return None

    def blob(self, hash: bytes) -> BlobRow | None:
        """Return an attachment by its SHA-256, or None."""
        row = self._one(sql.FIND_BLOB, hash)
        return check_blob(BlobRow(*row)) if row else None

    def disclosures(self, statement_id: bytes) -> list[DisclosureRow]:
        """Return the disclosures kept for a statement, sorted by digest."""
        found = self._rows(
            sql.READ_DISCLOSURES,
            statement_id,
        )
        return [DisclosureRow(*row) for row in found]

    def inspect(self) -> Iterator[str]:
        """Yield a sentence for each fault of the file and of what is kept beside the log."""
        try:
            yield from inspect_database(self._connection())
        except UNREAD as error:
            raise _unread(self.path, error) from error

    def dump(self) -> dict[str, list[tuple[object, ...]]]:
        """Return every derived table as sorted rows."""
        return {name: self._rows(query) for name, query in sql.DERIVED.items()}

    def backup(self, path: str) -> None:
        """Write a consistent copy of the whole database to a new file at `path`."""
        with self.snapshot():
            copy = sqlite3.connect(path)
            try:
                self._connection().backup(copy)
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
        if version != SCHEMA:
            raise DamagedError(
                "store.schema",
                f"The database {self.path} has schema {version}, this version reads {SCHEMA}.",
                hint="Use the version of Ringmark that wrote it.",
                params={"schema": version, "expected": SCHEMA},
            )

    def _rows(self, query: str, *values: object) -> list[Any]:
        try:
            return self._connection().execute(query, values).fetchall()
        except UNREAD as error:
            raise _unread(self.path, error) from error

    def _stream(self, query: str) -> Iterator[Any]:
        try:
            yield from self._connection().execute(query)
        except UNREAD as error:
            raise _unread(self.path, error) from error

    def _ledger_id(self) -> bytes:
        if self._ledger is None:
            founding = self.leaf(0)
            self._ledger = ledger_id(parse_statement(founding.raw)) if founding else b""
        return self._ledger

    def _one(self, query: str, *values: object) -> Any:
        rows = self._rows(query, *values)
        return rows[0] if rows else None

    def _column(self, query: str, *values: object) -> list[Any]:
        return [row[0] for row in self._rows(query, *values)]

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
