"""Making a database ready for a ledger: tables, triggers, and the role that serves.

Owns what the owner of the tables does once, before a founding. The role that serves later can
neither change leaves nor tables (docs/operations.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import psycopg
from psycopg.sql import Identifier

from ledger.errors import UsageError
from ledger.storage.lookup_statements import READ_HEAD
from ledger.storage.postgres.connecting import Connection, connect, shown, translated
from ledger.storage.postgres.mark_schema import mark_schema
from ledger.storage.postgres.schema import postgres_role, postgres_schema
from ledger.storage.postgres.statements import DROP_RESTORING, INSERT_RESTORING, READ_RESTORING


def create_postgres(url: str, *, restoring: bytes | None = None) -> None:
    """Make the tables of an empty store where they are missing, all or none.

    Raise UsageError `store.exists` where a ledger stands in them already; but where the ledger with
    the id `restoring` was begun to be restored there, that goes on.
    """
    with _connection(url) as connection:
        if not _has(connection, "leaves"):
            _run(connection, postgres_schema())
        begun = connection.execute(READ_RESTORING).fetchone()
        is_empty = connection.execute(READ_HEAD).fetchone() is None
        if not is_empty and (begun is None or begun[0] != restoring):
            raise UsageError(
                "store.exists",
                f"A ledger stands at {shown(url)} already.",
                hint="Name another database, or another schema with ?options=-csearch_path%3DNAME.",
                params={"path": shown(url)},
            )
        if restoring is not None and is_empty:
            connection.execute(DROP_RESTORING)
            connection.execute(INSERT_RESTORING, (restoring,))


def end_restoring(url: str) -> None:
    """Forget that a ledger was being restored: it is whole, and nothing goes on from there."""
    with _connection(url) as connection:
        connection.execute(DROP_RESTORING)


def prepare_postgres(url: str, *, role: str, mark_only: bool = False) -> None:
    """Make the tables where they are missing, and a role that may serve but change nothing.

    `mark_only` makes a place for high-water marks alone. Doing it again changes nothing.
    """
    with _connection(url) as connection:
        if not _has(connection, "high_water" if mark_only else "leaves"):
            _run(connection, mark_schema() if mark_only else postgres_schema())
        known = connection.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", (role,))
        named = Identifier(role).as_string(connection)
        if known.fetchone() is None:
            _run(connection, (f"CREATE ROLE {named} LOGIN",))
        _run(connection, postgres_role(named, mark_only=mark_only))


def preparation(role: str, *, mark_only: bool = False) -> Iterator[str]:
    """Yield the same as statements, for somebody who would rather read them first."""
    named = Identifier(role).as_string(None)
    yield from mark_schema() if mark_only else postgres_schema()
    yield f"CREATE ROLE {named} LOGIN"
    yield from postgres_role(named, mark_only=mark_only)


@contextmanager
def _connection(url: str) -> Iterator[Connection]:
    line = connect(url, read_only=False)
    try:
        yield line
    except psycopg.Error as error:
        raise translated(error) from error
    finally:
        line.close()


def _has(connection: Connection, table: str) -> bool:
    return connection.execute("SELECT to_regclass(%s)", (table,)).fetchone() != (None,)


def _run(connection: Connection, statements: Iterable[str]) -> None:
    with connection.transaction():
        for statement in statements:
            connection.execute(statement.encode())
