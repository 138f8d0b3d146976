"""The state that a replay stands on, in little memory: records as the bytes that were hashed.

Owns which records are at hand as objects. A record is packed for nothing, since every closing needs
its bytes, and read again only when a later statement asks for it. Where the bytes lie is the
caller's choice: a shelf is an argument, so that a ledger of any size needs no more memory than its
state map.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple, Protocol

from ledger.block import Changes, MemoryBase
from ledger.custody.lots import LotState, LotStatus
from ledger.custody.subjects import Finding, Kind, Subject
from ledger.records import Encoded, Record, decode_record
from ledger.reference.tables import Tables
from ledger.wire import cbor

HOT_MAX = 4_096
"""Records kept as objects twice over: those asked for last, and those before them."""
_UNSET_MAX = 50_000
_ASKED_AGAIN = frozenset((Kind.ACCOUNT, Kind.REFERENCE))
"""What nobody set up is looked for by statement after statement; codes and marks are not."""
_ENDED = frozenset((LotStatus.USED, LotStatus.DEPARTED, LotStatus.RETIRED))
_ID = 32
_NO_FINDINGS = cbor.encode("findings") + cbor.encode([])
"""What stands in the bytes of a record without open findings."""


class ShelfRow(NamedTuple):
    """A packed record on a shelf; `is_ended` says whether custody of this lot has ended."""

    kind: str
    name: str
    is_ended: bool
    body: bytes


class Shelf(Protocol):
    """Where packed records lie: in memory, or in a file that vanishes with the process."""

    def put(self, rows: Iterable[ShelfRow]) -> None:
        """Keep rows, each in the place of an earlier one of the same kind and name."""
        ...

    def get(self, kind: str, name: str) -> bytes | None:
        """Return the packed record of a subject, or None."""
        ...

    def rows(self) -> Iterator[ShelfRow]:
        """Yield all rows, by kind and name in the order of their bytes."""
        ...

    def count(self, kind: str | None = None, *, is_ended: bool | None = None) -> int:
        """Return how many rows there are, of one kind, of lots that have ended or have not."""
        ...


class MemoryShelf:
    """A shelf in memory, for ledgers of some ten thousand lots."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, str], ShelfRow] = {}

    def put(self, rows: Iterable[ShelfRow]) -> None:
        """Keep rows, each in the place of an earlier one of the same kind and name."""
        self._rows.update((row[:2], row) for row in rows)

    def get(self, kind: str, name: str) -> bytes | None:
        """Return the packed record of a subject, or None."""
        row = self._rows.get((kind, name))
        return row.body if row is not None else None

    def rows(self) -> Iterator[ShelfRow]:
        """Yield all rows, by kind and name in the order of their bytes."""
        for key in sorted(self._rows, key=lambda row: (row[0], row[1].encode())):
            yield self._rows[key]

    def count(self, kind: str | None = None, *, is_ended: bool | None = None) -> int:
        """Return how many rows there are, of one kind, of lots that have ended or have not."""
        return sum(
            kind in (None, row.kind) and is_ended in (None, row.is_ended)
            for row in self._rows.values()
        )


class PackedBase(MemoryBase):
    """A base whose records are bytes on a shelf; everything else is as in `MemoryBase`."""

    def __init__(self, *, ledger: bytes, tables: Tables, shelf: Shelf) -> None:
        super().__init__(ledger=ledger, tables=tables)
        self.shelf = shelf
        self._older: dict[Subject, Record] = {}
        self._unset: set[Subject] = set()

    @property
    def subjects(self) -> int:
        """Return how many subjects have a record."""
        return self.shelf.count()

    @property
    def lots_live(self) -> int:
        """Return how many lots are in somebody's custody."""
        return self.shelf.count(Kind.LOT.value, is_ended=False)

    @property
    def lots_ended(self) -> int:
        """Return how many lots were used, departed or retired."""
        return self.shelf.count(Kind.LOT.value, is_ended=True)

    def record(self, subject: Subject) -> Record | None:
        """Return the record of `subject`, or None."""
        found = self.records.get(subject)
        if found is not None:
            return found
        if subject in self._unset:
            return None
        found = self._older.get(subject) or self._unpacked(subject)
        if found is not None:
            self._remember(subject, found)
        elif subject.kind in _ASKED_AGAIN and len(self._unset) < _UNSET_MAX:
            self._unset.add(subject)
        return found

    def keep(self, changes: Changes, encoded: Mapping[Subject, Encoded]) -> None:
        """Take over what a closed block changed; `encoded` has the bytes of its records."""
        self.shelf.put(
            _row(record, encoded[subject]) for subject, record in changes.records.items()
        )
        self._unset.difference_update(changes.records)
        for subject, record in changes.records.items():
            self._remember(subject, record)
        records, changes.records = changes.records, {}
        self.apply(changes)
        changes.records = records

    def open_findings(self) -> dict[Subject, tuple[Finding, ...]]:
        """Return the open findings of every subject for which custody has not ended.

        Only records that have some are read; the state must have been checked before.
        """
        found: dict[Subject, tuple[Finding, ...]] = {}
        for row in self.shelf.rows():
            if row.is_ended or _NO_FINDINGS in row.body:
                continue
            subject = Subject(Kind(row.kind), row.name)
            record = _decoded(subject, row.body)
            if record.state.findings:
                found[subject] = record.state.findings
        return found

    def _unpacked(self, subject: Subject) -> Record | None:
        body = self.shelf.get(subject.kind.value, subject.name)
        return _decoded(subject, body) if body is not None else None

    def _remember(self, subject: Subject, record: Record) -> None:
        # Two halves that take turns: as good as a list by age, at the cost of a dictionary.
        if len(self.records) >= HOT_MAX:
            self._older, self.records = self.records, {}
        self.records[subject] = record


def _row(record: Record, encoded: Encoded) -> ShelfRow:
    kind, name = record.subject
    state = record.state
    is_ended = isinstance(state, LotState) and state.status in _ENDED
    size = len(encoded.record).to_bytes(4, "big")
    return ShelfRow(
        kind.value, name, is_ended, b"".join((record.first, size, encoded.record, encoded.inner))
    )


def record_bytes(body: bytes) -> bytes:
    """Return the bytes that were hashed, from a packed record."""
    return body[_ID + 4 : _record_end(body)]


def _decoded(subject: Subject, body: bytes) -> Record:
    end = _record_end(body)
    return decode_record(
        subject,
        record=body[_ID + 4 : end],
        inner=body[end:],
        first=body[:_ID],
        decode=cbor.decode_known,
    )


def _record_end(body: bytes) -> int:
    return _ID + 4 + int.from_bytes(body[_ID : _ID + 4], "big")
