"""Looking over a SQLite file: its pages and its schema.

Owns what SQLite itself can say of a file. Changes nothing.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator

_ERRORS_MAX = 20
_CREATES = re.compile(r"CREATE\s(?:\w+\s)*?(TABLE|INDEX|TRIGGER|VIEW)\s+([^\s(]+)", re.IGNORECASE)


def inspect_database(connection: sqlite3.Connection) -> Iterator[str]:
    """Yield a sentence for each fault of pages, indexes and schema.

    Raise sqlite3.Error where a page cannot be read at all.
    """
    # An integrity check reads every page, index and free list, and compares indexes with rows.
    for (said,) in connection.execute(f"PRAGMA integrity_check({_ERRORS_MAX})"):
        if said != "ok":
            yield f"SQLite finds the file damaged: {said}"
    yield from _inspect_schema(connection)


def _inspect_schema(connection: sqlite3.Connection) -> Iterator[str]:
    from ledger.storage.tables import sqlite_schema

    expected = {_plain(sql) for sql in sqlite_schema() if sql.lstrip().startswith("CREATE")}
    query = "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL"
    found = {_plain(sql) for (sql,) in connection.execute(query)}
    if found != expected:
        odd = sorted({_named(sql) for sql in found ^ expected})
        yield (
            "Tables, indexes or triggers of the database are not as they were made: "
            f"{', '.join(odd[:_ERRORS_MAX])}. No rebuilding mends that: stop the server, "
            "`ringmark export log`, and `ringmark restore` makes a new folder from the export."
        )


def _named(sql: str) -> str:
    """Return kind and name of what a statement creates: `index records_listed`."""
    found = _CREATES.match(sql)
    # A bit that flipped in the schema itself leaves a statement that creates nothing.
    return f"{found[1].lower()} {found[2]}" if found is not None else f"a statement {sql[:20]!r}"


def _plain(sql: str) -> str:
    return " ".join(sql.split())
