"""The state that a replay stands on, in little memory: records as the bytes that were hashed.

Owns which records are at hand as objects. A record is packed for nothing, since every closing needs
its bytes, and read again only when a later statement asks for it. What custody has ended for is
packed tighter still: rules ask for it only when goods come back.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from ledger.block import Changes, MemoryBase
from ledger.custody.lots import LotState, LotStatus
from ledger.custody.subjects import Finding, Kind, Subject
from ledger.records import Encoded, Record, decode_record
from ledger.reference.tables import Tables
from ledger.wire import cbor

HOT_MAX = 4_096
"""Records kept as objects twice over: those asked for last, and those before them."""
_ENDED = frozenset((LotStatus.USED, LotStatus.DEPARTED, LotStatus.RETIRED))
_ID = 32
_NO_FINDINGS = cbor.encode("findings") + cbor.encode([])
"""What stands in the bytes of a record without open findings."""


class Packed(NamedTuple):
    """A record as it is kept: id of the subject's first statement (32 bytes), record, inner map."""

    first: bytes
    record: bytes
    inner: bytes


class PackedBase(MemoryBase):
    """A base whose records are bytes; everything else is as in `MemoryBase`."""

    def __init__(self, *, ledger: bytes, tables: Tables) -> None:
        super().__init__(ledger=ledger, tables=tables)
        self._kept: dict[Kind, dict[str, bytes]] = {kind: {} for kind in Kind}
        self._ended: dict[str, bytes] = {}
        self._older: dict[Subject, Record] = {}

    @property
    def subjects(self) -> int:
        """Return how many subjects have a record."""
        return sum(map(len, self._kept.values())) + len(self._ended)

    @property
    def lots_live(self) -> int:
        """Return how many lots are in somebody's custody."""
        return len(self._kept[Kind.LOT])

    @property
    def lots_ended(self) -> int:
        """Return how many lots were used, departed or retired."""
        return len(self._ended)

    def record(self, subject: Subject) -> Record | None:
        """Return the record of `subject`, or None."""
        found = self.records.get(subject)
        if found is not None:
            return found
        found = self._older.get(subject) or self._unpacked(subject)
        if found is not None:
            self._remember(subject, found)
        return found

    def keep(self, changes: Changes, encoded: Mapping[Subject, Encoded]) -> None:
        """Take over what a closed block changed; `encoded` has the bytes of its records."""
        for subject, record in changes.records.items():
            item = encoded[subject]
            self._put(subject, Packed(record.first, item.record, item.inner), record.state)
            self._remember(subject, record)
        records, changes.records = changes.records, {}
        self.apply(changes)
        changes.records = records

    def place(self, kind: Kind, name: str, body: bytes, *, is_ended: bool) -> None:
        """Put a packed record that an earlier audit left."""
        self._place(kind, is_ended=is_ended)[name] = body

    def open_findings(self) -> dict[Subject, tuple[Finding, ...]]:
        """Return the open findings of every subject for which custody has not ended.

        Only records that have some are read; the state must have been checked before.
        """
        found: dict[Subject, tuple[Finding, ...]] = {}
        for kind, kept in self._kept.items():
            for name, body in kept.items():
                if _NO_FINDINGS not in body:
                    record = self._unpacked(Subject(kind, name))
                    if record is not None and record.state.findings:
                        found[record.subject] = record.state.findings
        return found

    def bodies(self) -> Iterator[tuple[Kind, str, bool, bytes]]:
        """Yield kind, name, whether custody has ended, and packed record of all, in one order."""
        for kind in sorted(self._kept):
            for name, body in sorted(self._kept[kind].items()):
                yield kind, name, False, body
        for name, body in sorted(self._ended.items()):
            yield Kind.LOT, name, True, body

    def _put(self, subject: Subject, packed: Packed, state: object) -> None:
        is_ended = isinstance(state, LotState) and state.status in _ENDED
        self._place(subject.kind, is_ended=is_ended)[subject.name] = _pack(
            packed, is_ended=is_ended
        )
        if isinstance(state, LotState):
            self._place(subject.kind, is_ended=not is_ended).pop(subject.name, None)

    def _place(self, kind: Kind, *, is_ended: bool) -> dict[str, bytes]:
        return self._ended if is_ended else self._kept[kind]

    def _unpacked(self, subject: Subject) -> Record | None:
        body = self._kept[subject.kind].get(subject.name)
        is_ended = body is None and subject.kind is Kind.LOT
        if is_ended:
            body = self._ended.get(subject.name)
        if body is None:
            return None
        first, record, inner = unpack(body, is_ended=is_ended)
        return decode_record(
            subject, record=record, inner=inner, first=first, decode=cbor.decode_known
        )

    def _remember(self, subject: Subject, record: Record) -> None:
        # Two halves that take turns: as good as a list by age, at the cost of a dictionary.
        if len(self.records) >= HOT_MAX:
            self._older, self.records = self.records, {}
        self.records[subject] = record


def _pack(packed: Packed, *, is_ended: bool) -> bytes:
    body = b"".join((packed.first, len(packed.record).to_bytes(4, "big"), *packed[1:]))
    if not is_ended:
        return body
    squeezed = zlib.compressobj(1, zlib.DEFLATED, -15, 9, zdict=_WORDS)
    return squeezed.compress(body) + squeezed.flush()


def unpack(body: bytes, *, is_ended: bool) -> Packed:
    """Return a record from the bytes that it is kept as."""
    if is_ended:
        body = zlib.decompressobj(-15, zdict=_WORDS).decompress(body)
    start = _ID + 4
    size = int.from_bytes(body[_ID:start], "big")
    return Packed(body[:_ID], body[start : start + size], body[start + size :])


_WORDS = b"".join(
    map(
        cbor.encode,
        (
            *("missing_of", "missing", "came_from", "lacking", "lacking_marks", "pending", "also"),
            *("marks", "first", "last", "prefix", "year", "claim", "corrected", "drawn", "parents"),
            *("documents", "allows", "country", "container", "offer_expires", "offer", "facility"),
            *("findings", "ended_at", "how", "retail", "abroad", "departed", "retired", "used"),
            *("taxon", "term", "quantity", "unit", "source", "origin", "contents", "status"),
            *("on", "v", "n", "track", "inner", "birth", "number", "basis", "born_at"),
            *("head", "owner", "holder", "born_by", "head_by", "signers", "party", "kid"),
        ),
    )
)
"""What most records of ended lots say: their names of fields, once for all of them."""
