"""Growing trees and making proofs from the hashes of complete subtrees.

Owns the right edge of the tree, the upper levels kept in memory, and the paths of inclusion and
consistency proofs. It must never know where leaf hashes are stored: a callable reads them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from ledger.errors import DamagedError, MalformedError, NotFoundError
from ledger.log.tree import EMPTY_ROOT, check_hashes, node_hash

TILE_LEVEL = 8
TILE_WIDTH = 1 << TILE_LEVEL
"""Leaf hashes in a full tile; levels from 8 up are kept in memory."""

LeafHashes = Callable[[int, int], Sequence[bytes]]
"""Reads the leaf hashes start <= index < stop, each 32 bytes, in order."""


class Frontier:
    """The roots of the complete subtrees that make up a tree, largest first.

    A tree of `size` leaves has one such root for each bit set in `size`.
    """

    __slots__ = ("_nodes", "_size")

    def __init__(self, size: int = 0, nodes: Sequence[bytes] = ()) -> None:
        check_hashes(nodes)
        if size < 0 or len(nodes) != size.bit_count():
            raise MalformedError(
                "frontier.nodes",
                f"A tree of {size} leaves does not have {len(nodes)} subtrees on its edge.",
                hint="Rebuild the frontier from the leaf hashes.",
            )
        self._size = size
        self._nodes = list(nodes)

    @property
    def size(self) -> int:
        """Return the number of leaves."""
        return self._size

    @property
    def nodes(self) -> tuple[bytes, ...]:
        """Return the roots of the complete subtrees, largest first, 32 bytes each."""
        return tuple(self._nodes)

    def append(self, leaf_hash: bytes) -> None:
        """Add one leaf hash of 32 bytes; amortised one node hash."""
        node, size, nodes = leaf_hash, self._size, self._nodes
        while size & 1:
            node = node_hash(nodes.pop(), node)
            size >>= 1
        nodes.append(node)
        self._size += 1

    def extend(self, leaf_hashes: Iterable[bytes]) -> None:
        """Add leaf hashes of 32 bytes in the order of the log."""
        for leaf in leaf_hashes:
            self.append(leaf)

    def graft(self, level: int, node: bytes) -> None:
        """Add a complete subtree of 2^level leaves by its root, 32 bytes.

        Raise MalformedError unless the tree so far ends where such a subtree may begin.
        """
        size, nodes = self._size >> level, self._nodes
        if size << level != self._size:
            raise MalformedError(
                "frontier.nodes", f"No subtree of level {level} begins at leaf {self._size}."
            )
        while size & 1:
            node = node_hash(nodes.pop(), node)
            size >>= 1
        nodes.append(node)
        self._size += 1 << level

    def root(self) -> bytes:
        """Return the root of the tree, 32 bytes."""
        return fold(self._nodes)

    def copy(self) -> Frontier:
        """Return a frontier that grows on its own."""
        return Frontier(self._size, self._nodes)


class HashReader(Protocol):
    """What can tell the root of any complete subtree."""

    def node(self, level: int, index: int) -> bytes:
        """Return the root over leaves index·2^level … (index+1)·2^level − 1, 32 bytes."""
        ...


class LevelStore:
    """The roots of all complete subtrees of 256 leaves and more: about 64 bytes for 256 leaves.

    Only full tiles are added, in order. `reader` joins it with stored leaf hashes for one proof.
    """

    __slots__ = ("_levels",)

    def __init__(self) -> None:
        self._levels: list[list[bytes]] = [[]]

    @property
    def tiles(self) -> int:
        """Return the number of full tiles added so far."""
        return len(self._levels[0])

    def append(self, tile_root: bytes) -> None:
        """Add the root of the next full tile of 256 leaf hashes; amortised one node hash."""
        check_hashes((tile_root,))
        node, height = tile_root, 0
        while True:
            if height == len(self._levels):
                self._levels.append([])
            level = self._levels[height]
            level.append(node)
            if len(level) % 2:
                return
            node, height = node_hash(level[-2], level[-1]), height + 1

    def node(self, level: int, index: int) -> bytes:
        """Return a stored root (level >= 8), 32 bytes; NotFoundError where no full tile stands."""
        height = level - TILE_LEVEL
        if not 0 <= height < len(self._levels) or not 0 <= index < len(self._levels[height]):
            raise NotFoundError(
                "tree.node", f"There is no complete subtree {index} at level {level}."
            )
        return self._levels[height][index]

    def reader(
        self, leaf_hashes: LeafHashes, *, size: int, root: bytes | None = None
    ) -> LevelReader:
        """Return a reader for one proof about the tree of `size` leaves; it is cheap.

        With the `root` of that tree, leaf hashes that do not lead to it are never told.
        """
        return LevelReader(self, leaf_hashes, size=size, root=root)


class LevelReader:
    """A HashReader over a LevelStore and stored leaf hashes.

    It keeps the tiles that it read, so a proof reads at most one range of 256 leaf hashes on each
    side: around the leaf, and at the right edge. A full range is held to its root in the store, the
    one at the edge to the `root` of the tree, where that is known.
    """

    __slots__ = ("_leaf_hashes", "_ranges", "_root", "_size", "_store")

    def __init__(
        self, store: LevelStore, leaf_hashes: LeafHashes, *, size: int, root: bytes | None = None
    ) -> None:
        self._store = store
        self._leaf_hashes = leaf_hashes
        self._size = size
        self._root = root
        self._ranges: dict[int, list[list[bytes]]] = {}

    def node(self, level: int, index: int) -> bytes:
        """Return the root of complete subtree `index` at `level`, 32 bytes."""
        if level >= TILE_LEVEL:
            return self._store.node(level, index)
        tile = index >> (TILE_LEVEL - level)
        levels = self._ranges.get(tile)
        if levels is None:
            levels = self._ranges[tile] = self._read(tile)
            self._check(tile, levels)
        return levels[level][index - (tile << (TILE_LEVEL - level))]

    def _read(self, tile: int) -> list[list[bytes]]:
        start = tile * TILE_WIDTH
        stop = min(start + TILE_WIDTH, self._size)
        level = list(self._leaf_hashes(start, stop))
        # Where a database file was cut off, its engine reads nothing where a hash stood.
        if len(level) != stop - start or not all(level):
            raise DamagedError(
                "tree.leaf-hashes",
                f"Storage has {sum(map(bool, level))} of the leaf hashes {start} to {stop - 1}.",
                hint="Run `ringmark doctor`: leaves are missing.",
            )
        levels = [level]
        while len(levels) < TILE_LEVEL:
            pairs = zip(level[::2], level[1::2], strict=False)
            level = [node_hash(left, right) for left, right in pairs]
            levels.append(level)
        return levels

    def _check(self, tile: int, levels: list[list[bytes]]) -> None:
        """Raise DamagedError where leaf hashes as stored do not lead to what is above them."""
        if len(levels[0]) == TILE_WIDTH:
            is_good = node_hash(*levels[-1]) == self._store.node(TILE_LEVEL, tile)
        else:
            is_good = self._root is None or range_root(self, start=0, stop=self._size) == self._root
        if not is_good:
            raise DamagedError(
                "tile.leaf-hashes",
                f"The stored hashes of the leaves from {tile * TILE_WIDTH} on are damaged.",
                hint="Run `ringmark doctor --deep`; restore the newest copy with its mark.",
            )


def prove_inclusion(reader: HashReader, *, index: int, size: int) -> list[bytes]:
    """Return the inclusion path of leaf `index` in the tree of `size`, the leaf's sibling first.

    Reads O(log size) nodes (RFC 6962, 2.1.1); MalformedError unless 0 <= index < size.
    """
    if not 0 <= index < size:
        raise MalformedError("tree.index", f"Leaf {index} is not in a tree of {size} leaves.")
    return _siblings(reader, level=0, index=index, size=size)


def prove_consistency(reader: HashReader, *, old_size: int, size: int) -> list[bytes]:
    """Return the proof that the tree of `size` extends the one of `old_size` (RFC 6962, 2.1.2).

    Reads O(log size) nodes; MalformedError unless 0 < old_size <= size. Empty for equal sizes.
    """
    if not 0 < old_size <= size:
        raise MalformedError(
            "tree.size", f"There is no consistency proof from size {old_size} to {size}."
        )
    if old_size == size:
        return []
    level = (old_size & -old_size).bit_length() - 1
    index = (old_size - 1) >> level
    # The old root itself is not sent when the old tree is one complete subtree.
    seed = [] if index == 0 else [reader.node(level, index)]
    return seed + _siblings(reader, level=level, index=index, size=size)


def range_root(reader: HashReader, *, start: int, stop: int) -> bytes:
    """Return the root over leaves start … stop − 1, a subtree that the size may cut short."""
    nodes = []
    while start < stop:
        height = (stop - start).bit_length() - 1
        nodes.append(reader.node(height, start >> height))
        start += 1 << height
    return fold(nodes)


def cut(leaf_hashes: Sequence[bytes], *, first: int) -> list[tuple[int, bytes]]:
    """Return the largest complete subtrees over leaves from `first` on: (level, root), in order.

    `Frontier.graft` puts them onto a tree of `first` leaves; the hashes have 32 bytes each.
    """
    found: list[tuple[int, bytes]] = []
    start, stop = first, first + len(leaf_hashes)
    while start < stop:
        level = (stop - start).bit_length() - 1
        if start:
            level = min(level, (start & -start).bit_length() - 1)
        nodes: Sequence[bytes] = leaf_hashes[start - first : start - first + (1 << level)]
        for _ in range(level):
            nodes = [node_hash(*pair) for pair in zip(nodes[::2], nodes[1::2], strict=True)]
        found.append((level, nodes[0]))
        start += 1 << level
    return found


def fold(nodes: Sequence[bytes]) -> bytes:
    """Return the root over complete subtrees, largest first; `EMPTY_ROOT` without any."""
    if not nodes:
        return EMPTY_ROOT
    root = nodes[-1]
    for left in reversed(nodes[:-1]):
        root = node_hash(left, root)
    return root


def _siblings(reader: HashReader, *, level: int, index: int, size: int) -> list[bytes]:
    """Return the siblings on the way from a subtree up to the root, the lowest first."""
    path: list[bytes] = []
    while level < (size - 1).bit_length():
        start = (index ^ 1) << level
        if start + (1 << level) <= size:
            path.append(reader.node(level, index ^ 1))
        elif start < size:
            path.append(range_root(reader, start=start, stop=size))
        level, index = level + 1, index >> 1
    return path
