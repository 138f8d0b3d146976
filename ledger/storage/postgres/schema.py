"""The tables of a PostgreSQL store, and who may do what to them, as SQL.

Owns the translation of `tables.py` into PostgreSQL, the triggers, the grants, and the tables that
only a server has: what each block changed, the high-water mark, the version, which ledger is being
restored. Rows of
leaves are refused to change twice: the role has no right to, and triggers stop the owner too.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import BigInteger, Integer, MetaData, String, Text
from sqlalchemy.dialects import postgresql
from sqlalchemy.schema import CreateIndex, CreateTable
from sqlmodel import SQLModel

from ledger.storage.postgres.mark_schema import REFUSE, mark_schema, trigger
from ledger.storage.tables import FOR_EVER, SCHEMA, TABLES

_OWN = (
    "CREATE TABLE changes (height BIGINT PRIMARY KEY, kinds TEXT[] NOT NULL, "
    "names TEXT[] NOT NULL, kids BYTEA[] NOT NULL)",
    "CREATE TABLE restoring (ledger BYTEA PRIMARY KEY)",
    "CREATE TABLE ringmark (schema BIGINT NOT NULL)",
    f"INSERT INTO ringmark (schema) VALUES ({SCHEMA})",  # noqa: S608 - our own number
    "ALTER TABLE head ADD CHECK (one = 0)",
)
_RIGHTS = {
    "leaves": "SELECT, INSERT",
    "blocks": "SELECT, INSERT",
    "tiles": "SELECT, INSERT",
    "refused": "SELECT, INSERT",
    "steps": "SELECT, INSERT",
    "ringmark": "SELECT",
    "restoring": "SELECT, INSERT, DELETE",
    "head": "SELECT, INSERT, UPDATE",
    "records": "SELECT, INSERT, UPDATE",
    "keys": "SELECT, INSERT, UPDATE",
    "offers": "SELECT, INSERT, UPDATE, DELETE",
    "acts": "SELECT, INSERT, UPDATE, DELETE",
    "held": "SELECT, INSERT, DELETE",
    "findings": "SELECT, INSERT, DELETE",
    "changes": "SELECT, INSERT, DELETE",
    "high_water": "SELECT, INSERT, UPDATE",
}
"""What the role that serves may do to each table; a rebuild of derived tables needs the owner."""
_CLOSED = (
    "DO $$ BEGIN EXECUTE format('REVOKE CREATE ON SCHEMA %I FROM PUBLIC', current_schema()); END $$"
)
"""A database that was upgraded from before 15 still lets everybody create in `public`."""


def postgres_schema() -> Iterator[str]:
    """Yield the statements that create tables, indexes and triggers, for their owner."""
    for table in _tables():
        yield str(CreateTable(table).compile(dialect=_DIALECT))
        for index in sorted(table.indexes, key=lambda index: str(index.name)):
            yield str(CreateIndex(index).compile(dialect=_DIALECT))
    yield from _OWN
    yield REFUSE
    for name in FOR_EVER:
        yield trigger(name, "UPDATE OR DELETE OR TRUNCATE")
    yield from mark_schema()


def postgres_role(role: str, *, mark_only: bool = False) -> Iterator[str]:
    """Yield the statements that let `role`, a quoted name, serve: no UPDATE, DELETE or TRUNCATE
    on leaves, no right to create anything.
    """
    yield _CLOSED
    names = ["high_water"] if mark_only else list(_RIGHTS)
    for name in names:
        yield f"REVOKE ALL ON {name} FROM PUBLIC"
        yield f"REVOKE ALL ON {name} FROM {role}"
        yield f"GRANT {_RIGHTS[name]} ON {name} TO {role}"
    if not mark_only:
        for name in ("records", "refused"):
            yield f'GRANT USAGE ON SEQUENCE "{name}_row_seq" TO {role}'


_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]


def _tables() -> Iterator:  # type: ignore[type-arg]
    metadata = MetaData()
    for model in TABLES:
        table = SQLModel.metadata.tables[str(model.__tablename__)].to_metadata(metadata)
        for column in table.columns:
            # Sizes and times outgrow 32 bits; texts are sorted by their bytes, as SQLite does.
            if isinstance(column.type, Integer):
                column.type = BigInteger()
            elif isinstance(column.type, String):
                column.type = Text(collation="C")
        yield table
