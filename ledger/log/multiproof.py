"""One proof for many leaves: the hashes that several inclusion paths share are sent once.

Owns the order of the nodes, from left to right as the tree is split (docs/formats/bundle.md). It
must never know what a leaf says.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator, Mapping, Sequence

from ledger.errors import MalformedError, ProofError
from ledger.log.frontier import HashReader, range_root
from ledger.log.tree import check_hashes, node_hash


def prove_inclusions(reader: HashReader, *, indexes: Sequence[int], size: int) -> list[bytes]:
    """Return the nodes that, with the leaves at `indexes`, make up the tree of `size`.

    `indexes` are 0-based and ascending, at least one. Nodes come from left to right.
    """
    if not indexes or any(not 0 <= index < size for index in indexes):
        raise MalformedError("tree.index", f"A leaf is not in a tree of {size} leaves.")
    return [
        range_root(reader, start=start, stop=stop)
        for start, stop in _gaps(indexes, start=0, stop=size)
    ]


def check_inclusions(
    leaves: Mapping[int, bytes], *, size: int, nodes: Sequence[bytes], expected: bytes
) -> None:
    """Raise ProofError unless all leaf hashes stand at their indexes under the root `expected`.

    `leaves` maps 0-based index to leaf hash (32 bytes); `size` and `expected` come from the
    verifier's side and fix the shape; every node must be used, none may be missing.
    """
    check_hashes((*leaves.values(), *nodes, expected))
    indexes = sorted(leaves)
    if not indexes or indexes[0] < 0 or indexes[-1] >= size:
        raise ProofError("tree.index", f"A leaf is not in a tree of {size} leaves.")
    supply = iter(nodes)
    try:
        reached = _root(leaves, indexes, supply, start=0, stop=size, low=0, high=len(indexes))
    except StopIteration as error:
        raise ProofError("tree.path-length", "The proof has too few hashes.") from error
    if next(supply, None) is not None:
        raise ProofError("tree.path-length", "The proof has too many hashes.")
    if reached != expected:
        raise ProofError("tree.inclusion", f"The leaves are not under the root of size {size}.")


def _root(
    leaves: Mapping[int, bytes],
    indexes: Sequence[int],
    supply: Iterator[bytes],
    *,
    start: int,
    stop: int,
    low: int,
    high: int,
) -> bytes:
    if low == high:
        return next(supply)
    if stop - start == 1:
        return leaves[start]
    middle = start + (1 << ((stop - start - 1).bit_length() - 1))
    cut = bisect_left(indexes, middle, low, high)
    left = _root(leaves, indexes, supply, start=start, stop=middle, low=low, high=cut)
    right = _root(leaves, indexes, supply, start=middle, stop=stop, low=cut, high=high)
    return node_hash(left, right)


def _gaps(indexes: Sequence[int], *, start: int, stop: int) -> Iterator[tuple[int, int]]:
    """Yield the subtrees without any of `indexes`, from left to right."""
    low, high = bisect_left(indexes, start), bisect_left(indexes, stop)
    if low == high:
        yield start, stop
        return
    if stop - start == 1:
        return
    middle = start + (1 << ((stop - start - 1).bit_length() - 1))
    yield from _gaps(indexes, start=start, stop=middle)
    yield from _gaps(indexes, start=middle, stop=stop)
