"""Look-ups in a database that speaks SQL: what every such store answers, whichever it is.

Owns which rows are asked for and what they become. How a query is run, and what a failed one means,
is its subclass's: SQLite in `queries.py`, PostgreSQL in `postgres/queries.py`.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Collection, Iterator
from itertools import chain
from typing import Any

from ledger.errors import DamagedError
from ledger.statement import ledger_id, parse_statement
from ledger.storage import lookup_statements as sql
from ledger.storage.checking import check_leaf, check_record
from ledger.storage.finding_list import (
    FOR_EVER_S,
    WEIGHTS,
    FindingRow,
    Listed,
    place_in_rule,
)
from ledger.storage.protocol import (
    BlockRow,
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


class SqlReads(ABC):
    """The look-ups of a store over SQL; a subclass says how a query is run."""

    def __init__(self) -> None:
        self._ledger: bytes | None = None

    @abstractmethod
    def stream(self, query: str) -> Iterator[Any]:
        """Yield the rows of a query that may be too many to hold."""

    @abstractmethod
    def _rows(self, query: str, *values: object) -> list[Any]:
        """Return the rows of a query; `?` in it stands for each of the values."""

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
        return [LeafRow(*row) for row in self._rows(sql.READ_LEAVES, start, stop)]

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
        row = self._one(sql.FIND_BLOCK, index)
        return BlockRow(*row) if row else None

    def blocks(self, *, after: int = -1, limit: int = 1_000) -> list[BlockRow]:
        """Return blocks whose closing has an index above `after`, oldest first."""
        return [BlockRow(*row) for row in self._rows(sql.READ_BLOCKS, after, limit)]

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
        for row in self.stream(sql.DERIVED["records"]):
            yield RecordRow(*row)

    def record_hashes(self) -> Iterator[tuple[bytes, bytes]]:
        """Yield path and record hash of every subject, in no order."""
        yield from self.stream(sql.READ_RECORD_HASHES)

    def subjects(self) -> int:
        """Return how many records are found by name."""
        return int(self._one(sql.COUNT_NAMES)[0])

    def names(
        self, *, kind: str, prefix: str = "", after: str = "", limit: int = 1_000
    ) -> list[str]:
        """Return names of one kind that begin with `prefix` and lie after `after`, sorted."""
        return self._column(sql.READ_NAMES, kind, after, prefix, prefix + _AFTER_ALL, limit)

    def findings(
        self,
        about: str,
        *,
        weight: int,
        rule: str | None = None,
        since: int = 0,
        until: int = FOR_EVER_S,
        after: FindingRow | None = None,
        limit: int = 1_000,
    ) -> list[FindingRow]:
        """Return rows of one list and weight that count from `since` to `until`, oldest first."""
        if rule is not None:
            place = place_in_rule(rule, since=since, after=after)
            found = self._rows(sql.READ_FINDINGS_OF, about, rule, weight, *place, until, limit)
        else:
            start = (since, "", b"", "", "") if after is None else after[2:]
            found = self._rows(sql.READ_FINDINGS, about, weight, *start, until, limit)
        return [FindingRow(*row) for row in found]

    def finding_rules(self, about: str) -> list[str]:
        """Return the rules of which a list has findings, sorted."""
        return self._column(sql.READ_FINDING_RULES, about, about)

    def finding_counts(
        self, about: str, *, since: int = 0, until: int = FOR_EVER_S
    ) -> tuple[int, ...]:
        """Return how many rows a list has of each weight, that count from `since` to `until`."""
        counts = dict(self._rows(sql.COUNT_FINDINGS, about, since, until))
        return tuple(counts.get(weight, 0) for weight in range(len(WEIGHTS)))

    def every_finding(self) -> Iterator[FindingRow]:
        """Yield the rows of all lists, in no order."""
        for row in self.stream(sql.DERIVED["findings"]):
            yield FindingRow(*row)

    def listed(self) -> Listed:
        """Return how many rows all lists have, and how many the records say that they have."""
        return Listed(*self._one(sql.COUNT_LISTED))

    def history(self, *, kind: str, name: str, after: int = 0, limit: int = 10_000) -> list[int]:
        """Return the leaf indexes that touched a subject, from its step `after` + 1 on."""
        return self._column(sql.READ_HISTORY, kind, name, after, limit)

    def entering(self, document: str, types: Collection[str]) -> list[int]:
        """Return the leaf indexes of a document's statements of some types, newest first."""
        found = [self._column(sql.READ_STEPS_OF, document, kind) for kind in types]
        return sorted(chain.from_iterable(found), reverse=True)

    def held_by(self, party: str, *, kind: str, after: str = "", limit: int = 1_000) -> list[str]:
        """Return names of the lots or containers that a party holds or owns, sorted."""
        return self._column(sql.READ_HELD, party, kind, after, limit)

    def holdings(self) -> Iterator[HeldRow]:
        """Yield who holds or owns which lots and containers, in no order."""
        for row in self.stream(sql.DERIVED["held"]):
            yield HeldRow(*row)

    def offers(self, *, party: str | None = None) -> list[OfferRow]:
        """Return open offers to or by a party, or all of them, sorted by id."""
        if party is None:
            return [OfferRow(*row) for row in self._rows(sql.READ_OFFERS)]
        return [OfferRow(*row) for row in self._rows(sql.READ_OFFERS_OF, party, party)]

    def offer(self, offer_id: bytes) -> OfferRow | None:
        """Return the open offer of that id, or None."""
        row = self._one(sql.FIND_OFFER, offer_id)
        return OfferRow(*row) if row else None

    def acts(self) -> list[tuple[bytes, bytes]]:
        """Return id and strict CBOR of every pending act, sorted by id."""
        return self._rows(sql.DERIVED["acts"])

    def enrolled_keys(self, kids: Collection[bytes] | None = None) -> list[KeyRow]:
        """Return every key that was ever enrolled, or those of `kids`, sorted."""
        if kids is None:
            return [KeyRow(*row) for row in self._rows(sql.DERIVED["keys"])]
        return [KeyRow(*row) for kid in sorted(kids) for row in self._rows(sql.FIND_KEY, kid)]

    def refused(self, number: tuple[bytes, int] | None = None) -> Iterator[RefusedRow]:
        """Yield refused statements, all or with one `(kid, seq)`, as they were refused."""
        if number is None:
            rows = self.stream(sql.WHOLE["INSERT_REFUSED"])
        else:
            rows = iter(self._rows(sql.READ_REFUSED_OF, *number))
        for row in rows:
            yield RefusedRow(*row)

    def refusal(self, statement_id: bytes) -> RefusedRow | None:
        """Return the refused statement of that id, if a closing names it, or None."""
        row = self._one(sql.FIND_REFUSED, statement_id)
        return RefusedRow(*row) if row else None

    def dump(self) -> dict[str, list[tuple[object, ...]]]:
        """Return every derived table as sorted rows."""
        return {name: self._rows(query) for name, query in sql.DERIVED.items()}

    def _one(self, query: str, *values: object) -> Any:
        rows = self._rows(query, *values)
        return rows[0] if rows else None

    def _column(self, query: str, *values: object) -> list[Any]:
        return [row[0] for row in self._rows(query, *values)]

    def _ledger_id(self) -> bytes:
        if self._ledger is None:
            founding = self.leaf(0)
            self._ledger = ledger_id(parse_statement(founding.raw)) if founding else b""
        return self._ledger


def check_schema(version: int, *, place: str) -> None:
    """Raise DamagedError unless the tables of a database are of the version that is read here."""
    if version != SCHEMA:
        raise DamagedError(
            "store.schema",
            f"{place} has schema {version}, this version reads {SCHEMA}.",
            hint="Use the version of Ringmark that wrote it.",
            params={"schema": version, "expected": SCHEMA},
        )
