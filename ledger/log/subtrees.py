"""The subtrees of the state map: packed buckets of subjects under immutable inner nodes.

Owns how the map lies in memory and its hashes (docs/formats/state-map.md). It must never know what
a record says. A change returns a new subtree that shares all that it does not touch. Where paths
share long prefixes, because someone ground them, buckets split deeper there and nowhere else.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from hashlib import sha256
from typing import TypeAlias

HASH_SIZE = 32
EMPTY = bytes(HASH_SIZE)
"""The hash of a subtree without subjects."""
BUCKET_MAX = 6
"""Subjects in one bucket; fewer make changes faster, more make the map smaller."""
ROW_SIZE = 2 * HASH_SIZE

Inner: TypeAlias = "tuple[bytes, Node, Node]"
"""0x03 ‖ left hash ‖ right hash, and the two subtrees: nothing is read to hash it again."""
Node: TypeAlias = "Inner | bytes | None"
"""A bucket is its rows, path ‖ record hash, in the order of the paths; None has no subjects."""
Hashed: TypeAlias = "tuple[bytes, Node]"
"""A subtree after its hash, 32 bytes."""

_INNER = b"\x03"
_LEFT_END = 1 + HASH_SIZE


def leaf_hash(row: bytes) -> bytes:
    """Return the hash of a subtree with one subject: SHA-256(0x02 ‖ path ‖ record hash)."""
    return sha256(b"\x02" + row).digest()


def inner_hash(left: bytes, right: bytes) -> bytes:
    """Return SHA-256(0x03 ‖ left ‖ right)."""
    return sha256(_INNER + left + right).digest()


def bit(path: bytes, depth: int) -> int:
    """Return the bit of `path` below `depth`: 0 leads left; the first is the highest of byte 0."""
    return path[depth >> 3] >> (7 - (depth & 7)) & 1


def build(rows: Sequence[bytes], low: int, high: int, *, depth: int) -> Hashed:
    """Return the subtree of sorted rows low … high − 1, which share their first `depth` bits."""
    if low == high:
        return EMPTY, None
    if high - low == 1:
        # A copy: the row itself would keep the memory of a bulk build around it from being freed.
        return leaf_hash(rows[low]), bytes(memoryview(rows[low]))
    if high - low <= BUCKET_MAX:
        return _rows_hash(rows, low, high, depth=depth), b"".join(rows[low:high])
    middle = _boundary(rows, low, high, depth=depth)
    left_hash, left = build(rows, low, middle, depth=depth + 1)
    right_hash, right = build(rows, middle, high, depth=depth + 1)
    pair = _INNER + left_hash + right_hash
    return sha256(pair).digest(), (pair, left, right)


def change(node: Node, rows: Sequence[bytes], low: int, high: int, *, depth: int) -> Hashed:
    """Return the subtree with the sorted rows low … high − 1 set; at least one of them.

    `node` stays as it is.
    """
    if high - low == 1:
        return _change_one(node, rows[low], depth=depth)
    if not isinstance(node, tuple):
        merged = {row[:HASH_SIZE]: row for row in bucket_rows(node)}
        merged.update({row[:HASH_SIZE]: row for row in rows[low:high]})
        settled = sorted(merged.values())
        return build(settled, 0, len(settled), depth=depth)
    pair, left, right = node
    middle = _boundary(rows, low, high, depth=depth)
    left_hash, right_hash = pair[1:_LEFT_END], pair[_LEFT_END:]
    if low < middle:
        left_hash, left = change(left, rows, low, middle, depth=depth + 1)
    if middle < high:
        right_hash, right = change(right, rows, middle, high, depth=depth + 1)
    pair = _INNER + left_hash + right_hash
    return sha256(pair).digest(), (pair, left, right)


def bucket_rows(bucket: bytes | None) -> list[bytes]:
    """Return the rows of a bucket, 64 bytes each, in the order of the paths."""
    bucket = bucket or b""
    return [bucket[at : at + ROW_SIZE] for at in range(0, len(bucket), ROW_SIZE)]


def find(node: Node, path: bytes) -> bytes | None:
    """Return the record hash at `path`, or None."""
    depth = 0
    while isinstance(node, tuple):
        node = node[1 + (path[depth >> 3] >> (7 - (depth & 7)) & 1)]
        depth += 1
    bucket = node or b""
    for at in range(0, len(bucket), ROW_SIZE):
        if bucket.startswith(path, at):
            return bucket[at + HASH_SIZE : at + ROW_SIZE]
    return None


def walk(node: Node) -> Iterator[bytes]:
    """Yield all rows in the order of their paths."""
    if isinstance(node, tuple):
        yield from walk(node[1])
        yield from walk(node[2])
    else:
        yield from bucket_rows(node)


def descend(node: Node, path: bytes) -> tuple[list[bytes], bytes | None]:
    """Return the sibling hashes from the root down to where `path` stands, and the row there."""
    siblings: list[bytes] = []
    while isinstance(node, tuple):
        pair, left, right = node
        if bit(path, len(siblings)):
            siblings.append(pair[1:_LEFT_END])
            node = right
        else:
            siblings.append(pair[_LEFT_END:])
            node = left
    rows = bucket_rows(node)
    low, high = 0, len(rows)
    while high - low > 1:
        depth = len(siblings)
        middle = _boundary(rows, low, high, depth=depth)
        if bit(path, depth):
            siblings.append(_rows_hash(rows, low, middle, depth=depth + 1))
            low = middle
        else:
            siblings.append(_rows_hash(rows, middle, high, depth=depth + 1))
            high = middle
    return siblings, rows[low] if low < high else None


def _change_one(node: Node, row: bytes, *, depth: int) -> Hashed:
    """Return the subtree with one row set: down to its bucket, then up again."""
    above: list[Inner] = []
    while isinstance(node, tuple):
        above.append(node)
        node = node[1 + (row[depth >> 3] >> (7 - (depth & 7)) & 1)]
        depth += 1
    changed_hash, changed = _change_bucket(node, row, depth=depth)
    for pair, left, right in reversed(above):
        depth -= 1
        if row[depth >> 3] >> (7 - (depth & 7)) & 1:
            pair = pair[:_LEFT_END] + changed_hash
            changed = (pair, left, changed)
        else:
            pair = _INNER + changed_hash + pair[_LEFT_END:]
            changed = (pair, changed, right)
        changed_hash = sha256(pair).digest()
    return changed_hash, changed


def _change_bucket(bucket: bytes | None, row: bytes, *, depth: int) -> Hashed:
    rows = bucket_rows(bucket)
    path = row[:HASH_SIZE]
    for at, known in enumerate(rows):
        if known.startswith(path):
            rows[at] = row
            break
    else:
        rows.append(row)
        rows.sort()
    return build(rows, 0, len(rows), depth=depth)


def _rows_hash(rows: Sequence[bytes], low: int, high: int, *, depth: int) -> bytes:
    """Return the hash over sorted rows that share their first `depth` bits."""
    if high - low == 1:
        return sha256(b"\x02" + rows[low]).digest()
    if low == high:
        return EMPTY
    middle = _boundary(rows, low, high, depth=depth)
    left = _rows_hash(rows, low, middle, depth=depth + 1)
    right = _rows_hash(rows, middle, high, depth=depth + 1)
    return sha256(_INNER + left + right).digest()


def _boundary(rows: Sequence[bytes], low: int, high: int, *, depth: int) -> int:
    """Return where, among rows that share their first `depth` bits, the next bit becomes 1."""
    byte, mask = depth >> 3, 0x80 >> (depth & 7)
    while low < high:
        middle = (low + high) >> 1
        if rows[middle][byte] & mask:
            high = middle
        else:
            low = middle + 1
    return low
