"""The growing edge of the tree: the newest tiles in memory, so that receipts read no storage.

Owns the complete subtrees of the last few tiles and joins them with the upper levels. It must never
know what a leaf says or where older leaf hashes are stored.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ledger.errors import NotFoundError
from ledger.log.frontier import TILE_LEVEL, TILE_WIDTH, Frontier, LevelStore
from ledger.log.tree import node_hash

TILES_KEPT = 6
"""Newest tiles kept whole: a block of 1,024 leaves and its closing touch at most six."""


class Edge:
    """A tree that grows leaf by leaf and tells every complete subtree near its right edge."""

    __slots__ = ("_tiles", "levels", "size")

    def __init__(self, levels: LevelStore, tail: Sequence[bytes]) -> None:
        """Start from all full tiles and the leaf hashes of the unfinished one, 32 bytes each."""
        self.levels = levels
        self._tiles: dict[int, list[list[bytes]]] = {}
        self.size = levels.tiles * TILE_WIDTH
        for leaf in tail:
            self.append(leaf)

    def append(self, leaf_hash: bytes) -> None:
        """Add one leaf hash of 32 bytes; amortised one node hash."""
        tile = self.size >> TILE_LEVEL
        rows = self._tiles.get(tile)
        if rows is None:
            rows = self._tiles[tile] = [[] for _ in range(TILE_LEVEL + 1)]
            self._tiles.pop(tile - TILES_KEPT, None)
        node = leaf_hash
        for row in rows:
            row.append(node)
            if len(row) & 1:
                break
            node = node_hash(row[-2], row[-1])
        self.size += 1
        if self.size % TILE_WIDTH == 0:
            self.levels.append(rows[TILE_LEVEL][0])

    def tail(self) -> list[bytes]:
        """Return the leaf hashes of the unfinished tile, in order."""
        rows = self._tiles.get(self.size >> TILE_LEVEL)
        return list(rows[0]) if rows and self.size % TILE_WIDTH else []

    def node(self, level: int, index: int) -> bytes:
        """Return a complete subtree's root, 32 bytes; NotFoundError where its tile is older."""
        if level >= TILE_LEVEL:
            return self.levels.node(level, index)
        tile = index >> (TILE_LEVEL - level)
        place = index - (tile << (TILE_LEVEL - level))
        rows = self._tiles.get(tile)
        if rows is None or place >= len(rows[level]):
            raise NotFoundError(
                "tree.node", f"The subtree {index} at level {level} is not at the edge."
            )
        return rows[level][place]

    def frontier(self) -> Frontier:
        """Return the frontier of the whole tree."""
        nodes, start = [], 0
        for level in range(self.size.bit_length() - 1, -1, -1):
            if self.size >> level & 1:
                nodes.append(self.node(level, start >> level))
                start += 1 << level
        return Frontier(self.size, nodes)


def full_tiles(tail: Sequence[bytes], added: Iterable[bytes]) -> list[tuple[bytes, bytes]]:
    """Return root and 256 × 32 hashes of each tile that `added` leaf hashes make full.

    `tail` are the leaf hashes of the unfinished tile before them.
    """
    hashes = [*tail, *added]
    tiles = []
    for start in range(0, len(hashes) - TILE_WIDTH + 1, TILE_WIDTH):
        tile = hashes[start : start + TILE_WIDTH]
        frontier = Frontier()
        frontier.extend(tile)
        tiles.append((frontier.root(), b"".join(tile)))
    return tiles
