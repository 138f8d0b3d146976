"""Reading a PostgreSQL store: look-ups over a few connections that cannot write.

Owns the queries of `Store`; answers with the rows of `protocol.py`. Writing is in `store.py`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager
from functools import cache
from typing import Any

import psycopg

from ledger.storage.lookups import SqlReads, check_schema
from ledger.storage.postgres import statements as sql
from ledger.storage.postgres.connecting import Pool, Way
from ledger.storage.protocol import Changed, KeyRow

ROWS_AT_ONCE = 5_000


class PostgresReads(SqlReads):
    """The reading half of a PostgreSQL store; safe to use from any thread."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.url = url
        self._way = Way(url)
        self._pool = Pool(self._way)
        try:
            self._check_schema()
        except BaseException:
            self._pool.close()
            raise

    def snapshot(self) -> AbstractContextManager[None]:
        """Let all reads of this thread inside the block see one and the same state."""
        return self._pool.snapshot()

    def changes(self, after: int) -> Changed | None:
        """Return what blocks above height `after` changed; None where that was not kept so long."""
        with self.snapshot():
            head = self.head()
            if head is None or head.height < after:
                return None
            kept = self._rows(sql.COUNT_CHANGES, after, head.height)[0][0]
            if kept != head.height - after:
                return None
            return Changed(
                head=head,
                records=tuple(self._rows(sql.CHANGED_RECORDS, after)),
                keys=tuple(KeyRow(*row) for row in self._rows(sql.CHANGED_KEYS, after)),
            )

    def inspect(self) -> Iterator[str]:
        """Yield nothing: pages and indexes are the server's, whose tools look after them."""
        yield from ()

    def stream(self, query: str) -> Iterator[Any]:
        """Yield the rows of a query that may be too many to hold."""
        with self._pool.lend() as connection, connection.transaction():
            cursor = connection.cursor("ringmark_rows", binary=True)
            try:
                cursor.itersize = ROWS_AT_ONCE
                yield from cursor.execute(_spelled(query))
            finally:
                _shut(cursor)

    def close(self) -> None:
        """Close the reading connections."""
        self._pool.close()

    def _check_schema(self) -> None:
        version = self._rows(sql.READ_SCHEMA)[0][0]
        check_schema(version, place="The database")

    def _rows(self, query: str, *values: object) -> list[Any]:
        return self._pool.rows(_spelled(query), values)


@cache
def _spelled(query: str) -> bytes:
    """Return a query as the driver wants it: `%b` stands for a value in its binary form."""
    return query.replace("?", "%b").encode()


def _shut(cursor: psycopg.ServerCursor[tuple[Any, ...]]) -> None:
    try:
        cursor.close()
    except psycopg.Error:
        # Closing asks the server; on a line that is dead the second call asks nothing.
        cursor.close()
        raise
