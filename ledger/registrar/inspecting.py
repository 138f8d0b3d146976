"""Looking over a whole database: every leaf hashed again, every record against the state map.

Owns what `doctor --deep` asks. It reads, reports and changes nothing; rules and signatures belong
to the audit.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

from ledger.log.frontier import TILE_WIDTH, Frontier
from ledger.log.tree import leaf_hash
from ledger.storage.protocol import Store

_STEP = 4_096


def inspect_store(store: Store) -> Iterator[str]:
    """Yield a sentence for each contradiction in the stored bytes; nothing where all agree."""
    head = store.head()
    if head is None:
        yield "There is no head: the ledger was never founded."
        return
    if store.size() != head.size:
        yield f"There are {store.size()} leaves, the head counts {head.size}."
    frontier = Frontier()
    for start in range(0, head.size, _STEP):
        rows = store.leaves(start, min(start + _STEP, head.size))
        for place, row in enumerate(rows):
            found = leaf_hash(row.raw)
            if row.leaf != start + place:
                yield f"The leaf {start + place} is missing."
                return
            if found != row.hash:
                yield f"The leaf {row.leaf} does not have the hash that stands beside it."
            frontier.append(found)
    if frontier.root() != head.root:
        yield f"The leaves do not give the root of the head at size {head.size}."
    yield from _inspect_tiles(store, head.size)
    yield from _inspect_records(store)


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


def _inspect_records(store: Store) -> Iterator[str]:
    for row in store.records():
        if hashlib.sha256(row.record).digest() != row.hash:
            yield f"The record of {row.kind}/{row.name} does not have the hash beside it."
