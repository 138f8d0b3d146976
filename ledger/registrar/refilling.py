"""Filling an empty store from the leaves of a log that lies elsewhere (`ringmark restore`).

Owns how leaves become whole blocks with their derived rows again, and what no leaf holds: the bytes
of refused statements, which an older copy may still have. Checks no signature: whoever calls it has
audited the leaves, and compares roots afterwards.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from contextlib import closing

from msgspec import Struct

from ledger.block import MemoryBase
from ledger.errors import DamagedError, UsageError
from ledger.log.edge import Edge, full_tiles
from ledger.log.frontier import TILE_WIDTH, LevelStore
from ledger.reference.tables import Tables
from ledger.registrar.rebuilding import Rejudged, Rejudging
from ledger.registrar.writing import leaf_row
from ledger.statement import ledger_id
from ledger.storage.protocol import BlockRow, CommitBlock, Head, RefusedRow, Store, TileRow
from ledger.storage.shelf import DiskShelf
from ledger.verify.packed import Shelf
from ledger.verify.replay import Ended, blocks_of
from ledger.wire import cbor


class Refilled(Struct):
    """What a store was filled with, and the state that its leaves led to.

    `refused` counts the refused statements that closings name but whose bytes nobody here has.
    """

    base: MemoryBase
    size: int = 0
    refused: int = 0


def refill(
    store: Store, leaves: Iterable[bytes], *, tables: Tables, older: Store | None = None
) -> Refilled:
    """Commit every block of a run of leaves from the founding on; `older` has what no leaf holds.

    Blocks that the store has already, from an earlier try, are compared, not written. Raise
    DamagedError or ProofError at the first block that does not come to its closing, UsageError
    where the store has other leaves; what was stored until then stays.
    """
    filling: _Filling | None = None
    with closing(DiskShelf()) as shelf:
        for block in blocks_of(leaves, counts=Counter()):
            filling = filling or _Filling(store, _founded(block, tables, shelf), older)
            filling.take(block)
    if filling is None:
        raise DamagedError("founding.leaf", "There are no leaves to restore.")
    return filling.done


class _Filling:
    def __init__(self, store: Store, judging: Rejudging, older: Store | None) -> None:
        self.done = Refilled(judging.base)
        self._store = store
        self._judging = judging
        self._older = older
        self._known = store.size()
        self._edge = Edge(LevelStore(), ())
        self._head: Head | None = None

    def take(self, block: Ended) -> None:
        commit = self._commit_of(block, self._judging.take(block))
        if commit.head.size > self._known:
            self._store.commit(commit)
        elif self._store.leaf_hashes(block.first, block.size) != [x.hash for x in commit.leaves]:
            raise other_leaves()
        self._head = commit.head
        self.done.size = commit.head.size

    def _commit_of(self, block: Ended, judged: Rejudged) -> CommitBlock:
        statements = (*block.statements, block.closing)
        leaves = tuple(leaf_row(one, index=block.first + i) for i, one in enumerate(statements))
        tail, first_tile = self._edge.tail(), self._edge.size // TILE_WIDTH
        tiles = full_tiles(tail, [leaf.hash for leaf in leaves])
        for leaf in leaves:
            self._edge.append(leaf.hash)
        event, known = block.event, self._head
        return CommitBlock(
            expected=known,
            head=Head(
                size=block.size,
                root=self._edge.frontier().root(),
                height=event.height,
                closing=block.closing.id,
                at=event.at,
                born=(known.born if known else 0) + judged.born,
            ),
            block=BlockRow(block.size - 1, event.height, block.first, event.at),
            leaves=leaves,
            derived=judged.derived,
            tiles=tuple(TileRow(first_tile + n, *tile) for n, tile in enumerate(tiles)),
            refused=tuple(self._refused(block)),
        )

    def _refused(self, block: Ended) -> Iterable[RefusedRow]:
        for kid, seq, name, rule in block.event.refused:
            kept = self._older.refusal(name) if self._older is not None else None
            if kept is not None and (kept.kid, kept.seq, kept.rule) == (kid, seq, rule):
                yield kept
                continue
            # Named for ever, so that it stays refused; what it said is lost.
            self.done.refused += 1
            yield RefusedRow(name, kid, seq, rule, cbor.encode({}), block.event.height, b"")


def other_leaves() -> UsageError:
    """Return the error for a store that has other leaves than those it is filled with."""
    return UsageError(
        "store.exists",
        "Other leaves stand in the database already.",
        hint="Name another database.",
    )


def _founded(block: Ended, tables: Tables, shelf: Shelf) -> Rejudging:
    if not block.statements:
        raise DamagedError("founding.leaf", "Leaf 0 is not a founding.")
    return Rejudging(ledger=ledger_id(block.statements[0]), tables=tables, shelf=shelf)
