"""The state map: a Merkle map from every subject's path to the hash of its record.

Owns the map, its overlays and its proofs (docs/formats/state-map.md). It must never know what a
record says or who asks. Subtrees are immutable (`subtrees.py`), so an overlay shares all that it
does not change: dropping it costs nothing, and readers keep the map that they started from.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Iterator, Mapping
from hashlib import sha256
from typing import TypeAlias

from ledger.errors import MalformedError, ProofError, UsageError
from ledger.log import subtrees
from ledger.log.subtrees import EMPTY, HASH_SIZE, Hashed, bit, inner_hash, leaf_hash

DEPTH_MAX = 256

StateProof: TypeAlias = list[object]
"""`[depth, bitmap, [sibling, …]]`; a fourth item says that the subject is absent: None for an empty
place, else `[path, record hash]` of the other subject there. The plain form that is encoded."""


def state_path(ledger_id: bytes, kind: str, name: str) -> bytes:
    """Return SHA-256(0x05 ‖ ledger id ‖ kind ‖ 0x00 ‖ name), 32 bytes; kind and name in UTF-8."""
    return sha256(b"\x05" + ledger_id + kind.encode() + b"\x00" + name.encode()).digest()


class StateMap:
    """The map after the last closing, compact in memory: about 120 bytes for a subject."""

    __slots__ = ("_hashed",)

    def __init__(self) -> None:
        self._hashed: Hashed = EMPTY, None

    @classmethod
    def from_items(cls, items: Iterable[tuple[bytes, bytes]]) -> StateMap:
        """Return the map of (path, record hash) pairs, 32 bytes each, in any order.

        Raises MalformedError for another length or a path that comes twice.
        """
        rows = sorted(_row(path, record_hash) for path, record_hash in items)
        for row, following in itertools.pairwise(rows):
            if row[:HASH_SIZE] == following[:HASH_SIZE]:
                raise MalformedError(
                    "state-map.duplicate", f"The path {row[:HASH_SIZE].hex()} comes twice."
                )
        built = cls()
        built._hashed = subtrees.build(rows, 0, len(rows), depth=0)
        return built

    def root(self) -> bytes:
        """Return the root of the map, 32 bytes; 32 zero bytes for an empty map."""
        return self._hashed[0]

    def get(self, path: bytes) -> bytes | None:
        """Return the record hash at `path` (32 bytes), or None where no such subject stands."""
        return _find(self._hashed, path)

    def items(self) -> Iterator[tuple[bytes, bytes]]:
        """Yield every (path, record hash) in the order of the paths."""
        for row in subtrees.walk(self._hashed[1]):
            yield row[:HASH_SIZE], row[HASH_SIZE:]

    def prove(self, path: bytes) -> StateProof:
        """Return the proof that the subject at `path` is present with its record, or absent."""
        return _prove(self._hashed, path)

    def overlay(self) -> StateMapOverlay:
        """Return changes on top of this map; drop it to forget them, `commit` to keep them."""
        return StateMapOverlay(self)

    def apply(self, changes: Mapping[bytes, bytes]) -> bytes:
        """Set the record hashes of `changes` (path to record hash) and return the new root."""
        overlay = self.overlay()
        for path, record_hash in changes.items():
            overlay.set(path, record_hash)
        overlay.commit()
        return self.root()

    def copy(self) -> StateMap:
        """Return a map that changes on its own, in constant time."""
        copied = StateMap()
        copied._hashed = self._hashed
        return copied


class StateMapOverlay:
    """Changes on top of a map, which stays as it is until `commit`."""

    __slots__ = ("_base", "_hashed", "_map", "_pending")

    def __init__(self, statemap: StateMap) -> None:
        self._map = statemap
        self._base = self._hashed = statemap._hashed
        self._pending: dict[bytes, bytes] = {}

    def set(self, path: bytes, record_hash: bytes) -> None:
        """Set the record hash of the subject at `path`; both 32 bytes, else MalformedError."""
        _row(path, record_hash)
        self._pending[path] = record_hash

    def root(self) -> bytes:
        """Return the root with all changes so far, 32 bytes."""
        return self._settled()[0]

    def get(self, path: bytes) -> bytes | None:
        """Return the record hash at `path` with all changes so far, or None."""
        return _find(self._settled(), path)

    def prove(self, path: bytes) -> StateProof:
        """Return the proof of `path` against the root with all changes so far."""
        return _prove(self._settled(), path)

    def commit(self) -> None:
        """Make the changes part of the map.

        Raises UsageError, and changes nothing, when the map moved since the overlay was made.
        """
        if self._map._hashed is not self._base:
            raise UsageError(
                "state-map.overlay-stale",
                "The state map moved since this overlay was made.",
                hint="Drop the overlay and judge the block again on the present state.",
            )
        self._map._hashed = self._base = self._settled()

    def _settled(self) -> Hashed:
        if self._pending:
            rows = sorted(path + record_hash for path, record_hash in self._pending.items())
            self._hashed = subtrees.change(self._hashed[1], rows, 0, len(rows), depth=0)
            self._pending = {}
        return self._hashed


def check_state_proof(
    *, path: bytes, record_hash: bytes | None, proof: object, root: bytes
) -> None:
    """Raise unless `proof` shows that the subject at `path` has the record, or is absent (None).

    `path`, `record_hash` and `root` are 32 bytes and come from the verifier's side: the path from
    ledger id, kind and name, the root from a closing. `proof` is a decoded StateProof:
    MalformedError for a wrong form, ProofError when it does not lead to `root`
    (docs/formats/state-map.md).
    """
    _check_size(path, "path")
    _check_size(root, "root")
    depth, bitmap, siblings, absence = _parse_proof(proof)
    if (record_hash is None) != bool(absence):
        said = "absent" if absence else "present"
        raise ProofError("state-proof.kind", f"The proof says that the subject is {said}.")
    if record_hash is not None:
        reached = leaf_hash(_row(path, record_hash))
    else:
        reached = _absent_hash(absence[0], path=path, depth=depth)
    following = iter(siblings)
    for level in range(depth - 1, -1, -1):
        sibling = next(following) if bit(bitmap, level) else EMPTY
        pair = (sibling, reached) if bit(path, level) else (reached, sibling)
        reached = inner_hash(*pair)
    if reached != root:
        raise ProofError(
            "state-proof.root",
            "The proof does not lead to the root of the state map.",
            hint="Proof, record and closing must be of the same block.",
        )


def _parse_proof(proof: object) -> tuple[int, bytes, list[bytes], tuple[object, ...]]:
    """Return depth, bitmap, siblings and the absence item, if any, of a proof in its one form."""
    if not isinstance(proof, list) or len(proof) not in {3, 4}:
        raise _malformed("items", "A state proof is a list of three or four items.")
    depth, bitmap, siblings, *absence = proof
    if type(depth) is not int or not 0 <= depth <= DEPTH_MAX:
        raise _malformed("depth", f"The depth is not a number from 0 to {DEPTH_MAX}.")
    if not isinstance(bitmap, bytes) or len(bitmap) != (depth + 7) // 8:
        raise _malformed("bitmap", f"The bitmap of depth {depth} has another length.")
    bits = int.from_bytes(bitmap, "big")
    if bits & ((1 << -depth % 8) - 1):
        raise _malformed("spare-bits", "A spare bit of the bitmap is set.")
    if not isinstance(siblings, list) or len(siblings) != bits.bit_count():
        raise _malformed("siblings", "The siblings are not one for each bit of the bitmap.")
    for sibling in siblings:
        _check_size(sibling, "sibling")
        if sibling == EMPTY:
            raise _malformed("empty-sibling", "An empty sibling is sent.")
    return depth, bitmap, siblings, tuple(absence)


def _absent_hash(other: object, *, path: bytes, depth: int) -> bytes:
    """Return the hash of the place where `path` would stand: empty, or another subject's."""
    if other is None:
        return EMPTY
    if not isinstance(other, list) or len(other) != 2:
        raise _malformed("other", "The other subject is not a path and a record hash.")
    other_path, other_hash = other
    _check_size(other_path, "other path")
    _check_size(other_hash, "other record hash")
    if other_path == path:
        raise _malformed("other-same", "The other subject is the subject itself.")
    apart = int.from_bytes(other_path, "big") ^ int.from_bytes(path, "big")
    if apart >> (DEPTH_MAX - depth):
        raise _malformed("other-elsewhere", "The other subject stands at another place.")
    return leaf_hash(other_path + other_hash)


