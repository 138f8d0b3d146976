"""Looking over a whole store: leaves, closings and tiles against each other, then what follows.

Owns what `audit --deep` and `doctor --deep` find in the stored bytes of the log. It reads, reports
and changes nothing; rules and signatures belong to the audit, derived tables to
`inspecting_tables.py`.
"""

from __future__ import annotations

from collections.abc import Iterator

from ledger.block import MemoryBase
from ledger.custody.events import BlockClosed
from ledger.errors import RingmarkError, UnavailableError
from ledger.log.frontier import TILE_WIDTH, Frontier
from ledger.log.tree import leaf_hash
from ledger.registrar.inspecting_tables import inspect_against, inspect_tables
from ledger.statement import Statement, parse_statement
from ledger.storage.protocol import BlockRow, Head, LeafRow, Store

_STEP = 4_096
_ID = 32


def inspect_store(store: Store) -> Iterator[str]:
    """Yield a sentence for each contradiction in the stored bytes; nothing where all agree.

    Damage that ends the reading is a sentence too, and the last one.
    """
    try:
        yield from _inspect(store)
    except RingmarkError as error:
        yield error.message


def inspect_deep(store: Store, size: int, base: MemoryBase) -> Iterator[str]:
    """Yield what in a whole store contradicts the state `base` that its `size` leaves led to.

    Raise UnavailableError where the store has moved on meanwhile.
    """
    head = store.head()
    if head is not None and head.size > size:
        raise UnavailableError(
            "records.moving",
            f"The ledger has {head.size} leaves by now, {size} were audited.",
            hint="Audit a backup, or while nobody writes.",
            params={"size": head.size, "audited": size},
        )
    yield from inspect_store(store)
    yield from inspect_against(store, base)


def _inspect(store: Store) -> Iterator[str]:
    yield from store.inspect()
    head = store.head()
    if head is None:
        yield "There is no head: the ledger was never founded."
        return
    if store.size() != head.size:
        yield f"There are {store.size()} leaves, the head counts {head.size}."
    log = _Log(store, head)
    yield from log.inspect()
    if len(log.ids) != _ID * head.size:
        return
    yield from _inspect_tiles(store, head.size)
    yield from inspect_tables(store, ids=bytes(log.ids), closing=log.closing, born=head.born)


class _Log:
    """One walk over the leaves in order, with the closing and the block that end each run."""

    def __init__(self, store: Store, head: Head) -> None:
        self.ids = bytearray()
        self.closing: BlockClosed | None = None
        self._store = store
        self._head = head
        self._frontier = Frontier()
        self._named = 0
        self._first = 0

    def inspect(self) -> Iterator[str]:
        head = self._head
        for start in range(0, head.size, _STEP):
            rows = self._store.leaves(start, min(start + _STEP, head.size))
            for place, row in enumerate(rows, start):
                if row.leaf != place:
                    yield f"The leaf {place} is missing."
                    return
                yield from self._leaf(row)
        if self._frontier.root() != head.root:
            yield f"The leaves do not give the root of the head at size {head.size}."
        closing = self.closing
        if closing is None or bytes(self.ids[-_ID:]) != head.closing:
            yield "The head does not name the last closing."
        elif (closing.height, closing.at) != (head.height, head.at):
            yield "Height or time of the head are not those of the last closing."
        yield from self._inspect_refused()

    def _leaf(self, row: LeafRow) -> Iterator[str]:
        found = leaf_hash(row.raw)
        if found != row.hash:
            yield f"The leaf {row.leaf} does not have the hash that stands beside it."
        statement = _parsed(row.raw)
        if statement is None:
            yield f"The leaf {row.leaf} is no statement."
            self.ids += row.id[:_ID].ljust(_ID, b"\0")
        else:
            if _columns(row) != _expected(statement):
                yield f"What stands beside leaf {row.leaf} is not what it says."
            self.ids += statement.id
            if isinstance(statement.event, BlockClosed):
                yield from self._closing(statement.event, row)
        self._frontier.append(found)

    def _closing(self, event: BlockClosed, row: LeafRow) -> Iterator[str]:
        self.closing = event
        expected = BlockRow(row.leaf, event.height, self._first, event.at)
        if self._store.block_of(row.leaf) != expected:
            yield f"The block of closing {row.leaf} is not what the closing says."
        for kid, seq, name, rule in event.refused:
            self._named += 1
            kept = self._store.refusal(name)
            if kept is None or (kept.kid, kept.seq, kept.rule) != (kid, seq, rule):
                yield f"The refused statement {name.hex()[:16]} is not the one in its closing."
        self._first = row.leaf + 1

    def _inspect_refused(self) -> Iterator[str]:
        # Closings name each id once and each was found: no more rows than that are no others.
        stored = 0
        for row in self._store.refused():
            stored += 1
            # No bytes where the ledger was restored from leaves: its closing names it still.
            statement = _parsed(row.raw) if row.raw else None
            if row.raw and (statement is None or statement.id != row.id):
                yield f"The bytes of the refused statement {row.id.hex()[:16]} changed."
        if stored != self._named:
            yield f"{stored} refused statements are kept, the closings name {self._named}."


def _inspect_tiles(store: Store, size: int) -> Iterator[str]:
    roots = store.tile_roots()
    if len(roots) != size // TILE_WIDTH:
        yield f"There are {len(roots)} full tiles, not {size // TILE_WIDTH}."
    for n, root in enumerate(roots):
        hashes = store.leaf_hashes(n * TILE_WIDTH, (n + 1) * TILE_WIDTH)
        frontier = Frontier()
        frontier.extend(hashes)
        if frontier.root() != root or store.tile(n) != b"".join(hashes):
            yield f"The tile {n} is not what its leaves give."


def _parsed(raw: bytes) -> Statement | None:
    try:
        return parse_statement(raw)
    except RingmarkError:
        return None


def _columns(row: LeafRow) -> tuple[object, ...]:
    return row.id, row.kid, row.seq, row.party, row.type


def _expected(statement: Statement) -> tuple[object, ...]:
    return statement.id, statement.kid, statement.seq or None, statement.party, statement.type
