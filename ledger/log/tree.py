"""The Merkle tree of the log: hashes, roots, and checks of inclusion and consistency.

Owns RFC 6962, 2.1 (the same as RFC 9162, 2.1) with SHA-256; docs/formats/tree.md. It must never
know what a leaf says, nor where hashes are kept: `frontier.py` grows trees and makes proofs.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from hashlib import sha256

from ledger.errors import MalformedError, ProofError

HASH_SIZE = 32
"""Bytes in every hash of the tree."""
EMPTY_ROOT = sha256(b"").digest()
"""The root of the tree without leaves."""
SIZE_MAX = 2**53 - 1
"""The largest size that the codec can state."""


def leaf_hash(entry: bytes) -> bytes:
    """Return SHA-256(0x00 ‖ entry), 32 bytes; `entry` is the leaf exactly as it arrived."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Return SHA-256(0x01 ‖ left ‖ right), 32 bytes; both are 32 bytes, which is not checked."""
    return sha256(b"\x01" + left + right).digest()


def root_of(leaf_hashes: Iterable[bytes]) -> bytes:
    """Return the root over leaf hashes in the order of the log; `EMPTY_ROOT` without any.

    Bottom-up: a node without a sibling moves up unchanged, which is the split at the largest power
    of two (RFC 6962, 2.1).
    """
    level = list(leaf_hashes)
    check_hashes(level)
    if not level:
        return EMPTY_ROOT
    while len(level) > 1:
        pairs = zip(level[::2], level[1::2], strict=False)
        above = [node_hash(left, right) for left, right in pairs]
        if len(level) % 2:
            above.append(level[-1])
        level = above
    return level[0]


def check_inclusion(
    *, leaf: bytes, index: int, size: int, path: Sequence[bytes], expected: bytes
) -> None:
    """Raise ProofError unless `path` leads from `leaf` at `index` to the root `expected`.

    `leaf` (a leaf hash), `expected` and each node of `path` are 32 bytes, else MalformedError;
    `path` starts next to the leaf. `index` and `size` come from the verifier's side: they fix the
    shape of the path (RFC 9162, 2.1.3.2).
    """
    check_hashes((expected,))
    if reach_root(leaf=leaf, index=index, size=size, path=path) != expected:
        raise ProofError(
            "tree.inclusion",
            f"Leaf {index} is not under the root of size {size}.",
            hint="The entry, the path or the checkpoint is not the one that was logged.",
        )


def reach_root(*, leaf: bytes, index: int, size: int, path: Sequence[bytes]) -> bytes:
    """Return the root, 32 bytes, that an inclusion path leads to; the caller must compare it.

    Errors and arguments are those of `check_inclusion`.
    """
    check_hashes((leaf, *path))
    if not 0 <= index < size:
        raise ProofError(
            "tree.index",
            f"Leaf {index} is not in a tree of {size} leaves.",
            hint="Take index and size from the checkpoint, not from the proof.",
        )
    inner = (index ^ (size - 1)).bit_length()
    border = (index >> inner).bit_count()
    _check_length(path, expected=inner + border)
    reached = leaf
    for level, sibling in enumerate(path[:inner]):
        is_right = index >> level & 1
        reached = node_hash(sibling, reached) if is_right else node_hash(reached, sibling)
    for sibling in path[inner:]:
        reached = node_hash(sibling, reached)
    return reached


def check_consistency(
    *, old_size: int, old_root: bytes, size: int, root: bytes, path: Sequence[bytes]
) -> None:
    """Raise ProofError unless the tree of `size` is the tree of `old_size` with leaves appended.

    Roots and nodes are 32 bytes, else MalformedError; sizes come from the verifier's side. Size 0
    is refused: every tree extends the empty one, so callers decide that without a proof. Equal
    sizes demand equal roots and an empty path, and nothing is hashed (RFC 9162, 2.1.4.2).
    """
    if not 0 < old_size <= size:
        raise ProofError(
            "tree.size",
            f"A tree of {size} leaves cannot extend one of {old_size}.",
            hint="Compare a larger tree with a smaller one that is not empty.",
        )
    if old_size == size:
        _check_length(path, expected=0)
        reached_old, reached = old_root, old_root
    else:
        check_hashes((old_root, root, *path))
        reached_old, reached = _climb(old_size=old_size, size=size, old_root=old_root, path=path)
    if reached_old != old_root or reached != root:
        raise ProofError(
            "tree.consistency",
            f"The tree of {size} leaves does not extend the one of {old_size}.",
            hint="Keep both checkpoints and ask for the path again: a false path proves no fork.",
        )


def check_hashes(hashes: Iterable[bytes]) -> None:
    """Raise MalformedError unless every item has 32 bytes."""
    for item in hashes:
        if len(item) != HASH_SIZE:
            raise MalformedError(
                "tree.hash-size",
                f"A hash has {len(item)} bytes instead of {HASH_SIZE}.",
                hint="Ask for the proof again; this one was cut or padded.",
            )


def _climb(
    *, old_size: int, size: int, old_root: bytes, path: Sequence[bytes]
) -> tuple[bytes, bytes]:
    """Return the old and the new root that a consistency path of the right length leads to."""
    # (1) The path starts with the largest complete subtree that ends at the old size. When the old
    # size is a power of two, that is the whole old tree, whose root is known and not sent.
    shift = (old_size & -old_size).bit_length() - 1
    is_sent = old_size != 1 << shift
    turn = ((old_size - 1) ^ (size - 1)).bit_length()
    inner, border = turn - shift, ((old_size - 1) >> turn).bit_count()
    _check_length(path, expected=inner + border + is_sent)
    reached_old = reached = path[0] if is_sent else old_root
    rest = path[1:] if is_sent else path
    # (2) Inside, a right child moves both roots and a left child only the new one.
    position = (old_size - 1) >> shift
    for level, sibling in enumerate(rest[:inner]):
        if position >> level & 1:
            reached_old = node_hash(sibling, reached_old)
            reached = node_hash(sibling, reached)
        else:
            reached = node_hash(reached, sibling)
    # (3) Along the left border every sibling stands under both roots.
    for sibling in rest[inner:]:
        reached_old = node_hash(sibling, reached_old)
        reached = node_hash(sibling, reached)
    return reached_old, reached


def _check_length(path: Sequence[bytes], *, expected: int) -> None:
    if len(path) != expected:
        raise ProofError(
            "tree.path-length",
            f"The path has {len(path)} hashes instead of {expected}.",
            hint="Index and size fix the length: ask for the proof of this leaf and this size.",
        )