def _malformed(what: str, message: str) -> MalformedError:
    return MalformedError(f"state-proof.{what}", message, hint="Ask for the proof again.")


def _check_size(value: object, what: str) -> None:
    if not isinstance(value, bytes) or len(value) != HASH_SIZE:
        raise _malformed("size", f"The {what} does not have {HASH_SIZE} bytes.")


def _row(path: bytes, record_hash: bytes) -> bytes:
    if len(path) != HASH_SIZE or len(record_hash) != HASH_SIZE:
        raise MalformedError(
            "state-map.size", f"A path and a record hash have {HASH_SIZE} bytes each."
        )
    return path + record_hash


def _find(hashed: Hashed, path: bytes) -> bytes | None:
    _check_size(path, "path")
    return subtrees.find(hashed[1], path)


def _prove(hashed: Hashed, path: bytes) -> StateProof:
    _check_size(path, "path")
    down, row = subtrees.descend(hashed[1], path)
    bitmap = bytearray((len(down) + 7) // 8)
    for depth, sibling in enumerate(down):
        if sibling != EMPTY:
            bitmap[depth >> 3] |= 0x80 >> (depth & 7)
    siblings = [sibling for sibling in reversed(down) if sibling != EMPTY]
    proof: StateProof = [len(down), bytes(bitmap), siblings]
    if row is None:
        proof.append(None)
    elif not row.startswith(path):
        proof.append([row[:HASH_SIZE], row[HASH_SIZE:]])
    return proof
