"""The high-water mark as a row in PostgreSQL, where every host that may sequence reaches it.

Owns the row (docs/formats/high-water.md): one for each ledger, moved by compare-and-swap, and
refused to fall by a trigger. In the ledger's own database it is weak: both are restored together.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

from ledger.errors import NotFoundError, RingmarkError, UnavailableError, UsageError
from ledger.storage.highwater import HighWater, check_form, check_move
from ledger.storage.postgres import statements as sql
from ledger.storage.postgres.connecting import Connection, Way, connect, shown, translated
from ledger.storage.postgres.mark_schema import mark_schema


class HighWaterRow:
    """The mark of one ledger (its id has 32 bytes) in a PostgreSQL database."""

    def __init__(self, url: str, *, ledger: bytes) -> None:
        self._url = url
        self._way = Way(url)
        self._ledger = ledger
        self._using = threading.Lock()
        self._line: Connection | None = None

    def read(self) -> HighWater:
        """Return the mark; raise NotFoundError where there is none for this ledger."""
        with self._using:
            return self._read()

    def move(self, *, expected: HighWater, new: HighWater) -> None:
        """Replace the mark durably, in one statement that commits by itself.

        Raise UnavailableError `high-water.conflict` where the mark has another size or root than
        `expected`, `high-water.unknown` where what became of it is not known.
        """
        check_form(new)
        check_move(expected, expected=expected, new=new)
        values = (new.size, new.root, new.note, self._ledger, expected.size, expected.root)
        with self._using:
            # Asked twice, it moves once: the same question over a new line is safe.
            if self._ask(sql.MOVE_MARK, values).rowcount == 1:
                return
            mark = self._read()
            if (mark.size, mark.root) == (new.size, new.root):
                return
            check_move(mark, expected=expected, new=new)
            raise _unknown(UnavailableError("store.failed", "it stands where it stood"))

    def settle(self) -> None:
        """Do nothing: a server that could not sync stops, and reads its log anew."""

    def close(self) -> None:
        """Close the connection."""
        with self._using:
            self._drop()

    def _read(self) -> HighWater:
        row = self._ask(sql.READ_MARK, (self._ledger,)).fetchone()
        if row is None:
            raise NotFoundError(
                "high-water.missing",
                f"There is no high-water mark of this ledger at {shown(self._url)}.",
                hint="Say where it is: --high-water PATH|URL; an audit takes a checkpoint instead: "
                "--checkpoint FILE. Where none is left nobody may sign any more: ringmark init "
                "DIR2 --continues URL",
                params={"path": shown(self._url)},
            )
        return HighWater(*row)

    def _ask(self, query: str, values: tuple[object, ...]) -> psycopg.Cursor[tuple[Any, ...]]:
        """Ask the server, once more over a new line where the old one broke."""
        used = self._line is not None
        if self._line is None:
            self._line = self._way.connect(read_only=False)
        try:
            return self._line.cursor(binary=True).execute(query.encode(), values)
        except psycopg.Error as error:
            self._drop()
            self._way.heard(error)
            if used:
                return self._ask(query, values)
            raise _unknown(translated(error)) from error

    def _drop(self) -> None:
        line, self._line = self._line, None
        if line is not None:
            line.close()


def create_high_water_row(url: str, first: HighWater, *, ledger: bytes) -> None:
    """Write the first mark of a ledger, making its table where there is none.

    Raise UsageError where the ledger has a mark already: a mark is never started anew.
    """
    check_form(first)
    with _creating(url) as connection:
        connection.execute(sql.INSERT_MARK, (ledger, first.size, first.root, first.note))


def try_high_water_row(url: str) -> None:
    """Raise what `create_high_water_row` would for a new ledger; no row is left of the trial."""
    with _creating(url) as connection, connection.transaction(force_rollback=True):
        connection.execute(sql.INSERT_MARK, (bytes(32), 0, bytes(32), b""))


@contextmanager
def _creating(url: str) -> Iterator[Connection]:
    """Yield a line to a place that has the table; say in plain words why a row cannot be there."""
    connection = connect(url, read_only=False)
    try:
        if connection.execute("SELECT to_regclass('high_water')").fetchone() == (None,):
            with connection.transaction():
                for statement in mark_schema():
                    connection.execute(statement.encode())
        yield connection
    except psycopg.errors.UniqueViolation as error:
        raise UsageError(
            "high-water.exists",
            f"A high-water mark of this ledger stands at {shown(url)} already.",
            hint="It belongs to another ledger: choose another place.",
            params={"path": shown(url)},
        ) from error
    except psycopg.Error as error:
        raise translated(error) from error
    finally:
        connection.close()


def _unknown(error: RingmarkError) -> RingmarkError:
    if isinstance(error, UnavailableError):
        return UnavailableError(
            "high-water.unknown",
            f"Whether the high-water mark moved is not known: {error.message}",
            hint="Try again: the ledger compares both before it goes on.",
        )
    return error
