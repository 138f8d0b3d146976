"""The tables of a store, as SQLModel definitions, and the statements that create them.

Owns names, columns, keys and triggers. Rows of these classes never leave `ledger.storage`, and hot
paths never make one: they speak to the driver with the same names. Only loaded to create a store.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, Text, UniqueConstraint, text
from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateIndex, CreateTable
from sqlmodel import Field, SQLModel

SCHEMA = 1
"""The version of these tables; a store of another version is refused, never guessed at."""
_STRICT = {"sqlite_strict": True}
_KEYED = {"sqlite_strict": True, "sqlite_with_rowid": False}


class Leaf(SQLModel, table=True):
    """A statement in the log. Nothing here is ever updated or deleted: triggers refuse it."""

    __tablename__ = "leaves"
    __table_args__ = (UniqueConstraint("kid", "seq"), _STRICT)
    leaf: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    hash: bytes
    id: bytes = Field(unique=True)
    kid: bytes
    seq: int | None
    party: str = Field(sa_type=Text)
    type: str = Field(sa_type=Text)
    raw: bytes


class Block(SQLModel, table=True):
    """A run of leaves ended by a closing."""

    __tablename__ = "blocks"
    __table_args__ = _STRICT
    closing: int = Field(
        sa_column=Column(Integer, ForeignKey("leaves.leaf"), primary_key=True, autoincrement=False)
    )
    height: int
    first: int
    at: int


class Head(SQLModel, table=True):
    """Where the ledger stands: one row, moved by compare-and-swap."""

    __tablename__ = "head"
    __table_args__ = _STRICT
    one: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    size: int
    root: bytes
    height: int
    closing: bytes
    at: int
    born: int


class Tile(SQLModel, table=True):
    """A full tile of 256 leaf hashes, and the root over them for a quick start."""

    __tablename__ = "tiles"
    __table_args__ = _STRICT
    n: int = Field(sa_column=Column(Integer, primary_key=True, autoincrement=False))
    root: bytes
    hashes: bytes


class Record(SQLModel, table=True):
    """A subject's record, as its hash stands in the state map."""

    __tablename__ = "records"
    __table_args__ = (
        UniqueConstraint("kind", "name"),
        Index(
            "records_listed",
            "listed",
            sqlite_where=text("listed > 0"),
            postgresql_where=text("listed > 0"),
        ),
        _STRICT,
    )
    row: int | None = Field(default=None, primary_key=True)
    kind: str = Field(sa_type=Text)
    name: str = Field(sa_type=Text)
    n: int
    listed: int
    path: bytes
    hash: bytes
    first: bytes
    record: bytes
    inner: bytes


class Step(SQLModel, table=True):
    """The n-th statement that touched a subject; its key keeps two from being the same step."""

    __tablename__ = "steps"
    __table_args__ = _KEYED
    kind: str = Field(sa_type=Text, primary_key=True)
    name: str = Field(sa_type=Text, primary_key=True)
    n: int = Field(primary_key=True)
    leaf: int


class Offer(SQLModel, table=True):
    """An open offer."""

    __tablename__ = "offers"
    __table_args__ = _KEYED
    id: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    sender: str = Field(sa_type=Text)
    receiver: str = Field(sa_type=Text)
    body: bytes


class Act(SQLModel, table=True):
    """A pending act."""

    __tablename__ = "acts"
    __table_args__ = _KEYED
    id: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    body: bytes


class Key(SQLModel, table=True):
    """A key that was ever enrolled, and the numbers that it used."""

    __tablename__ = "keys"
    __table_args__ = _KEYED
    kid: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    owner: str = Field(sa_type=Text)
    use: bytes


class Held(SQLModel, table=True):
    """Who holds or owns which lots and containers."""

    __tablename__ = "held"
    __table_args__ = _KEYED
    party: str = Field(sa_type=Text, primary_key=True)
    kind: str = Field(sa_type=Text, primary_key=True)
    name: str = Field(sa_type=Text, primary_key=True)


class Finding(SQLModel, table=True):
    """Open findings in the order in which they are listed: about whom, how heavy, since when.

    The index finds those of one rule without the others, in the same order.
    """

    __tablename__ = "findings"
    __table_args__ = (
        Index("findings_ruled", "about", "rule", "weight", "from_at", "cause", "kind", "name"),
        _KEYED,
    )
    about: str = Field(sa_type=Text, primary_key=True)
    weight: int = Field(primary_key=True)
    from_at: int = Field(primary_key=True)
    rule: str = Field(sa_type=Text, primary_key=True)
    cause: bytes = Field(sa_column=Column(LargeBinary, primary_key=True))
    kind: str = Field(sa_type=Text, primary_key=True)
    name: str = Field(sa_type=Text, primary_key=True)


class Refused(SQLModel, table=True):
    """A statement that a closing names as refused, with its bytes; not derived, never changed."""

    __tablename__ = "refused"
    __table_args__ = (UniqueConstraint("id"), Index("refused_numbers", "kid", "seq"), _STRICT)
    row: int | None = Field(default=None, primary_key=True)
    id: bytes
    kid: bytes
    seq: int
    rule: str = Field(sa_type=Text)
    params: bytes
    height: int
    raw: bytes


TABLES: tuple[type[SQLModel], ...] = (
    Leaf,
    Block,
    Head,
    Tile,
    Record,
    Step,
    Offer,
    Act,
    Key,
    Held,
    Finding,
    Refused,
)
FOR_EVER = ("leaves", "blocks", "tiles", "refused")
"""Tables in which nothing is ever changed."""


def sqlite_schema() -> Iterator[str]:
    """Yield the statements that create the tables, indexes and triggers in SQLite."""
    dialect = sqlite.dialect()
    for model in TABLES:
        table = SQLModel.metadata.tables[str(model.__tablename__)]
        yield str(CreateTable(table).compile(dialect=dialect))
        for index in sorted(table.indexes, key=lambda index: str(index.name)):
            yield str(CreateIndex(index).compile(dialect=dialect))
    for name in FOR_EVER:
        for act in ("UPDATE", "DELETE"):
            yield (
                f"CREATE TRIGGER {name}_refuse_{act.lower()} BEFORE {act} ON {name} "
                f"BEGIN SELECT RAISE(ABORT, '{name}: nothing here is ever changed'); END"
            )
    yield f"PRAGMA user_version = {SCHEMA}"
