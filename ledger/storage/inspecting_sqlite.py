"""Looking over a SQLite file: its pages, its schema, and what is kept beside the log.

Owns what SQLite itself can say of a file, and the content-addressed rows. Changes nothing.
"""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Iterator

_ERRORS_MAX = 20


def inspect_database(connection: sqlite3.Connection) -> Iterator[str]:
    """Yield a sentence for each fault of pages, indexes, schema, attachments and disclosures.

    Raise sqlite3.Error where a page cannot be read at all.
    """
    # An integrity check reads every page, index and free list, and compares indexes with rows.
    for (said,) in connection.execute(f"PRAGMA integrity_check({_ERRORS_MAX})"):
        if said != "ok":
            yield f"SQLite finds the file damaged: {said}"
    yield from _inspect_schema(connection)
    for digest, content in connection.execute("SELECT hash, content FROM blobs"):
        if hashlib.sha256(content).digest() != digest:
            yield f"The attachment {digest.hex()[:16]} changed."
    for digest, content in connection.execute("SELECT digest, content FROM disclosures"):
        if hashlib.sha256(content).digest() != digest:
            yield f"The disclosure {digest.hex()[:16]} changed."


def _inspect_schema(connection: sqlite3.Connection) -> Iterator[str]:
    from ledger.storage.tables import sqlite_schema

    expected = {_plain(sql) for sql in sqlite_schema() if sql.lstrip().startswith("CREATE")}
    query = "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL"
    found = {_plain(sql) for (sql,) in connection.execute(query)}
    if found != expected:
        yield "Tables, indexes or triggers of the database are not as they were made."


def _plain(sql: str) -> str:
    return " ".join(sql.split())
