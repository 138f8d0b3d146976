"""Looking over the derived tables: records, steps, holdings, then keys, offers and pending acts.

Owns how each is held to the leaves: records to the state root of the last closing, steps to the
tracks in the records, holdings and findings to the records themselves, and what no root covers to
the state that an audit came to. Repairs nothing: `ringmark doctor --rebuild` does.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator

from ledger.block import Block, MemoryBase, Position
from ledger.custody.events import BlockClosed
from ledger.custody.parties import PartyState
from ledger.custody.subjects import Kind, Refusal, Subject
from ledger.errors import RingmarkError
from ledger.log.frontier import Frontier
from ledger.log.statemap import StateMap
from ledger.policy import key_for
from ledger.records import Record, track_of
from ledger.statement import ledger_id, parse_statement, verify_statement
from ledger.storage.checking import check_record
from ledger.storage.protocol import HeldRow, RecordRow, RefusedRow, Store
from ledger.storage.rows import encode_act, finding_rows, holders, key_row, offer_row, record_of

_PAGE = 1_000
_ID = 32
_SUM = 1 << 128


def inspect_tables(
    store: Store, *, ids: bytes, closing: BlockClosed | None, born: int
) -> Iterator[str]:
    """Yield what contradicts the leaves in the tables that their closings cover.

    `ids` are the statement ids of all leaves, 32 bytes each, `closing` the last one, `born` the
    number of lots that the head counts.
    """
    statemap = StateMap.from_items(store.record_hashes())
    if closing is not None and statemap.root() != closing.state:
        yield "The records do not give the state root of the last closing."
    founding = store.leaf(0)
    if founding is None:
        return
    table = _Records(store, ids=ids, ledger=ledger_id(parse_statement(founding.raw)))
    yield from table.inspect()
    if table.lots != born:
        yield f"The head counts {born} lots, {table.lots} have a record."
    yield from table.inspect_findings()
    if _sum(store.holdings()) != table.held:
        yield "Who holds what is not what the records say."


def inspect_against(store: Store, base: MemoryBase) -> Iterator[str]:
    """Yield what contradicts the state `base` that the leaves of the store led to."""
    offers = [offer_row(offer) for _, offer in sorted(base.offers.items())]
    if store.offers() != offers:
        yield "The open offers are not those that the leaves give."
    acts = [(name, encode_act(name, act)) for name, act in sorted(base.acts.items())]
    if store.acts() != acts:
        yield "The pending acts are not those that the leaves give."
    named = sorted({*base.owners, *base.key_uses})
    keys = [key_row(kid, base.key_owner(kid) or "", base.key_use(kid)) for kid in named]
    if store.enrolled_keys() != keys:
        yield "The keys and their numbers are not those that the leaves give."
    yield from _inspect_refused(store, base)


def _inspect_refused(store: Store, base: MemoryBase) -> Iterator[str]:
    """Yield which refused statements nobody signed: a closing may put a stop on a party by one."""
    place = Position(0, 0, base.ledger)
    view = Block(base, position=place, at=0, frontier=Frontier(), statemap=StateMap())
    for row in store.refused():
        # No bytes where the ledger was restored from leaves.
        if row.raw and not _is_signed(row, view):
            name = row.id.hex()[:16]
            yield f"The refused statement {name} is not signed by the key that it names."


def _is_signed(row: RefusedRow, view: Block) -> bool:
    try:
        statement = parse_statement(row.raw)
        key = key_for(statement, view)
        if isinstance(key, Refusal):
            return False
        verify_statement(statement, key)
    except RingmarkError:
        return False
    return True


class _Records:
    """One walk over all records, gathering what other tables must say."""

    def __init__(self, store: Store, *, ids: bytes, ledger: bytes) -> None:
        self.lots = 0
        self.held = 0
        self._flagged: list[tuple[int, Subject]] = []
        self._countries: dict[str, str] = {}
        self._store = store
        self._ids = ids
        self._ledger = ledger

    def inspect(self) -> Iterator[str]:
        for row in self._store.records():
            try:
                check_record(row, ledger=self._ledger, kind=row.kind, name=row.name)
                record = record_of(row)
            except (RingmarkError, ValueError, TypeError, KeyError):
                yield f"The record of {row.kind}/{row.name} is damaged."
                continue
            yield from self._compare(row, record)

    def _compare(self, row: RecordRow, record: Record) -> Iterator[str]:
        subject = f"{row.kind}/{row.name}"
        if row.n != record.n:
            yield f"What stands beside the record of {subject} is not what it says."
        steps = self._store.history(kind=row.kind, name=row.name, limit=record.n + 1)
        touched = [self._ids[_ID * index : _ID * (index + 1)] for index in steps]
        if len(steps) != record.n or track_of(touched) != record.track:
            yield f"The steps of {subject} are not those that its track counts."
        elif touched and touched[0] != row.first:
            yield f"The first statement of {subject} is another one."
        self.lots += row.kind == Kind.LOT.value
        if record.state.findings or row.listed:
            self._flagged.append((row.listed, record.subject))
        if isinstance(record.state, PartyState):
            self._countries[row.name] = record.state.country
        for party in holders(record.state):
            self.held = (self.held + _digest(HeldRow(party, row.kind, row.name))) % _SUM

    def inspect_findings(self) -> Iterator[str]:
        """Yield what is wrong with the lists of findings, once the walk is over."""
        total = 0
        for listed, subject in self._flagged:
            # Parties come after lots in the walk: where they are enrolled is known only now.
            row = self._store.record(kind=subject.kind.value, name=subject.name)
            if row is None:
                continue
            found = finding_rows(subject, record_of(row).state, country_of=self._country_of)
            rows = set(found)
            if len(rows) != listed:
                yield f"What stands beside the record of {subject} is not what it says."
            total += _sum(rows)
        if _sum(self._store.every_finding()) != total % _SUM:
            yield "The lists of findings are not what the records say."

    def _country_of(self, party: str) -> str:
        return self._countries.get(party, "")


def _sum(rows: Iterable[tuple[object, ...]]) -> int:
    """Return the sum over the digests of rows: equal sums, equal rows in any order."""
    return sum(map(_digest, rows)) % _SUM


def _digest(row: tuple[object, ...]) -> int:
    return int.from_bytes(hashlib.sha256("\0".join(map(repr, row)).encode()).digest()[:16], "big")
